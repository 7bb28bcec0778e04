#!/bin/sh
# A smoke test of the whole system for a CI pipeline: migrates $DATABASE_URL, starts the engine, runs a task,
# dry-runs the weekly maintenance, and writes the morning report as JUnit. Exits with 0 only if every step
# succeeds. BASELINE=1 adds the performance baseline; use it on a machine that is otherwise idle.
#
#   DATABASE_URL=postgresql://postgres@127.0.0.1/smoke examples/ci/smoke.sh reports
set -eu

reports=${1:-reports}
here=$(dirname "$0")
export ORDCTL_CONFIG="$here/ordctl.yaml"
mkdir -p "$reports"

ordctl migrate --yes
ordctl serve >"$reports/serve.log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null; wait "$engine" || true' EXIT

tries=0
until ordctl health morning --only endpoints --quiet >"$reports/ready.txt"; do
    tries=$((tries + 1))
    if ! kill -0 "$engine" 2>/dev/null || [ "$tries" -gt 60 ]; then
        echo "the engine is not ready" >&2
        cat "$reports/ready.txt" "$reports/serve.log" >&2
        exit 2
    fi
    sleep 1
done

task=$(ordctl task create --file "$here/task.yaml" --yes)
ordctl task run "$task" --wait --yes
ordctl maintain weekly --dry-run >"$reports/weekly.txt"
[ -z "${BASELINE:-}" ] || ordctl baseline --yes -p duration=5s -o junit >"$reports/baseline.xml"
# The disks belong to the CI runner, not to the system under test.
ordctl health morning --skip disk -o junit >"$reports/morning.xml"

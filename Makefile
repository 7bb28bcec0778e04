# The targets of the project. README shows `make demo` and `make test` first.
.PHONY: demo test lint bench deps bless fuzz-api install dist

CARGO ?= cargo
# clippy-driver compiles like rustc and lints on the way, so lint and test share one build.
export RUSTC_WORKSPACE_WRAPPER := $(shell command -v clippy-driver)
export CLIPPY_ARGS := -Dwarnings
# Most tests wait for servers, so more of them run at once than there are processors.
export RUST_TEST_THREADS ?= 4

# Starts `serve` on a temporary PostgreSQL that holds a plausible day, runs three tasks through the HTTP API,
# prints their runs and the morning report, and stops.
demo:
	.ci/deps postgres
	$(CARGO) run --quiet --locked -- demo

# Tests run against real servers, which they start themselves. ORDCTL_TEST_WITHOUT=docker,redis leaves out the
# tests that need these systems (also prometheus, alertmanager, pgbouncer, faketime, systemd) and counts them.
test: deps
	@rm -f target/tmp/left-out
	$(CARGO) test --locked
	@if [ -s target/tmp/left-out ]; then wc -l <target/tmp/left-out | sed 's/$$/ tests left out:/'; cat target/tmp/left-out; fi

lint:
	@command -v clippy-driver >/dev/null || { echo "clippy is missing: rustup component add clippy" >&2; exit 1; }
	$(CARGO) fmt --check
	$(CARGO) build --locked --all-targets

# Prints ratios against a reference that is measured in the same run.
bench: deps
	$(CARGO) bench --locked --bench report --bench drain --bench cleanup

# Checks the HTTP API against /openapi.json with Schemathesis, which pip installs into target/schemathesis. Takes minutes
# and needs the network, so `make test` leaves it out; a fuzzer of its own, tests/api/fuzz.rs, is part of `make test`.
# SEEDS repeats runs, EXAMPLES sets the number of examples per route.
fuzz-api:
	.ci/deps postgres
	$(CARGO) build --locked --bin ordctl
	tests/schemathesis/run $(SEEDS)

# Installs the program, completions and manual pages. `make install PREFIX=/usr DESTDIR=/tmp/root` puts them below another
# root, as packagers do.
PREFIX ?= /usr/local
install:
	$(CARGO) build --release --locked --bin ordctl
	.ci/package install target/release/ordctl "$(DESTDIR)" "$(PREFIX)"

# Writes a .tar.gz, a .deb and a container image to target/dist. They are static if the musl target is installed.
dist:
	.ci/package dist target/dist

# Installs missing programs with the system's package manager.
deps:
	.ci/deps

# Rewrites the files that are generated from the program: completions, the manual page, the JSON Schema of
# runbooks and the transcripts in tests/transcripts.
bless:
	ORDCTL_BLESS=1 $(CARGO) test --locked

# Start with `make demo` and `make test`.
.PHONY: demo test lint bench deps bless

CARGO ?= cargo

# Starts `serve` on a temporary PostgreSQL, runs three tasks through its HTTP API, prints their runs and
# the morning report, and stops it.
demo:
	.ci/deps postgres
	$(CARGO) run --quiet --locked -- demo

# The tests start real servers. ORDCTL_TEST_WITHOUT=docker,redis,prometheus,alertmanager,pgbouncer leaves
# out the tests that need these systems and counts them.
test: deps
	@rm -f target/tmp/left-out
	$(CARGO) test --locked
	@if [ -s target/tmp/left-out ]; then wc -l <target/tmp/left-out | sed 's/$$/ tests left out:/'; cat target/tmp/left-out; fi

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

# Prints ratios to a reference that is measured in the same run.
bench: deps
	$(CARGO) bench --locked --bench report --bench drain --bench cleanup

# Installs missing programs with the system's package manager.
deps:
	.ci/deps

# Writes everything that is generated from the program: completions, the manual page, the JSON Schema of
# runbooks, the transcripts in tests/transcripts.
bless:
	ORDCTL_BLESS=1 $(CARGO) test --locked

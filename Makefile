# Every target of the project. `make demo` and `make test` are the two that README shows first.
.PHONY: demo test lint bench deps bless

CARGO ?= cargo

# Starts `serve` on a throw-away PostgreSQL that holds a plausible day, runs three tasks through its
# HTTP API, prints their runs and then the morning report of that system, stops it.
demo:
	.ci/deps postgres
	$(CARGO) run --quiet --locked -- demo

# Real servers, started by the tests themselves. ORDCTL_TEST_WITHOUT=docker,redis leaves out the tests
# that need these, here also prometheus, alertmanager and pgbouncer, and says how many they were.
test: deps
	@rm -f target/tmp/left-out
	$(CARGO) test --locked
	@if [ -s target/tmp/left-out ]; then wc -l <target/tmp/left-out | sed 's/$$/ tests left out:/'; cat target/tmp/left-out; fi

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

# Ratios against a reference that is measured in the same run.
bench: deps
	$(CARGO) bench --locked --bench report --bench drain --bench cleanup

# Installs what is missing with the system's package manager.
deps:
	.ci/deps

# Writes anew what is made from the program itself: completions, the manual page, the schema of runbooks.
bless:
	ORDCTL_BLESS=1 $(CARGO) test --locked

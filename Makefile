# Set-up speaks on standard error only: the standard output of `make run` belongs to the events.

PYTHON ?= python3
KILLS ?= 20
BIN := .venv/bin
PLUGINS := plugins/orderport-sqlite plugins/orderport-redis
LOCKED := .venv/.locked
READY := .venv/.ready
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" pyproject.toml
LOCK := $(COMPILE) --group dev --extra contract --output-file
BENCH_LOCK := $(COMPILE) --group bench --constraint requirements.lock --output-file

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(READY) ## Install everything into .venv
	@:

# Only where it is given to make: a DATA in the environment may be anybody's.
ifeq "$(origin DATA)" "command line"
run: export ORDERPORT_STORAGE = sqlite
run: export ORDERPORT_SQLITE_PATH = $(value DATA)
else
run: export ORDERPORT_STORAGE = memory
endif

.PHONY: run
run: $(READY) ## Serve on 127.0.0.1:8000, in memory or in a file (DATA=shop.db); each event is a line of JSON
	@exec env ORDERPORT_EVENTS=memory $(BIN)/orderport serve

.PHONY: stack
stack: $(READY) ## Serve on a MongoDB replica set and a Kafka of its own, until Ctrl-C
	@exec $(BIN)/python -m tests.servers.stack

.PHONY: test
test: $(READY) ## Run every test; the unit tests alone must reach every branch of the core
	@status=0; \
	$(BIN)/pytest tests/unit --cov=core --cov-branch --cov-fail-under=100 || status=1; \
	$(BIN)/pytest --ignore=tests/unit || status=1; \
	exit $$status

.PHONY: outage
outage: $(READY) ## Print what an outage of Kafka costs, with BACKLOG=100000 orders waiting; takes minutes
	@exec $(BIN)/python -m tests.faults.outage_figures --backlog $(or $(BACKLOG),100000)

.PHONY: soak
soak: $(READY) ## Kill processes of the service KILLS times under load, 20 unless told, and count what went wrong
	@exec $(BIN)/python -m tests.faults.soak --kills $(KILLS)

# A pin keeps its version here, so newer releases make no difference, nor do files added to a pinned one.
.PHONY: check
check: $(READY) ## Check format, lint, types, the rules of the house, the specifications, the dependencies
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry .
	@set -e; export MYPY_CACHE_DIR=$(CURDIR)/.mypy_cache/plugins; for plugin in $(PLUGINS); do \
		cd $(CURDIR)/$$plugin; $(CURDIR)/$(BIN)/mypy; $(CURDIR)/$(BIN)/deptry .; done
	@tests/contract/lint/lint
	@cp requirements.lock .venv/fresh.lock && $(LOCK) .venv/fresh.lock
	@diff -I '^ *--hash=' requirements.lock .venv/fresh.lock || { echo 'requirements.lock is stale: make lock' >&2; exit 1; }
	@cp benchmarks/requirements.lock .venv/fresh.lock && $(BENCH_LOCK) .venv/fresh.lock
	@diff -I '^ *--hash=' benchmarks/requirements.lock .venv/fresh.lock || \
		{ echo 'benchmarks/requirements.lock is stale: make lock' >&2; exit 1; }

.PHONY: format
format: $(READY) ## Format the code, and mend what the linter can
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

.PHONY: lock
lock: $(READY) ## Pin what pyproject.toml asks for; present pins stay, or move with UPGRADE=--upgrade
	@$(LOCK) requirements.lock $(UPGRADE)
	@$(BENCH_LOCK) benchmarks/requirements.lock $(UPGRADE)

.PHONY: bench
bench: $(BENCH_READY) ## Measure the service beside two others, on real servers; about 20 minutes
	@$(BENCH)/bin/python -m benchmarks $(BENCH_OPTIONS)

.PHONY: bench-quick
bench-quick: $(BENCH_READY) ## The same in brief, under 3 minutes
	@$(BENCH)/bin/python -m benchmarks --quick $(BENCH_OPTIONS)

.PHONY: mutants
mutants: $(READY) ## Change the memory adapter in every way there is, and see that the kit notices: some minutes
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --group mutants --constraint requirements.lock >&2
	@exec $(BIN)/python -m tests.kit.mutants

.PHONY: clean
clean: ## Remove all that the other targets made
	@rm -rf .venv .venv-bench .coverage .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist mutants
	@find . \( -name __pycache__ -o -name .hypothesis \) -type d -prune -exec rm -rf {} +

# The mark names the folder: a half-made .venv has none, a copied or moved one the wrong one; both are made anew.
ifneq "$(shell cat $(LOCKED) 2>/dev/null)" "$(CURDIR)"
.PHONY: $(LOCKED)
endif

$(LOCKED): requirements.lock
	@exec >&2; set -e; \
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Orderport needs Python 3.11 or newer")'; \
	echo 'Setting up .venv; the first time may take a minute'; \
	test "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" || $(PYTHON) -m venv --clear .venv; \
	rm -f $@; \
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement /dev/stdin; \
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --no-build --require-hashes requirements.lock; \
	echo "$(CURDIR)" > $@

# What is measured has an environment of its own, with the others' dependencies and without the tests'.
$(BENCH_READY): $(READY) benchmarks/requirements.lock
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(BENCH) >&2
	@$(BIN)/uv pip sync --quiet --python $(BENCH)/bin/python --no-build --require-hashes benchmarks/requirements.lock >&2
	@$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python --no-deps --no-build-isolation --editable . >&2
	@touch $@

$(READY): $(LOCKED) pyproject.toml $(PLUGINS:=/pyproject.toml)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
		$(addprefix --editable ,. $(PLUGINS)) >&2
	@touch $@

# Set-up speaks on standard error only: the standard output of `make run` belongs to the events.

PYTHON ?= python3
KILLS ?= 20
BIN := .venv/bin
LOCKED := .venv/.locked
READY := .venv/.ready
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --group dev --custom-compile-command "make lock" \
	pyproject.toml --output-file

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-8s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(READY) ## Install everything into .venv
	@:

.PHONY: run
run: $(READY) ## Serve on 127.0.0.1:8000, all in memory; one line of JSON on standard output for each event
	@exec env ORDERPORT_STORAGE=memory ORDERPORT_EVENTS=memory $(BIN)/orderport serve

.PHONY: stack
stack: $(READY) ## Serve on a MongoDB replica set and a Kafka of its own, until Ctrl-C
	@exec $(BIN)/python -m tests.servers.stack

.PHONY: test
test: $(READY) ## Run every test; the unit tests alone must reach every branch of the core
	@status=0; \
	$(BIN)/pytest tests/unit --cov=core --cov-branch --cov-fail-under=100 || status=1; \
	$(BIN)/pytest --ignore=tests/unit || status=1; \
	exit $$status

.PHONY: soak
soak: $(READY) ## Kill processes of the service KILLS times under load, 20 unless told, and count what went wrong
	@exec $(BIN)/python -m tests.faults.soak --kills $(KILLS)

# A pin keeps its version here, so newer releases make no difference, nor do files added to a pinned one.
.PHONY: check
check: $(READY) ## Check format, lint, types, the rules of the house, the dependencies and their lock
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry .
	@cp requirements.lock .venv/fresh.lock && $(LOCK) .venv/fresh.lock
	@diff -I '^ *--hash=' requirements.lock .venv/fresh.lock || { echo 'requirements.lock is stale: make lock' >&2; exit 1; }

.PHONY: format
format: $(READY) ## Format the code, and mend what the linter can
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

.PHONY: lock
lock: $(READY) ## Pin what pyproject.toml asks for; present pins stay, or move with UPGRADE=--upgrade
	@$(LOCK) requirements.lock $(UPGRADE)

.PHONY: clean
clean: ## Remove all that the other targets made
	@rm -rf .venv .coverage .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
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
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --no-build --require-hashes requirements.lock; \
	echo "$(CURDIR)" > $@

$(READY): $(LOCKED) pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . >&2
	@touch $@

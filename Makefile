# Everything a newcomer or the build runs; `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install demo test check test-contract test-faults test-lives test-ledger-kill test-attacks bench lock clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first of these that is Python 3.11 or newer makes the virtual environment; `make install PYTHON=...` names another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
# Where the environment forbids to keep bytecode, each of the hundred processes that tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=
LIVES ?= 100000
ATTACKS ?= 500

# Fails on a known vulnerability; where the advisories cannot be reached it says so in one line and goes on.
define AUDIT
found=$$($(BIN)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r requirements.lock 2>&1) && echo "pip-audit: $$found" || \
case "$$found" in \
*"known vulnerabilit"*) echo "$$found"; exit 1 ;; \
*) echo "pip-audit: the advisories cannot be reached from here, so nothing was looked up ($$(echo "$$found" | tail -n 1))" ;; \
esac
endef

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## makes .venv with exactly the locked packages

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make install: Python 3.11 or newer is needed and none was found." \
		"Install one, or name it: make install PYTHON=/path/to/python3" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make install: $(PYTHON) is older than Python 3.11." \
		"Name a newer one: make install PYTHON=/path/to/python3" >&2; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); echo "make install: the virtual environment could not be made." \
		"On Debian or Ubuntu install python3-venv, then run make install again." >&2; exit 2; }
	@echo "Installing the locked packages (about a minute the first time) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { \
		echo "make install: the packages could not be installed; the reason stands above. They come over the network, or from a folder" \
		"of wheels named in PIP_FIND_LINKS. Then run make install again." >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: install ## starts a city, feeds it applications through all stages, replays one (ARGS="--once")
	@$(BIN)/jejak demo $(ARGS)

test: install ## runs the tests, with a real PostgreSQL and a real Kafka on this machine (ARGS="-k name")
	@$(BIN)/python -m pytest $(ARGS)

check: install ## format, lint, types, architecture, dependencies, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	@$(AUDIT)
	$(BIN)/python -m pytest tests/contract

test-contract: install ## the events' golden files and schemas alone
	@$(BIN)/python -m pytest tests/contract $(ARGS)

test-faults: install ## kills services, Kafka and PostgreSQL under load and looks for a loss
	@$(BIN)/python -m pytest -m faults $(ARGS)

test-lives: install ## random lives of applications through all services, pure (LIVES=100000)
	@JEJAK_LIVES=$(LIVES) $(BIN)/python -m pytest tests/model $(ARGS)

test-ledger-kill: install ## kills the ledger again and again while it appends
	@$(BIN)/python -m pytest -m ledger_kill $(ARGS)

test-attacks: install ## alters the ledger's database and every file of its log, and looks whether it is found out (ATTACKS=500)
	@JEJAK_ATTACKS=$(ATTACKS) $(BIN)/python -m pytest tests/integration/test_attacks.py tests/integration/test_keys.py $(ARGS)

bench: install ## measures ratios against the raw limits of this machine
	@$(BIN)/python -m bench $(ARGS)

lock: ## renews requirements.lock from pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 \
		--custom-compile-command "make lock" --group dev --group build -o requirements.lock pyproject.toml

clean: ## removes the virtual environment, caches and the local city's data
	@test ! -d .jejak || test ! -x $(BIN)/jejak || $(BIN)/jejak down
	@rm -rf $(VENV) .jejak .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist

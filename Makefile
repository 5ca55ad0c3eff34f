# Roadworthy. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPAS := .cache/compas/compas-scores-two-years.csv
# H021 is about style attributes. The report is one file with its sheet inside, and sets a counter's start per list.
NOT_LINTED := H021
# Pages of the server: H015 wants line breaks after headings, H043 a type on buttons that submit, which is what they do.
NOT_LINTED_SERVER := H015,H043
FAST := not data and not model and not browser and not slow and not stress and not extra and not peer
EXTRAS := .venv-extras
PEERS := deepeval every-eval-ever inspect lm-eval oidc promptfoo
POSTGRES ?= $(ROADWORTHY_TEST_DATABASE_URL)
HEAVY_PEERS := garak pyrit

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all test-postgres snapshot test-extras peers test-peers check bench docs audit clean distclean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make the virtual environment from the lock

$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; run: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(EXTRAS)/.ready: requirements/extras.lock pyproject.toml
	$(PYTHON) -m venv $(EXTRAS)
	$(EXTRAS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/extras.lock
	$(EXTRAS)/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(COMPAS): | $(READY)
	@$(BIN)/python examples/setup.py compas

demo: $(READY) ## run the whole loop on the example systems
	@$(BIN)/python examples/setup.py
	@$(BIN)/python examples/demo.py

test: $(READY) $(COMPAS) ## run the tests that need nothing but this machine
	$(BIN)/python -m pytest -n auto -m "$(FAST)"

test-all: $(READY) $(COMPAS) ## run also the tests of recorded runs, the live model, the browser, the slow ones
	@$(BIN)/python examples/setup.py
	$(BIN)/python -m pytest -n auto -m "not extra and not peer and not stress"

test-postgres: $(READY) ## run the tests of the server on PostgreSQL; POSTGRES=postgres://user@host:5432/name
	ROADWORTHY_TEST_DATABASE_URL=$(POSTGRES) $(BIN)/python -m pytest -n auto -m "$(FAST)" tests/server

snapshot: $(READY) ## keep a small server of this version, for tests of upgrades; once for each release, on both databases
	ROADWORTHY_TEST_DATABASE_URL= $(BIN)/python tests/server/upgrade/released.py
	ROADWORTHY_TEST_DATABASE_URL=$(POSTGRES) $(BIN)/python tests/server/upgrade/released.py

test-stress: $(READY) ## run the long tests of the server: races, kills, hostile bundles, the demo, every role at every door, schemathesis, every state of every page
	$(BIN)/python -m pytest -n auto -m "stress and not browser" tests/server
	$(BIN)/python -m pytest -m "stress and browser" tests/server/pages

test-extras: $(EXTRAS)/.ready ## run the tests of the optional libraries: Ray, ibis on DuckDB, Spark and PostgreSQL
	$(EXTRAS)/bin/python -m pytest -m extra

peers: ## install the tools of others, for tests against them; HEAVY=1 adds garak and PyRIT
	@PYTHON=$(PYTHON) requirements/peers/install.sh $(PEERS) $(if $(HEAVY),$(HEAVY_PEERS))

test-peers: $(READY) peers ## run the tests against the tools of others: Inspect, promptfoo, DeepEval, lm-eval; HEAVY=1 adds garak and PyRIT
	$(BIN)/python -m pytest -m peer $(if $(HEAVY),,-k "not garak and not pyrit")

check: $(READY) ## lint, format, types, import contract, templates, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src/roadworthy/documents/templates --extension j2 --profile jinja --ignore $(NOT_LINTED) --lint --quiet
	$(BIN)/djlint src/roadworthy/server --extension html --profile django --ignore $(NOT_LINTED_SERVER) --lint --quiet
	$(BIN)/python -m pytest tests/docs

bench: $(READY) ## measure speed and error rates; ONLY=name runs bench/name.py
	@set -e; for file in $(or $(ONLY:%=bench/%.py),$(sort $(wildcard bench/*.py))); do \
	  echo "== $$file"; $(BIN)/python $$file; done

docs: $(READY) ## rewrite the generated pages of docs/
	$(BIN)/python docs/generate.py

audit: $(READY) ## look the locked packages up among known vulnerabilities
	$(BIN)/python .ci/audit.py requirements/dev.lock

clean: ## remove reports, caches and the examples' evidence
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests examples bench docs -name __pycache__ -type d -prune -exec rm -rf {} +
	find examples -name .roadworthy -type d -prune -exec rm -rf {} +

distclean: clean ## also remove the environment and what was downloaded
	rm -rf $(VENV) $(EXTRAS) .cache

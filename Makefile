# Ladenbote. `make help` lists the targets; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELF ?= ../shared/data
WORKERS ?= 4
STAMP := $(VENV)/.ready
export SHELF

.PHONY: help setup demo run test test-all test-shelf check format browser php plugin bench lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## make .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Ladenbote needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

demo: setup  ## shops, WhatsApp and a phone, all pretend; the Ladenbote between them is real
	$(BIN)/ladenbote demo

run: setup  ## do the work, with settings.toml
	$(BIN)/ladenbote run

browser:  # Chromium for the browser tests: installed when this may be done, else said plainly
	@.ci/browser

php:  # PHP, MariaDB and WordPress for the plugin's tests, in the same way
	@.ci/php

test: setup browser php check  ## everything that must pass
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-all: setup browser php  ## the tests, those of flows on PostgreSQL, too; takes twice as long
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --all-databases

test-shelf: setup  ## extra tests over genuine data in $(SHELF)
	$(BIN)/python -m pytest tests/shelf

check: setup  ## format, lint, types, imports, templates, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet integration/web/templates integration/sandbox
	$(BIN)/python -m integration.i18n.check

format: setup  ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

plugin: setup  ## dist/ladenbote.zip, the companion plugin for WooCommerce
	$(BIN)/python wordpress/build.py dist/ladenbote.zip

bench: setup  ## measure; prints a table and writes benchmarks/results.json
	$(BIN)/python -m benchmarks

lock:  ## pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--universal --python-version 3.11 --quiet -o requirements.lock

clean:  ## remove what the targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .artifacts build *.egg-info

# Ladenbote. `make help` lists the targets; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELF ?= ../shared/data
WORKERS ?= 4
STAMP := $(VENV)/.ready
export SHELF

.PHONY: help setup demo run test test-all test-days test-shelf check format browser php plugin bench lock clean

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

#: a day and more than a year later, a leap day, both clock changes, and the ends of a week and of a year
DAYS ?= +1d +400d 2028-02-29T12:00:00+01:00 2027-03-28T01:58:00+01:00 2027-10-31T02:58:00+02:00 \
	2027-01-03T23:58:00+01:00 2026-12-31T23:58:00+01:00
#: the tests that ask what time it is
TIMED ?= tests/unit/whatsapp/test_whatsapp_number.py tests/unit/test_settings.py tests/unit/consent tests/unit/messages \
	tests/unit/automations tests/unit/costs tests/unit/sandbox/test_sandbox_bill.py \
	tests/unit/sandbox/test_sandbox_limits.py tests/flow/appointments tests/flow/alarms tests/flow/test_schedule.py \
	tests/web/appointments tests/web/dashboard

test-days: setup  ## the tests that ask for the time, at other times
	for at in $(DAYS); do echo "At $$at"; \
		LADENBOTE_TEST_AT=$$at $(BIN)/python -m pytest -n 2 --dist loadfile -q $(TIMED) || exit 1; done

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

# `make help` lists what there is. Everything runs from a bare checkout; set-up is skipped when nothing has changed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PACKAGES := kyodo_geo geodata maps api
# Test processes at once; each has a database server of its own.
TEST_PROCESSES ?= 2
# One module stays in one process. In the order of the folders: the many small modules of tests/unit come last and fill
# what the large ones of tests/api and tests/browser leave uneven.
PYTEST := $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder

.PHONY: help up test test-full setup setup-test setup-full lint format types suite layers docs calibrate bench-lookup bench-lookup-http bench-maps bench-facility bench-siting bench-bulk bench-server bench-national worked-example conformance lock clean audit sbom soak bench-exports \
	prove-bookworm

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

up: setup ## install what is missing, start the database and serve on http://127.0.0.1:8000
	@exec $(BIN)/kyodo-geo up

test: setup-test lint layers ## set-up, lint, layers, then types beside the default test suite
	@$(MAKE) --jobs=2 --output-sync=none types suite

suite: setup-test
	$(PYTEST) --hypothesis-profile=repeatable -m "not full"

test-full: setup-full lint types layers ## the long matrix too
	$(PYTEST)

setup:
	@.ci/system-packages run
	@.ci/python-env run

setup-test:
	@.ci/system-packages test
	@.ci/python-env test

setup-full: setup-test
	@.ci/system-packages full

lint: setup-test ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup-test ## rewrite the layout, fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup-test ## mypy
	$(BIN)/mypy

layers: setup-test ## import-linter
	$(BIN)/lint-imports

docs: setup-test ## rewrite the generated pages of docs/
	$(BIN)/python -m api.settings_page > docs/SETTINGS.md.new
	mv docs/SETTINGS.md.new docs/SETTINGS.md

calibrate: setup-test ## measure the lookup's confidence anew (needs ../shared/data); writes docs/CONFIDENCE.md
	$(BIN)/python -m bench.calibrate
	$(BIN)/ruff format --quiet kyodo_geo/lookup/calibration.py

conformance: setup-test ## run the conformance tests and the independent clients; writes docs/CONFORMANCE.md
	$(BIN)/python -m pytest -q --hypothesis-profile=repeatable --conformance-report=docs/CONFORMANCE.md tests/conformance

worked-example: setup-test ## take the pictures of docs/WORKED_EXAMPLE.md and docs/FACILITY_EXAMPLE.md anew, by walking their steps in Chromium
	KYODO_WORKED_EXAMPLES=docs/images $(BIN)/python -m pytest -q tests/browser/test_worked_example.py -k leads

bench-lookup: setup-test ## measure the address matcher against its bars and a peer (needs ../shared)
	$(BIN)/python -m bench.lookup

bench-lookup-http: setup-test ## CPU time of a lookup over HTTP; UP=process id of a running `kyodo-geo up`
	$(BIN)/python -m bench.lookup_http --up "$(UP)"

bench-maps: setup-test ## processor time and bytes of the map pages; UP=process id of a running `kyodo-geo up`
	$(BIN)/python -m bench.maps --up "$(UP)"

bench-server: setup-test ## measure our server beside tipg and pygeoapi on equal data; writes docs/BENCH_SERVER.md (about 10 minutes)
	$(BIN)/python -m bench.server --write docs/BENCH_SERVER.md $(BENCH)

bench-national: setup-test ## a synthetic country of 1,741 municipalities in a database of its own, measured against its size (25 GB, about 30 minutes)
	$(BIN)/python -m bench.national $(BENCH)

bench-facility: setup-test ## measure siting, reach and the report pages against their bars and peers (needs ../shared)
	$(BIN)/python -m bench.facility $(BENCH)

bench-bulk: setup-test ## bulk lookups and coverage with no, one and two Dask workers; writes docs/BENCH_BULK.md
	$(BIN)/python -m bench.bulk $(BENCH)

soak: setup-test ## mixed traffic for MINUTES (10) against a service of its own, with an import and an analysis; writes docs/SOAK.md
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),10) --write docs/SOAK.md $(BENCH)

bench-siting: bench-facility ## the same, under its former name

bench-exports: setup-test ## memory and time of every format with 2,000 and 200,000 generated rows
	@for format in geojson geojsonseq csv kml gpkg fgb parquet; do for rows in 2000 200000; do \
		$(BIN)/python -m bench.exports $$format --rows $$rows; done; done

# No index host and no path of this machine may get into the files (tests/test_architecture.py looks).
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
lock: ## make the two lock files again from pyproject.toml (needs uv)
	$(UV_COMPILE) pyproject.toml --group build -o requirements.lock
	$(UV_COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

audit: setup-test ## known vulnerabilities of the run lock (pip-audit); status 2 where the service cannot be reached
	$(BIN)/python -m bench.supply.audit $(AUDIT)

sbom: setup-test ## bill of materials (CycloneDX) of the run lock and the Debian packages: dist/sbom.cdx.json
	$(BIN)/python -m bench.supply.sbom dist/sbom.cdx.json

prove-bookworm: ## as root: make up and make test in an empty Debian 12 folder
	.ci/prove-bookworm

clean: ## remove caches and build results; the database and .venv stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

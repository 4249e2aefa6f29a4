# The commands that people type. What they run is in the Snakefile.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick lint lock

PYTHON ?= python3
BIN := .venv/bin
PAGE := reports/synthcity.html
# Two processes of one thread each: few tests use a second core, and two networks on the same cores are many times slower.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

help:  ## list these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1	\2/p' $(MAKEFILE_LIST)

setup: .venv/installed  ## the environment in .venv, nothing else

# --no-deps: the lock is complete, and two packages in it ask for others that must not be there (see pyproject.toml).
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 13) or sys.exit("error: $(PYTHON) is Python %d.%d; SegRepro needs 3.11 or 3.12. Name one: make PYTHON=python3.11 ..." % v)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## train, evaluate and show a small network on the embedded dataset
	@$(BIN)/snakemake --cores all $(PAGE) || { status=$$?; \
		[ -z "$$(ls -A .snakemake/locks 2>/dev/null)" ] || echo "If no other snakemake runs in this folder, the killed one left a lock: $(BIN)/snakemake --unlock && make demo"; \
		exit $$status; }
	@echo "The page: $(CURDIR)/$(PAGE)"

test: setup  ## all tests; without SEGREPRO_MIRROR those that need real data are skipped by name
	$(PYTEST)

test-quick: setup  ## the tests that train nothing and need no Snakemake, browser or Slurm: a few minutes
	$(PYTEST) -m "not slow"

lint: setup  ## style, types, the direction of imports, and the workflow's rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint
	$(BIN)/mypy
	$(BIN)/lint-imports

# Without pip: an environment brings its own, which would replace itself while it installs.
lock: setup  ## pin every package by version and sha256, from pyproject.toml
	$(BIN)/uv pip compile --upgrade --group dev --no-emit-package pip --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --upgrade --no-deps --group schedulers --generate-hashes --no-emit-index-url --no-header --quiet --output-file tests/schedulers.lock

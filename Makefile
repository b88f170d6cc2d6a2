# Two commands do everything on a machine with Python 3.11+ and make: `make demo` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# the newest Python that runs (a shim of a version manager may be there and not run)
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
VENV ?= .venv
BIN := $(VENV)/bin

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "no Python >= 3.11 found; set PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,lab]'
	touch $@

demo: $(VENV)/.run ## both flasks and devices of the paper beside every number it prints (demo/report.html)
	$(BIN)/peqled paper --samples 16 -o demo

test: lint types ## lint, types and the whole test suite
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## pyright
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(VENV)/.dev ## the documentation, offline, in docs/_build/html
	$(BIN)/sphinx-build -W -q docs docs/_build/html

clean: ## remove the virtual environment and what was built
	rm -rf $(VENV) build dist docs/_build demo out

.PHONY: help demo test lint types docs clean

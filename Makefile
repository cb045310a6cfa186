# Everything is set up in .venv by the first target that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench bench-incidents live lock

help: ## Show what can be done
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## From a sentence to a verified deployment, in the sandbox
	@$(BIN)/python -m api.demo

test: $(READY) ## Run the tests
	@$(BIN)/python -m pytest

check: $(READY) ## Format, lint, types and architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-cache

format: $(READY) ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY) ## Measure, as ratios against the bare Terraform commands
	@$(BIN)/python -m bench

bench-incidents: $(READY) ## Play every incident of bench/incidents in the sandbox, and score what happened
	@$(BIN)/python -m bench.incidents $(ARGS)

live: $(READY) ## The same journey against real Gemini (GEMINI_API_KEY) and, if asked, a real project
	@$(BIN)/python -m pytest -o addopts="" -m live tests/live -rs

lock: $(READY) ## Pin every dependency by hash again
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header pyproject.toml --output-file requirements.lock

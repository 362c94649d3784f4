# Two commands do nearly everything: `make lab` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.9
BIN := .venv/bin
BUNDLE := xcnn_widgets/static/explainer.js
NOTEBOOK ?= notebooks/01_explore.ipynb

export UV_LINK_MODE ?= hardlink

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: lab
lab: setup ## Open JupyterLab on the first notebook, with everything set up
	$(BIN)/jupyter lab $(NOTEBOOK)

.PHONY: test
test: setup chromium ## Run every test and end with one summary (PART=python for one part)
	$(BIN)/python tests/run.py $(PART)

.PHONY: check
check: setup ## Check format, lint and types of both languages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	npm --prefix js run check

.PHONY: format
format: setup ## Format both languages
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm --prefix js run format

.PHONY: bench
bench: setup ## Compare speed and size with other libraries and with bare torch
	$(BIN)/python -m tests.benchmarks

.PHONY: pins
pins: .venv/uv ## Compile requirements/pinned.txt anew, with today's versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	  --no-emit-index-url --all-extras --group lab --group test --group check \
	  --custom-compile-command "make pins" --output-file requirements/pinned.txt pyproject.toml

.PHONY: clean
clean: ## Remove everything that the other commands made
	rm -rf .venv js/node_modules xcnn_widgets/static build dist tests/reports tests/browser/screenshots
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Setting up: each step leaves a file behind, and runs again only when what it is made from changes.

.PHONY: setup
setup: .venv/installed $(BUNDLE)

.venv/uv:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name it with make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/pinned: .venv/uv requirements/pinned.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/pinned.txt
	touch $@

# The bundle has a rule of its own below, so the build hook need not make it a second time.
.venv/installed: .venv/pinned pyproject.toml
	SKIP_JUPYTER_BUILDER=1 $(BIN)/uv pip install --quiet --python $(BIN)/python \
	  --no-deps --no-build-isolation --editable .
	touch $@

js/node_modules/installed: js/package.json js/package-lock.json
	npm --prefix js ci --no-audit --no-fund
	touch $@

$(BUNDLE): js/node_modules/installed js/build.mjs $(shell find js/src -type f)
	npm --prefix js run build
	touch $@

.PHONY: chromium
chromium:
	@if command -v chromium google-chrome chromium-browser > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; \
	else echo "The browser tests need Chromium: install it (Debian: apt-get install chromium), then run make test again"; \
	  exit 1; fi

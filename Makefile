# Two commands do nearly everything: `make lab` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
NOTEBOOK ?= notebooks/01_explore.ipynb
BIN := .venv/bin
FLOOR := .venv-floor
HOSTS := .venv-hosts
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
BUNDLE := xcnn_widgets/static/front_end.js
HTML_MANAGER := tests/browser/html_manager/node_modules/installed
# JupyterLab refuses to be started by root unless told.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# Links into uv's cache: a second environment with torch costs seconds and no disk.
export UV_LINK_MODE ?= hardlink
# Without bytecode every kernel and every other process compiles torch anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: lab
lab: setup ## Open JupyterLab on the first notebook, with everything set up
	$(BIN)/jupyter lab $(ALLOW_ROOT) --LabApp.default_url=/lab/tree/$(NOTEBOOK)

.PHONY: test
test: setup chromium $(HTML_MANAGER) $(if $(filter floor,$(or $(PART),floor)),$(FLOOR)/installed) $(if $(filter hosts,$(PART)),$(HOSTS)/installed) ## Run every test and end with one summary (PART=python for one part)
	$(BIN)/python tests/run.py $(PART)

.PHONY: check
check: setup ## Check format, lint and types of both languages
	@failed=; for step in "$(BIN)/ruff format --check ." "$(BIN)/ruff check ." $(BIN)/mypy "npm --prefix js run check"; \
	  do echo "$$step"; $$step || failed=1; done; test -z "$$failed"

.PHONY: format
format: setup ## Format both languages
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm --prefix js run format

.PHONY: bench
bench: setup ## Compare speed and size with other libraries and with bare torch, in half an hour
	$(BIN)/python -m tests.benchmarks

.PHONY: bench-full
bench-full: setup ## Ask every question of every network, for hours
	$(BIN)/python -m tests.benchmarks --full

.PHONY: docs
docs: setup ## Build the site into dist/docs, from what the notebooks have stored
	rm -rf dist/docs
	$(BIN)/python -m sphinx -q -W --keep-going -E -j 2 -b html -d build/doctrees docs dist/docs

.PHONY: docs-serve
docs-serve: docs ## Show the site on a free port, and print its address
	$(BIN)/python -u -m http.server --bind 127.0.0.1 --directory dist/docs 0

.PHONY: course
course: setup ## Write what a teacher hands out into dist/course: notebooks for nbgrader, and pages
	$(BIN)/python -m notebooks.course

.PHONY: pins
pins: .venv/uv ## Compile requirements/pinned.txt anew, with today's versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
	  --no-emit-index-url --all-extras --group lab --group docs --group test --group check \
	  --custom-compile-command "make pins" --output-file requirements/pinned.txt pyproject.toml

.PHONY: clean
clean: ## Remove everything that the other commands made
	rm -rf .venv $(FLOOR) $(HOSTS) js/node_modules tests/browser/html_manager/node_modules xcnn_widgets/static build dist tests/reports tests/browser/screenshots
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Setting up: each step leaves a file behind, and runs again only when what it is made from changes.

.PHONY: setup
setup: .venv/installed $(BUNDLE) ## Do only what the others do first: .venv, node_modules, the bundle

# The version of uv is pinned with all others; plain pip brings it in, and it brings in everything else.
.venv/uv:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name yours with make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements/pinned.txt)"
	touch $@

.venv/pinned: requirements/pinned.txt requirements/alone.txt | .venv/uv
	$(UV) --requirement requirements/pinned.txt
	$(UV) --no-deps --requirement requirements/alone.txt
	touch $@

# The bundle has a rule of its own below: the build hook need not make it a second time.
.venv/installed: .venv/pinned pyproject.toml
	SKIP_JUPYTER_BUILDER=1 $(UV) --no-deps --no-build-isolation --editable .
	touch $@

# The lowest versions that pyproject.toml allows, to hold it to its word.
$(FLOOR)/installed: pyproject.toml | .venv/uv
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(FLOOR)
	$(BIN)/uv pip install --quiet --python $(FLOOR)/bin/python --resolution lowest-direct \
	  --requirement pyproject.toml --all-extras --group floor
	SKIP_JUPYTER_BUILDER=1 $(BIN)/uv pip install --quiet --python $(FLOOR)/bin/python \
	  --no-deps --no-build-isolation --editable .
	touch $@

# Other hosts, beside what is in .venv.
$(HOSTS)/installed: requirements/hosts.txt .venv/installed
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(HOSTS)
	$(BIN)/uv pip install --quiet --python $(HOSTS)/bin/python --requirement requirements/hosts.txt
	$(BIN)/python -c "import site; print(site.getsitepackages()[0])" \
	  > $$($(HOSTS)/bin/python -c "import site; print(site.getsitepackages()[0])")/beside.pth
	touch $@

js/node_modules/installed: js/package.json js/package-lock.json
	@command -v npm > /dev/null || { echo "Node 20 or later with npm is needed, and npm is not here"; exit 1; }
	npm --prefix js ci --no-audit --no-fund
	touch $@

# What a saved notebook's page on the web would fetch to draw widgets; the tests serve it without a network.
$(HTML_MANAGER): tests/browser/html_manager/package.json tests/browser/html_manager/package-lock.json
	npm --prefix tests/browser/html_manager ci --ignore-scripts --no-audit --no-fund
	touch $@

# Folders are named too: their times tell that a source was removed.
$(BUNDLE): js/node_modules/installed js/build.mjs js/tsconfig.json $(shell find js/src)
	npm --prefix js run build
	touch $@

# Without Chromium the browser's part fails and says so; the other parts run all the same.
.PHONY: chromium
chromium:
	@if command -v chromium chromium-browser google-chrome > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium \
	    || echo "Chromium could not be installed: the browser tests will fail"; \
	else echo "The browser tests need Chromium and will fail: install it (Debian: apt-get install chromium)"; fi

# The doors of the project. `make run` and `make test` need Python 3.11 or newer and nothing else.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python on PATH that is new enough; if none is, bootstrap.py says so.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null; then echo $$p; exit; fi; done; echo python3)
PORT ?= 8000
export PORT

VENV_PYTHON := .venv/bin/python

.PHONY: help run setup test test-fast lint format openapi coverage bench lock python

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "Python 3.11 or newer is needed, but there is no $(PYTHON) here: install it first." >&2; exit 1; }

run: python ## Set up, migrate, load the demo, serve on http://127.0.0.1:8000 (PORT=... changes it)
	@$(PYTHON) scripts/bootstrap.py run
	@exec $(VENV_PYTHON) scripts/serve.py

setup: python ## Set up alone: environment, front-end libraries, front end
	@$(PYTHON) scripts/bootstrap.py setup

test: setup ## Every check and the whole suite, on SQLite and on PostgreSQL + Redis
	@$(VENV_PYTHON) scripts/test.py

test-fast: setup ## The quick tests on SQLite, in under a minute
	@$(VENV_PYTHON) scripts/test.py --fast

lint: setup ## Lint, format, types, import contracts, migrations, OpenAPI snapshot
	@$(VENV_PYTHON) scripts/test.py --checks

format: setup ## Rewrite the code in the house format
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

openapi: setup ## Regenerate the OpenAPI snapshot
	@$(VENV_PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	@echo "docs/openapi.yaml is written; read the difference before you commit it."

coverage: setup ## Measure the coverage of the SQLite run
	@.venv/bin/pytest -n 2 -m "not postgres and not redis and not browser" --cov --cov-report=term:skip-covered -q

bench: setup ## Measure the speed beside PostgreSQL alone (SIZES=S,M,L RUNS=5), on a database made and dropped for it
	@$(VENV_PYTHON) -m bench --sizes $(or $(SIZES),S,M) --runs $(or $(RUNS),5)

lock: setup ## Compile the lock files anew from pyproject.toml
	@$(VENV_PYTHON) scripts/lock.py

# Python 3.11 or newer and GNU make are all this needs; `make help` lists what it does.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
WORKERS := -n auto --dist worksteal
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What `check --deploy` looks at: production as it should be, with addresses nobody connects to.
PRODUCTION := DJANGO_SETTINGS_MODULE=cs_platform.settings.production \
	SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	ALLOWED_HOSTS=cs.example.com \
	DATABASE_URL=postgres://app@127.0.0.1:1/cs \
	DATABASE_OWNER_URL=postgres://owner@127.0.0.1:1/cs \
	REDIS_URL=redis://127.0.0.1:1/0 \
	PUBLIC_URL=https://cs.example.com \
	EMAIL_URL=smtp://127.0.0.1:1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench fuzz torture rehearse format clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8001 and DATA_DIR=/path choose another port and place for make run;"
	@echo "  ARGS='-k today' goes to pytest (make test) or to the benchmark (make bench)."

setup: $(RUNTIME) $(DEV) ## Make the virtual environment, for running and developing

run: $(RUNTIME) ## Start everything; Ctrl-C stops it and keeps the data
	@$(BIN)/python -m cs_platform.supervisor

test: $(RUNTIME) $(DEV) ## Run the tests against real PostgreSQL and Redis
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

check: $(RUNTIME) $(DEV) ## Check format, lint, types, imports, migrations, deployment; run the tests
	@echo "Format and lint"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@echo "Types"
	@$(BIN)/mypy .
	@echo "Imports"
	@$(BIN)/lint-imports
	@echo "Migrations"
	@$(BIN)/python -m cs_platform.embedded $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "Deployment"
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "Tests"
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

bench: $(RUNTIME) $(DEV) ## Measure what must be fast
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(RUNTIME) $(DEV) ## Send the API what nobody would send, 2,000 cases an operation
	@FUZZ_CASES=2000 $(BIN)/python -m pytest $(WORKERS) --hypothesis-seed=$$(date +%s) tests/fuzz $(ARGS)

torture: $(RUNTIME) $(DEV) ## Drive runs and tasks through 10,000 random sequences
	@TORTURE_SEQUENCES=10000 $(BIN)/python -m pytest $(WORKERS) --hypothesis-seed=$$(date +%s) tests/torture $(ARGS)

rehearse: $(RUNTIME) $(DEV) ## Carry out docs/deployment.md here, with Debian's servers, as root
	@$(BIN)/python -m tests.deployment $(ARGS)

format: $(RUNTIME) $(DEV) ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## Remove the virtual environment and caches; the data in .data stays
	@rm -rf $(VENV) staticfiles .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is not: make ... PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	@echo "Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUNTIME): $(VENV)/made.stamp requirements.txt requirements-embedded.txt
	@echo "Installing what the platform runs on (about a minute)"
	@$(PIP_INSTALL) -r requirements.txt -r requirements-embedded.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	@echo "Installing what tests and checks need (about a minute)"
	@$(PIP_INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@

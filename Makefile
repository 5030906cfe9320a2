# UrbanAPI: `make run` serves the real data, `make test` passes the tests.
SHELL := /bin/bash
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
PY := $(VENV)/bin/python
WORKERS ?= 2
DATA ?= fixtures/
CHROMIUM ?= /usr/bin/chromium

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev load run test test-sqlite test-postgresql test-browser test-node test-office test-kills check format openapi messages lock clean

help: ## Show what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 18

$(VENV)/run.done: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=…"; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.txt
	touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements-dev.txt
	$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.txt
	touch $@

setup: $(VENV)/run.done ## Install, create the database and, if it is empty, load the real data (DATA=folder: other data)
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py load $(DATA) --if-empty

load: $(VENV)/run.done ## Load the package again, after it has changed; what stewards edited in its rows is set back
	$(PY) manage.py load $(DATA)

setup-dev: $(VENV)/dev.done ## Install the test and lint tools too

run: setup ## Serve it at http://HOST:PORT (default 127.0.0.1:8000)
	@$(PY) manage.py serve --workers $(WORKERS)

test: test-sqlite test-postgresql ## Run the tests on SQLite and on PostgreSQL

test-sqlite: $(VENV)/dev.done ## Run the tests on SQLite
	TEST_ENGINE=sqlite $(PY) -m pytest -n 2 -q

test-postgresql: $(VENV)/dev.done ## Run the tests on PostgreSQL (TEST_DATABASE_URL, else an embedded server)
	TEST_ENGINE=postgresql $(PY) -m pytest -n 2 -q

test-browser: $(VENV)/dev.done ## Look at every page in a real browser (needs Chromium; CHROMIUM names another than /usr/bin/chromium)
	TEST_ENGINE=sqlite CHROMIUM=$(CHROMIUM) $(PY) -m pytest -q tests/browser

test-node: $(VENV)/dev.done ## Lint the served document with Spectral and Redocly, run a TypeScript client (needs Node)
	npm --prefix tests/node ci --ignore-scripts
	TEST_ENGINE=sqlite $(PY) -m pytest -q tests/node

test-office: $(VENV)/dev.done ## Open the workbooks in LibreOffice and compare the cells (needs LibreOffice Calc)
	TEST_ENGINE=sqlite $(PY) -m pytest -q tests/office

test-kills: $(VENV)/dev.done ## Kill publishers at a hundred random moments while readers ask (KILLS=100 SEED=6)
	for engine in sqlite postgresql; do \
		KILLS=$${KILLS:-100} TEST_ENGINE=$$engine $(PY) -m pytest -q tests/publishing/test_random_kills.py || exit 1; \
	done

check: $(VENV)/dev.done ## Format, lint, types, deployment checks, migrations, OpenAPI
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	PRODUCTION=true SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" ALLOWED_HOSTS=urbanapi.example \
		PUBLIC_BASE_URL=https://urbanapi.example $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(VENV)/dev.done ## Format the code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

openapi: $(VENV)/dev.done ## Write docs/openapi.yaml anew, after a change of the contract
	PUBLIC_BASE_URL=https://urbanapi.example $(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

messages: $(VENV)/dev.done ## Gather and compile the Chinese words of pages and desk, after a change of texts (needs gettext)
	cd indicators && ../$(PY) -m django makemessages -l zh_Hans --no-obsolete --no-location --no-wrap
	cd indicators && ../$(PY) -m django compilemessages -l zh_Hans

lock: $(VENV)/dev.done ## Resolve requirements*.in anew
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

clean: ## Remove the environment, the database and all caches
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis tests/node/node_modules

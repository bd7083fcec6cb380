# What each command does stands in `make help`. ARGS goes to the program behind: make test ARGS='tests/routing -x'

.DEFAULT_GOAL := help
.PHONY: help demo test check nightly mutants bench docs coverage lock dev
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## set up and show one customer's conversation from first message to close
	@scripts/bootstrap demo
	@.venv-demo/bin/python -m cordboard demo $(ARGS)

test: dev ## all tests but the nightly ones
	@echo '-> pytest: all tests but the nightly ones'
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 $(ARGS)

check: dev ## lint, format, types, import contracts
	@echo '-> ruff check: lint'
	@.venv/bin/ruff check
	@echo '-> ruff format: layout'
	@.venv/bin/ruff format --check
	@echo '-> mypy: types'
	@.venv/bin/mypy
	@echo '-> lint-imports: the floors of the house'
	@.venv/bin/lint-imports --no-logo --cache-dir .cache/import_linter

nightly: dev ## the slower proofs (an hour at most)
	@echo '-> pytest: the nightly tests'
	@.venv/bin/python -m pytest -m nightly $(ARGS)
	@echo '-> pytest: the HTTP suite on PostgreSQL'
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --on-postgresql \
	  tests/accounts tests/conversations tests/flex tests/operations tests/promises tests/taskrouter

mutants: dev ## show changes of src/cordboard/routing that no test notices (half an hour at first, then what has changed)
	@echo '-> mutmut: src/cordboard/routing'
	@.venv/bin/python scripts/mutants.py

docs: dev ## write docs/coverage.md and the pictures of docs/routing.md from the tables of the code
	@PYTHONPATH=. .venv/bin/python scripts/coverage_page.py
	@.venv/bin/python scripts/state_pictures.py

coverage: dev ## what of a vendor's OpenAPI file is missing: SPEC=file PRODUCT=taskrouter [PART=text]
	@PYTHONPATH=. .venv/bin/python scripts/spec_coverage.py '$(SPEC)' '$(PRODUCT)' $(if $(PART),'$(PART)')

bench: dev ## measure against the floor programs, and print a table (needs wrk and Linux)
	@.venv/bin/python -m bench $(ARGS)

# The environments are made from these files, so only this command decides on versions. ARGS=--upgrade takes newer ones.
COMPILE = pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'
lock: ## write requirements/*.txt and tests/clients/package-lock.json anew
	@uv=$$(scripts/bootstrap uv) && set -x \
	&& "$$uv" $(COMPILE) $(ARGS) --group pyproject.toml:bootstrap --output-file requirements/uv.txt \
	&& "$$uv" $(COMPILE) $(ARGS) pyproject.toml --all-extras --group build --group dev --output-file requirements/dev.txt \
	&& "$$uv" $(COMPILE) pyproject.toml --extra demo --group build --constraint requirements/dev.txt --output-file requirements/demo.txt \
	&& "$$uv" $(COMPILE) pyproject.toml --extra otel --group build --constraint requirements/dev.txt --output-file requirements/server.txt
	@scripts/bootstrap dev
	cd tests/clients && PATH="$(CURDIR)/.venv/bin:$$PATH" npm install --package-lock-only

dev:
	@scripts/bootstrap dev clients

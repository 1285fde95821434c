PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help set-up up down status logs check lint compiled test chaos siege bench lock

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

set-up: ## fetch and build what the checkout needs; quick when nothing changed
	@sh scripts/prerequisites
	@python3 deploy/local/set_up.py

up: set-up ## start everything on this machine and print where it is
	@$(PYTHON) -m deploy.local up

down: ## stop everything; the data stays in .local
	@$(PYTHON) -m deploy.local down

status: ## what is running
	@$(PYTHON) -m deploy.local status

logs: ## follow every log
	@$(PYTHON) -m deploy.local logs

lint: set-up
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	npm run --silent check

check: lint ## style, types and the tests that need no server
	.venv/bin/pytest tests/unit tests/contract -n 2 -m "not long"

# The wheel, and beside it the same unpacked, for tests and benchmarks. Never beside the sources: Python prefers a
# compiled module, and would go on using it after its source was edited.
COMPILED := build/compiled
WHEEL_SOURCES := $(shell find gateway processors replay schemas service sql -type f -not -name '*.pyc')

compiled: $(COMPILED)/built ## build the wheel with the privacy enforcer compiled to machine code, in build/compiled

$(COMPILED)/built: hatch_build.py pyproject.toml requirements-dev.lock $(WHEEL_SOURCES) | set-up
	@rm -rf $(COMPILED)
	HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 .venv/bin/hatchling build -t wheel -d $(COMPILED)
	@$(PYTHON) -m zipfile -e $(COMPILED)/*.whl $(COMPILED)/packages
	@touch $@

test: set-up ## everything, with real Kafka, ClickHouse and Chromium
	@sh scripts/debian-packages chromium
	@$(MAKE) --no-print-directory lint
	.venv/bin/pytest tests/unit tests/contract -n 2
	.venv/bin/pytest tests/ --ignore tests/unit --ignore tests/contract

chaos: set-up ## kill -9 every process twenty times under load; about half an hour
	REELSTREAM_CHAOS_KILLS=20 .venv/bin/pytest tests/chaos --timeout 7200 -s

siege: set-up ## attack the whole stack for twice fifteen minutes while people are recorded
	REELSTREAM_SIEGE_MINUTES=15 .venv/bin/pytest tests/siege --timeout 7200 -s

bench: set-up ## figures of this machine, each beside a bare loop in the same run
	@sh scripts/debian-packages wrk
	@$(PYTHON) -m bench

LOCK := .venv/bin/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --quiet

lock: ## write the requirement locks anew from pyproject.toml
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock

# Two commands do everything on a fresh machine with Python 3.11 or later: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo engine test check-code docs wheel-test sarif-test benchmark refresh clean setup

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@

demo: setup
	@echo "== a product that breaks rules =="
	@$(BIN)/mllint check fixtures/products/flask-gunicorn-broken || [ $$? -eq 1 ]
	@echo
	@echo "(the findings above are expected)"
	@echo
	@echo "== a product that does not =="
	@$(BIN)/mllint check fixtures/products/flask-gunicorn

# What the tests of built images run against; without it they are skipped, and say so.
engine:
	scripts/install_engine.sh

test: setup
	$(BIN)/python -m pytest -n auto

check-code: setup
	$(BIN)/ruff check linter tests scripts benchmarks hatch_build.py
	$(BIN)/ruff format --check linter tests scripts benchmarks hatch_build.py
	$(BIN)/mypy

docs: setup
	$(BIN)/python scripts/generate_docs.py

wheel-test: setup
	$(BIN)/python scripts/test_wheel.py

sarif-test: setup
	$(BIN)/python scripts/validate_sarif.py

benchmark: setup
	$(BIN)/python benchmarks/run.py

refresh: setup
	$(BIN)/python scripts/refresh_knowledge.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

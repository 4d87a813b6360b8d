# make report  the sample study's report   make test  the tests   make lab  JupyterLab
# Each makes .venv from requirements.lock when needed. Python 3.11 or newer; another one: make PYTHON=python3.12 report
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: report test lab lint lock bench clean

report: $(READY)
	$(BIN)/cxresearch run --study study.yaml

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

lab: $(READY)
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python benchmarks/report_time.py

# After a change of the dependencies in pyproject.toml.
lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev pyproject.toml --output-file requirements.lock
	$(BIN)/python tools/environment.py > environment.yml

clean:
	rm -rf .venv data/processed/*.parquet data/processed/.state-*.json reports/notebooks reports/figures reports/*.html reports/*.json

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "cxresearch needs Python 3.11 or newer, but $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

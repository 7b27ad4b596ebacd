# Millrace: `make` alone prints what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV := .millrace/tools/uv/bin/uv
APP := .millrace/venv/app
CLOUD := .millrace/venv/cloud
FUNCTIONS := .millrace/venv/functions
DBT := .millrace/venv/dbt

help: ## print this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s ':'

# uv of our own, so that nobody's PATH decides; any Python from 3.11 on can install it.
$(UV):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "millrace needs python3 (3.11 or newer, with pip) on PATH to fetch its tools"; exit 1; }
	@python3 -m venv .millrace/tools/uv
	@.millrace/tools/uv/bin/pip install --quiet 'uv>=0.9,<0.14'

# CPython 3.13: uv finds installed ones, pyenv's folder is not among the places it looks in; else uv fetches it.
$(APP)/.ready: EXTRAS := --extra app --group dev
$(CLOUD)/.ready: EXTRAS := --extra cloud
$(FUNCTIONS)/.ready: EXTRAS := --extra functions --no-install-project
$(DBT)/.ready: EXTRAS := --extra dbt --no-install-project
.millrace/venv/%/.ready: pyproject.toml uv.lock .python-version | $(UV)
	@python=$$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.13.*/bin/python 2>/dev/null | tail -n 1 || true); \
	python=$${python:-$$($(UV) python find 3.13 2>/dev/null || true)}; \
	if [ -z "$$python" ]; then \
		$(UV) python install 3.13 || { echo "millrace needs CPython 3.13: install it (pyenv install 3.13), then run make again"; exit 1; }; \
		python=3.13; \
	fi; \
	UV_PROJECT_ENVIRONMENT=$(@D) $(UV) sync --frozen $(EXTRAS) --python "$$python"
	@touch $@

# Spark's jars: resolved once, checked against app/stack/spark-jars.sha256.
# Beside them classes of our own, compiled again where a source is new.
.millrace/jars/.ready: $(wildcard localstack/providers/spark/scala/*.scala) | $(APP)/.ready
	@echo "setting up Spark's S3 jars, from Maven Central where they are missing"
	@$(APP)/bin/python -m app.stack.spark_jars .millrace
	@touch $@

setup: $(APP)/.ready $(CLOUD)/.ready $(FUNCTIONS)/.ready $(DBT)/.ready .millrace/jars/.ready ## install everything under .millrace/ (a second time: nothing to do)

FROM ?= 2013-02-07
TO ?= 2013-02-10
SPEED ?= max
demo: setup ## real flights through every hop, reconciled: FROM=2013-02-07 TO=2013-02-10 SPEED=max|3600 KEEP=1 BOARD=0
	@$(APP)/bin/millrace demo --from $(FROM) --to $(TO) --speed $(SPEED) $(if $(filter 1,$(KEEP)),--keep) $(if $(filter 0,$(BOARD)),--no-board)

job: setup ## one Spark job and its load: NAME=daily_on_time DATE=2013-02-08
	@test -n "$(NAME)" -a -n "$(DATE)" || { echo "say which: make job NAME=daily_on_time DATE=2013-02-08"; exit 2; }
	@$(APP)/bin/millrace job run "$(NAME)" --from "$(DATE)" --to "$(DATE)"

up: setup ## start LocalStack and the warehouse
	@$(APP)/bin/millrace up

down: $(APP)/.ready ## stop both
	@$(APP)/bin/millrace down

status: $(APP)/.ready ## show what runs
	@$(APP)/bin/millrace status

warehouse-docs: setup ## the models, their columns and their graph as one page: build/warehouse-docs/
	@$(APP)/bin/millrace docs

lint: setup ## ruff, mypy strict, sqlfluff, and the three lands held apart by import-linter
	@$(APP)/bin/ruff check .
	@$(APP)/bin/ruff format --check .
	@$(APP)/bin/mypy
	@$(APP)/bin/mypy --python-executable $(CLOUD)/bin/python --allow-untyped-calls --allow-untyped-decorators \
		localstack/providers
	@$(APP)/bin/sqlfluff lint warehouse/models
	@$(APP)/bin/lint-imports --no-cache

SOURCES := app contracts jobs pipelines runtime warehouse
test: setup ## all tests: unit, contract, integration, end to end; by two workers, each with its own local cloud
	@$(APP)/bin/pytest $(SOURCES) tests --ignore=tests/throughput --ignore=tests/soak/test_stream.py -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

throughput: EVENTS ?= 10000,100000
throughput: setup ## events a second by stage and the whole way, beside peers: EVENTS=10000,100000,1000000
	@MILLRACE_EVENTS=$(EVENTS) $(APP)/bin/pytest tests/throughput -q -s

conformance: setup ## Kinesis held against AWS's documentation, beside its peers: the table of docs/kinesis.md
	@$(APP)/bin/python -m tests.support.conformance

bench-kinesis: setup ## Kinesis beside its peers, in one run: build/bench/kinesis.json and a table
	@$(APP)/bin/python -m benchmarks.kinesis

bench-lambda: setup ## Lambda and its mappings beside peers, in one run: build/bench/lambda.json and a table
	@$(APP)/bin/python -m benchmarks.functions

FRESHNESS ?= 300
bench-stream: EVENTS ?= 10000,100000,1000000,5000000
bench-stream: setup ## the stream by stage, the whole way, peers: EVENTS=10000,100000 FRESHNESS=300 ONLY=memory|cloud PUBLISH=1
	@$(APP)/bin/python -m benchmarks.stream --events $(EVENTS) --freshness $(FRESHNESS) \
		$(if $(ONLY),--only $(ONLY)) $(if $(filter 1,$(PUBLISH)),--publish)

bench-warehouse: setup ## COPY, the wire, the dialect and snapshots, each beside its yardstick
	@for each in loading wire dialect snapshots; do $(APP)/bin/python -m benchmarks.warehouse.$$each; done

bench-spark: YEARS ?= 1,10
bench-spark: setup ## daily_on_time on files, on S3, on a cluster, by DuckDB and by Polars: YEARS=1,10
	@$(APP)/bin/python -m benchmarks.spark --years $(YEARS)

bench: bench-kinesis bench-lambda bench-stream bench-warehouse bench-spark ## all five, one after the other

soak-kinesis: setup ## ten minutes of puts, gets, splits and merges with two kills of LocalStack
	@MILLRACE_SOAK_SECONDS=600 $(APP)/bin/pytest tests/soak/test_kinesis.py -q -s

soak-stream: SEED ?= 2013
soak-stream: setup ## the stream under every fault, ten minutes: SEED=2013 chooses where it dies
	@MILLRACE_SOAK_SEED=$(SEED) $(APP)/bin/pytest tests/soak/test_stream.py -v

soak-stories: setup ## every long story: the demo kept, killed and repeated, dbt's every materialization, kills
	@$(APP)/bin/pytest tests/e2e tests/integration -m long -v

soak: soak-kinesis soak-stream soak-stories ## all three, one after the other

ci: lint test ## exactly what CI runs

clean: ## remove results; tools and environments stay
	@rm -rf build

.PHONY: help setup demo job up down status warehouse-docs lint test throughput conformance bench-kinesis bench-lambda bench-stream bench-warehouse bench-spark bench soak-kinesis soak-stream soak-stories soak ci clean

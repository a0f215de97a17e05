# Everything runs in .venv, made on first use and brought up to date when its inputs change: the
# demo installs what trainers need, the tests add the rest. Needs Python 3.11 or later, a C compiler
# and make. `make help` lists the verbs.
#
#   make demo PYTHON=python3.12      another interpreter for a new .venv
#   make test JOBS=1                 fewer test processes
#   make demo TORCH_INDEX=           PyTorch from the default index (on Linux: with CUDA, 2 GB more)

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/pytest -q
# Stamps: newer than what they were made from when nothing is left to do.
DEPENDENCIES := $(VENV)/.dependencies
CORE := $(VENV)/.core
DEVELOPER := $(VENV)/.developer
# Tests of all C; the trainers' others add hours of PyTorch under the sanitizers.
SANITIZED := match match_machine mask_soundness bad_input options vector parallel aec roster \
  networks group vecenv snapshot_fuzz teams rules_squads squad squad_copies
# And of what each rule does. network.c is left out: its macros stand for many functions a line.
COVERED := $(filter-out vecenv,$(SANITIZED)) $(patsubst tests/test_%.py,%,$(wildcard tests/test_rules_*.py)) bots boxes \
  allocation balance descriptor evaluate information latency learner numerics opponents own_actions \
  pixels profiles vecenv
C_SOURCES := $(wildcard csrc/*)

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all sanitize bench bench-guard bench-instructions coverage coverage-c lint docs build freeze clean

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 22

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "cam-arena needs Python 3.11 or later; name one with make PYTHON=python3.12"; exit 1; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null \
	  || { echo "cam-arena needs a C compiler: install gcc or clang"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A pip that is configured with an index or links of its own knows where its PyTorch comes from.
$(DEPENDENCIES): pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing PyTorch and what trainers need into $(VENV): about 1.6 GB, some minutes the first time"
	@if [ -n "$(TORCH_INDEX)" ] && [ "$$(uname)" = Linux ] \
	    && ! $(BIN)/python -m pip config list | grep -E "index-url|find-links" >/dev/null; then \
	  $(PIP) install -c constraints.txt --no-deps --retries 1 --index-url $(TORCH_INDEX) torch \
	    || echo "no PyTorch at $(TORCH_INDEX): the default index's is next"; \
	fi
	@$(PIP) install -c constraints.txt setuptools Cython numpy
	@touch $@

$(CORE): $(DEPENDENCIES) setup.py setup.cfg $(C_SOURCES)
	@echo "compiling the simulation: about a minute"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[agents]'
	@touch $@

$(DEVELOPER): $(CORE)
	@echo "installing what tests and linters need: about 0.4 GB more"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[agents,openspiel,test,lint]'
	@touch $@

install: $(DEVELOPER)  ## make .venv with everything in it

demo: $(CORE)  ## train, evaluate and report a small population: runs/demo/report.html
	$(BIN)/cam-arena demo

test: $(DEVELOPER)  ## every test that takes less than 5 s
	$(PYTEST) -n $(JOBS) -m 'not slow'

test-all: $(DEVELOPER) lint sanitize coverage coverage-c  ## lint, sanitizers, coverage, and all tests with the slow ones
	$(PYTEST) -n $(JOBS) -m 'slow and not learning'
	$(PYTEST) -m learning   # alone: what is learned in a given time depends on the cores it has

# The whole package with AddressSanitizer and UBSan, in a folder of its own that hides the installed one.
sanitize: $(DEVELOPER)  ## the tests of the C code under AddressSanitizer and UBSan (gcc)
	CAM_ARENA_SANITIZE=1 $(BIN)/python setup.py -q build --build-lib build/sanitize --build-temp build/sanitize-objects
	cd build && LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
	  ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc PYTHONPATH=$(CURDIR)/build/sanitize \
	  $(CURDIR)/$(BIN)/pytest -q -n $(JOBS) -m 'not slow and not fault and not learning' -p no:cacheprovider \
	  $(SANITIZED:%=$(CURDIR)/tests/test_%.py)

bench: $(DEVELOPER)  ## rates of every interface and of training, beside their peers; CSV in runs/bench/
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.bench_training
	$(BIN)/python -m benchmarks.training_profile
	$(BIN)/python -m benchmarks.bench_tournament

bench-guard: $(DEVELOPER)  ## fail if an interface lost 5 % against docs/benchmarks; on its machine, kept quiet
	$(BIN)/python -m benchmarks --rounds 7 --out runs/guard --against docs/benchmarks/rates.csv

bench-instructions: $(DEVELOPER)  ## instructions a tick, counted by valgrind (deterministic)
	benchmarks/callgrind.sh $(BIN)/python
	benchmarks/callgrind.sh $(BIN)/python benchmarks.frozen_ticks
	benchmarks/callgrind.sh $(BIN)/python benchmarks.squad_steps cam_rows_step

coverage: $(DEVELOPER)  ## the fast tests again: which Python lines they run; fails below 95 % of cam_arena, 85 % of agents
	$(PYTEST) -n $(JOBS) -m 'not slow' --cov --cov-report=
	$(BIN)/coverage report --include='cam_arena/*' --skip-covered --show-missing --fail-under=95
	$(BIN)/coverage report --include='agents/*' --skip-covered --show-missing --fail-under=85

# In one process: two that end together would add their counts into one file.
coverage-c: $(DEVELOPER)  ## the same of the C code (gcc): fails below 98% of lines, 89% of branches
	rm -rf build/coverage build/coverage-objects
	CAM_ARENA_COVERAGE=1 $(BIN)/python setup.py -q build --build-lib build/coverage --build-temp build/coverage-objects
	cd build && PYTHONPATH=$(CURDIR)/build/coverage $(CURDIR)/$(BIN)/pytest -q -n 0 \
	  -m 'not slow and not fault and not learning' -p no:cacheprovider $(COVERED:%=$(CURDIR)/tests/test_%.py)
	$(BIN)/gcovr --root . --filter 'csrc/.*\.[ch]$$' --exclude csrc/network.c --exclude-throw-branches --sort uncovered-percent \
	  --fail-under-line 98 --fail-under-branch 89 build/coverage-objects

lint: $(DEVELOPER)  ## ruff, mypy, cython-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	PATH=$(CURDIR)/$(BIN):$$PATH cython-lint csrc

docs: $(DEVELOPER)  ## write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

build: $(DEVELOPER)  ## sdist and wheel in dist/
	$(BIN)/python -m build --no-isolation

freeze: $(DEVELOPER)  ## write constraints.txt from .venv
	@{ head -1 constraints.txt; $(PIP) freeze --all | grep -viE '^(pip==|cam.arena|-e |#)' \
	  | sed -E 's/^(torch==[0-9.]+)\+cpu$$/\1/' | sort -f; } > constraints.tmp && mv constraints.tmp constraints.txt

clean:  ## remove what was built; .venv and runs/ stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis cam_arena/*.so agents/*.so
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	rm -f $(CORE) $(DEVELOPER)

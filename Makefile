# Everything runs in .venv, made from requirements.lock. `make demo` and `make test` need Python 3.11 and make only.
# PYTHON=… picks the interpreter the environment is made with, ARGS=… is passed on to the command.

PYTHON ?=
ARGS ?=
SEED ?=
MINUTES ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest
LOCK := requirements.lock

# Every process that starts anew would compile the whole product again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up install test check format openapi lock bench long chaos fuzz clean

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: install ## Run the product's main job on a real brief, end to end
	@$(BIN)/synthetic-people demo $(ARGS)

up: install ## Start everything and stay, until Ctrl-C
	@$(BIN)/synthetic-people up $(ARGS)

install: $(STAMP) ## Make .venv from the lock file; instant when nothing changed

test: check ## Rules, then all quick tests
	@$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not slow" -rs $(ARGS)

check: install ## Lint, format, types, import contracts, dependencies, docs/openapi.json, workflows, lock file
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deptry .
	$(BIN)/python -m api.contract --check
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --min-severity medium .github/workflows
	$(PIP) check
	@if grep -nE '://|@ |--(index|extra-index|find-links|trusted)' $(LOCK); then \
	  echo "$(LOCK) names a host: make it again with 'make lock'" >&2; exit 1; fi

format: install ## Format and mend what can be mended by itself
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

openapi: install ## Write docs/openapi.json anew; ARGS=--break where a change is meant to break clients
	@$(BIN)/python -m api.contract $(ARGS)

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra embedded --extra dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o $(LOCK)

long: install ## The long tests of all other suites
	@$(PYTEST) tests --ignore=tests/chaos --ignore=tests/bench --ignore=tests/fuzz -m slow -rs $(ARGS)

chaos: install ## Kill, freeze and cut off parts in mid-run: SEED=… makes the same storm again, MINUTES=… a longer one
	@CHAOS_SEED=$(SEED) CHAOS_MINUTES=$(MINUTES) $(PYTEST) tests/chaos $(ARGS)

bench: install ## Measure throughput, latency, memory: LARGE_RESPONDENTS=… makes the large simulation smaller
	@$(PYTEST) tests/bench -s $(ARGS)

fuzz: install ## Generate requests to every operation and histories of jobs, the long form
	@$(PYTEST) tests/fuzz $(ARGS)

clean: ## Remove what was made here, the data of DATA_DIR excepted
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock names pip and setuptools too: that pip installs the rest, that setuptools builds the project.
# Bytecode is written afterwards, by all cores.
$(STAMP): $(LOCK) pyproject.toml
	@set -eu; rm -f $(STAMP); \
	if ! { [ -x $(BIN)/python ] && $(BIN)/python -c 'import pip' 2>/dev/null; }; then \
	  python=; \
	  for one in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	    if "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$one; break; fi; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Python 3.11 or newer is needed$(if $(PYTHON), and $(PYTHON) is not it): install it$(comma) or name one with make PYTHON=…" >&2; exit 1; fi; \
	  echo "Making $(VENV) with $$("$$python" -c 'import sys; print("Python", sys.version.split()[0])')"; \
	  rm -rf $(VENV); \
	  if "$$python" -c 'import ensurepip' 2>/dev/null; then "$$python" -m venv $(VENV); \
	  else \
	    "$$python" -m venv --without-pip $(VENV); \
	    "$$python" -m pip --python $(BIN)/python install -qq pip || { rm -rf $(VENV); \
	      echo "$$python has neither ensurepip nor pip: install python3-venv or python3-pip" >&2; exit 1; }; \
	  fi; \
	fi; \
	echo "Installing $$(grep -c '^[a-z].*==' $(LOCK)) packages from $(LOCK); this takes about a minute"; \
	sed -n '/^pip==/,/[^\\]$$/p' $(LOCK) > $(VENV)/pip.lock; \
	$(PIP) install -qq --no-deps --require-hashes -r $(VENV)/pip.lock; \
	$(PIP) install -qq --no-deps --no-compile --require-hashes -r $(LOCK); \
	$(PIP) install -qq --no-deps --no-build-isolation --no-compile -e .; \
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true; \
	touch $(STAMP)

comma := ,

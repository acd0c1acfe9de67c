# Cytograde. `make` alone lists what there is. Written for GNU make 3.81 and any POSIX sh.
#
# make PYTHON=/path/to/python3   names the Python to use; else the newest of PYTHONS that has venv is taken.
# make test ARGS='-k fever'      hands ARGS to pytest.

PYTHON =
ARGS =
PYTHONS = python3.14 python3.13 python3.12 python3.11 python3

PY = .venv/bin/python
PIP = PIP_USER=0 $(PY) -m pip --disable-pip-version-check -qq

# The stamp is the last thing that a setup writes, and holds the folder that the environment was made in:
# with none, with another, or with a Python that no longer starts or is not the one asked for, the
# environment is made anew.
STAMP = .venv/.cytograde
SOUND := $(shell test "$$(cat $(STAMP) 2>/dev/null)" = "$$(pwd -P)" && v=$$($(PY) -V 2>/dev/null) && \
  test "$$v" = "$$($(if $(PYTHON),'$(PYTHON)',$(PY)) -V 2>/dev/null)" && echo yes)

help:
	@echo 'Cytograde: make TARGET, where TARGET is one of'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make the Python environment in .venv (about a minute, 340 MB of packages, once)
	@:

run: setup ## grade the sample cohort into results/sample
	$(PY) -m pipeline run tidy data/sample/tidy --out results/sample
	@echo 'Look at results/sample/report.html; its tables are in results/sample/tables.'

test: setup ## run the tests
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

# The newest and the oldest versions that pyproject.toml allows, each in an environment of its own beside the lock's. It is
# brought up to date at each call: some seconds, or a minute where a new version came out. It has the Python of .venv, and with
# another one is made anew. It holds the packages alone, the pipeline being found by PYTHONPATH: an editable install would write
# the egg-info of the checkout, which both ends, made at the same time, would do at once. Only what the tests import is
# compiled, which saves a third of the time that pip takes.
define test_with
@fail() { echo "cytograde: $$1" >&2; exit 1; }; \
test "$$(.venv-$(1)/bin/python -V 2>/dev/null)" = "$$($(PY) -V)" || { rm -rf .venv-$(1); $(PY) -m venv .venv-$(1); } || fail "$(PY) could not make .venv-$(1), for the reason above."; \
echo 'Bringing .venv-$(1) to the $(1) versions that pyproject.toml allows.'; \
$(PY) tests/versions.py $(1) > .venv-$(1)/requirements.txt \
  && PIP_USER=0 .venv-$(1)/bin/python -m pip --disable-pip-version-check -qq install --no-compile --upgrade --upgrade-strategy eager -r .venv-$(1)/requirements.txt \
  || fail "pip could not install the $(1) packages, for the reason above: check that this machine reaches a package index, then run make again."; \
PYTHONPATH='$(CURDIR)' .venv-$(1)/bin/python -m pytest -n auto --dist loadfile $(ARGS)
endef

test-newest: setup ## run the tests on the newest packages that pyproject.toml allows
	$(call test_with,newest)

test-oldest: setup ## run the tests on the oldest packages that pyproject.toml allows
	$(call test_with,oldest)

notebooks: setup ## run the notebooks on the sample cohort into results/sample
	$(PY) -m pipeline.reports.notebooks --out results/sample

bench: setup ## measure speed and memory on a large invented cohort
	$(PY) tests/bench/bench.py $(ARGS)

lint: setup ## check the style of the Python code
	$(PY) -m ruff check .

wheel: setup ## build the wheel and the source archive into dist
	@$(PY) -m build --no-isolation >/dev/null
	@ls dist/*

clean: ## remove all that make made: environment, builds, caches, results/sample
	rm -rf .venv .venv-newest .venv-oldest build dist results/sample *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One shell from the choice of a Python to the stamp; what fails says so in one sentence.
$(STAMP): requirements.lock pyproject.toml $(if $(SOUND),,rebuild)
	@fail() { echo "cytograde: $$1" >&2; exit 1; }; \
	if [ -n '$(SOUND)' ]; then \
	  echo 'Bringing .venv up to date with requirements.lock: some seconds.'; \
	  rm -f $(STAMP); \
	else \
	  python= others= bare=; \
	  for p in $(if $(PYTHON),'$(PYTHON)',$(PYTHONS)); do \
	    v=$$("$$p" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	    case $$v in \
	      3.11|3.12|3.13|3.14) ;; \
	      *) others="$$p is Python $$v"; continue ;; \
	    esac; \
	    if "$$p" -c 'import venv, ensurepip' 2>/dev/null; then python=$$p; break; fi; \
	    bare=$${bare:-"$$p is Python $$v without its venv module: install that (on Debian and Ubuntu, apt install python$$v-venv) and run make again."}; \
	  done; \
	  if [ -z "$$python" ]; then \
	    [ -z "$$bare" ] || fail "$$bare"; \
	    fail "Python 3.11, 3.12, 3.13 or 3.14 is needed, but $${others:-$(if $(PYTHON),$(PYTHON) does not start,none was found)}: install one (brew install python@3.14, apt install python3 python3-venv, or from python.org), or name one with make PYTHON=/path/to/python3."; \
	  fi; \
	  echo "Making the Python environment in .venv with $$python ($$v): about a minute, 340 MB of packages to fetch."; \
	  rm -rf .venv; \
	  "$$python" -m venv .venv || fail "$$python could not make .venv, for the reason above."; \
	fi; \
	$(PIP) install --require-hashes -r requirements.lock \
	  && $(PIP) install --no-deps --no-build-isolation -e . \
	  || fail "pip could not install the packages, for the reason above: check that this machine reaches a package index, then run make again."; \
	pwd -P > $(STAMP)

.PHONY: help setup run test test-newest test-oldest notebooks bench lint wheel clean rebuild

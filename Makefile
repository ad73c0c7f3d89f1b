# Needs git, make and Python 3.11 or newer. Everything else goes into .venv, from tests/requirements.txt.
PYTHON ?= python3
ARGS =

BIN := .venv/bin
BAKES := .venv/.bakes
INSTALLED := .venv/.installed

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-servers lint lock bench bench-adopt bench-serve profile pictures release

help:
	@echo 'make demo             bake the default project into ./demo and run it to a registered model'
	@echo 'make demo DIR=path    the same, in another folder'
	@echo 'make test             run the tests that need no server; ARGS="-m '"'not slow'"'" runs the quick ones'
	@echo 'make test-servers     run those that start servers (MLflow, an object store, a cluster) or CI jobs'
	@echo 'make lint             formatting, lint and types, of the engine where it stands, too; spelling and prose'
	@echo 'make bench            what the pipeline costs, against a plain script; some hours for all tables'
	@echo 'make bench SIZE=small ROUNDS=3 CASES="cold unchanged"   less of it; ARGS=--write puts it into the README'
	@echo 'make bench-adopt      thirty real tables, adopted with no edit, against a plain script; some minutes'
	@echo 'make bench-serve      what an answer of the server costs, beside MLflow, BentoML and MLServer; some minutes'
	@echo 'make profile          where its seconds go, by stage and by import; SIZE=large: of another table'
	@echo 'make pictures         take the pictures in docs/pictures again, from a run; needs Chromium; some minutes'
	@echo 'make lock             compile all three locks again; ARGS=--upgrade takes newer versions'
	@echo 'make release VERSION=1.2.3   write a new version wherever it stands: CONTRIBUTING.md'

# DIR is read from the environment, so that no quote or space in it is shell code.
demo: export DIR = demo
demo: $(BAKES)
	@$(BIN)/python scripts/demo.py "$$DIR"

test: $(INSTALLED)
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations 20 -m 'not servers' $(ARGS)

test-servers: $(INSTALLED)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 20 -m servers $(ARGS)

lint: $(INSTALLED)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python scripts/check_engine.py
	$(BIN)/python scripts/check_prose.py

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(CASES),--cases $(CASES)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

bench-adopt: $(INSTALLED)
	@$(BIN)/python -m benchmarks.adopted $(ARGS)

bench-serve: $(INSTALLED)
	@$(BIN)/python -m benchmarks.serving $(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

profile: $(INSTALLED)
	@$(BIN)/python -m benchmarks.breakdown $(if $(SIZE),--size $(SIZE)) $(ARGS)

pictures: $(INSTALLED)
	@$(BIN)/python -m scripts.pictures $(ARGS)

lock: $(INSTALLED)
	$(BIN)/python -m scripts.lock $(ARGS)

release: $(INSTALLED)
	@$(BIN)/python -m scripts.release cut '$(VERSION)'
	@$(BIN)/python -m scripts.compatibility
	@$(BIN)/python -m scripts.badges

# By uv, which takes seconds where pip takes minutes; pip brings it, at the version in the lock.
# A stamp is written last, so an interrupted or outdated environment is made again from scratch.
# Baking needs only cookiecutter and uv. The tests' tools take minutes, so only the targets that need them install them.
$(BAKES): tests/requirements.txt
	@command -v "$(PYTHON)" >/dev/null || \
		{ echo 'There is no $(PYTHON). Name a Python 3.11 or newer: make PYTHON=/path/to/python' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo '$(PYTHON) is older than 3.11 or lacks venv (Debian: apt install python3-venv).' \
		'Name another: make PYTHON=/path/to/python' >&2; exit 1; }
	@echo 'Making .venv with what baking needs; half a minute'
	@"$(PYTHON)" -m venv --clear .venv
	@awk '/^uv==/ { found = 1 } found { print } found && !/\\$$/ { exit }' tests/requirements.txt > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement .venv/uv.txt
	@$(BIN)/python -m uv pip install --quiet --require-hashes --python $(BIN)/python \
		--constraint tests/requirements.txt $$(grep -oE '^cookiecutter==[^ ;]+' tests/requirements.txt)
	@touch $@

$(INSTALLED): $(BAKES)
	@echo 'Adding to it the tools of the tests, from tests/requirements.txt; some minutes'
	@$(BIN)/python -m uv pip install --quiet --require-hashes --python $(BIN)/python --requirement tests/requirements.txt
	@touch $@

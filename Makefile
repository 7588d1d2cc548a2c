# `make` lists the tasks. Each sets up what it needs from the locks, and nothing twice.
# A Python of your own: `make PYTHON=/path/to/python3.11 demo`.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
SET_UP = $(if $(PYTHON),$(PYTHON) .ci/set_up.py,echo 'error: Python 3.11 or newer is needed, and none was found' >&2; \
	echo 'hint: apt-get update && apt-get install -y python3 python3-venv, or make PYTHON=/path/to/python3.11 ...' >&2; exit 2;)
DEVELOPER = core sample portal dev

.DEFAULT_GOAL := help
.PHONY: help demo test check bench audit locks clean

help:  ## this list
	@sed -n 's/^\([a-z%-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

demo:  ## the sample integration through its three tiers, to the gate: verdicts, report, evidence
	@$(SET_UP) core sample
	@$(BIN)/python .ci/demo.py

test:  ## every check: lint, types, layers, all tests, live tests and scaled proofs
	@$(SET_UP) $(DEVELOPER)
	@$(BIN)/python .ci/test.py

check:  ## lint, types, layers and the fast tests
	@$(SET_UP) --packages-only $(DEVELOPER)
	@$(BIN)/python .ci/test.py --fast

proof-%:  ## a proof at full size, e.g. proof-faults
	@$(SET_UP) $(DEVELOPER)
	@$(BIN)/python .ci/proofs.py $*

bench:  ## every benchmark, as ratios
	@$(SET_UP) $(DEVELOPER)
	@$(BIN)/python .ci/proofs.py --bench

audit:  ## what is installed, held against known weaknesses (HARNESS_ADVISORIES=...), and its bill of materials
	@$(SET_UP) --packages-only $(DEVELOPER)
	@mkdir -p .harness && $(BIN)/python .ci/audit.py --bill .harness/bill.json

locks:  ## write .locks again from pyproject.toml (make locks UPGRADE=1 moves versions)
	@$(SET_UP) --packages-only core
	@$(BIN)/python .ci/locks.py $(if $(UPGRADE),--upgrade)

clean:  ## remove the venv and the tools' caches; runs and their evidence stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

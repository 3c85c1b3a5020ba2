# The two commands of the README: `make run` serves, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

MINUTES ?= 10
SECONDS ?= 60

.PHONY: run test check accuracy fit left-out fuzz bench kill abuse soak screenshots clean

run: $(STAMP)  ## Set everything up and serve
	$(BIN)/otpgate serve

test: export PYTHONDONTWRITEBYTECODE =  # a hundred gateways start: none compiles what another has compiled
test: $(STAMP)  ## Set everything up, then lint, types, directions, tests
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -m "not alone" --numprocesses auto --dist worksteal $(PYTEST_ARGS)
	$(BIN)/python -m pytest -m alone $(PYTEST_ARGS)

check: $(STAMP)  ## Lint, format, types, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

accuracy: $(STAMP)  ## Measure extraction on the corpus, beside the public extractors
	$(BIN)/python -m tests.accuracy

fit: $(STAMP)  ## Fit the weights of extraction on the tuned half of the corpus
	$(BIN)/python -m tests.accuracy.fit

left-out: $(STAMP)  ## Score every tuned message by weights fitted without it: which of two ways of reading is better
	$(BIN)/python -m tests.accuracy.left_out

fuzz: $(STAMP)  ## Fuzz mime, markup and extract for SECONDS each, guided by coverage
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

bench: $(STAMP)  ## Measure speed, as ratios inside one run
	$(BIN)/python -m tests.benchmarks

kill: $(STAMP)  ## Kill it 200 times under load: nothing acknowledged may be lost
	$(BIN)/python -m tests.e2e.killing

outages: $(STAMP)  ## Pause, stop, cut off and fill up its database under load: nothing acknowledged may be lost
	$(BIN)/python -m tests.e2e.outages

abuse: $(STAMP)  ## Attack a running gateway: attack, expected, seen
	$(BIN)/python -m tests.abuse

soak: $(STAMP)  ## Load a running gateway for MINUTES and watch memory, threads, files, losses
	$(BIN)/python -m tests.abuse.soak $(MINUTES)

screenshots: $(STAMP)  ## Take pictures of every page of the console, into .cache/screenshots
	$(BIN)/python -m tests.screenshots

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "otpgate needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:  ## Remove what the commands above made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .cache

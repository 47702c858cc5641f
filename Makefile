# Everything runs in virtual environments of its own; only Python 3.11+ and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
WORKERS ?= 2
# Of the tests that have a case for each operation, structure, ...: every n-th case, or all.
CASES ?= 20
# The tests that `make test` runs; all if it is empty.
TESTS ?=

.PHONY: setup lock audit licences coverage hooks check-wheel test-wheel test-sdist check-workflows check-release check-tag publisher pull-request demo test test-all test-long-way test-slow test-lowest test-newest test-moto test-clients test-processes check lint types check-generated generate words wheel docs bench bench-tag bench-peers bench-docs pictures bench-typing surface check-surface history test-quick update proposals replay fuzz soak mutants clean help

help:
	@echo "make demo            run the main job against an embedded SageMaker"
	@echo "make setup           the virtual environment: in seconds where there is uv, else with pip"
	@echo "make test            set up and run the tests, and every 20th case of what is generated (CASES=all: each)"
	@echo "make check           lint, types, generated code"
	@echo "make test-quick      those of the runtime, the whole model and the generator"
	@echo "make test-long-way   those of the runtime with the short way to the wire off"
	@echo "make test-slow       the tests that take minutes: other botocore versions, the wheel"
	@echo "make test-lowest     the tests with the lowest supported dependencies (PYTHON=python3.x picks the Python)"
	@echo "make test-newest     the tests with the newest dependencies"
	@echo "make test-moto       moto's own SageMaker tests against the embedded SageMaker"
	@echo "make test-clients    the AWS CLI, SageMaker's SDKs, mlflow, ... against the embedded SageMaker (downloads 700 MB at first)"
	@echo "make test-processes  SageMaker objects in the workers of joblib, Ray, Dask and PySpark (downloads 600 MB at first)"
	@echo "make generate        regenerate types/, resources/, services/ and model/"
	@echo "make words           how much of the model has words of our own (WORDS=--missing: what has none)"
	@echo "make check-surface   what of the public surface broke since the last tag"
	@echo "make surface         record the public surface, at a release (SURFACE=--force: whatever broke)"
	@echo "make update          take the newest botocore: pins, generated code, changelog, version, checks (or BOTOCORE=version; PROPOSE=0; CHECK=0)"
	@echo "make proposals       what guesses of make update nobody has looked at yet"
	@echo "make replay          what make update would have proposed at past releases, beside what people decided"
	@echo "make coverage        the tests, and which branches they take; fails under 95%"
	@echo "make audit           known weaknesses of what users install"
	@echo "make licences        the licences of what users install"
	@echo "make lock            the versions that developers and CI install, with hashes (LOCK=--upgrade)"
	@echo "make hooks           run ruff and the generator's check before each commit"
	@echo "make check-wheel     build twice, compare, and look into the archives"
	@echo "make test-wheel      install the wheel on each Python and use it (PYTHONS='python3.11 python3.12 python3.13')"
	@echo "make test-sdist      the README's two commands from the source archive alone"
	@echo "make check-workflows the workflows and the other files of .github"
	@echo "make check-release   whether the version can be published (TAG=v0.2.0)"
	@echo "make check-tag       whether TAG names the version that stands in the sources"
	@echo "make publisher       write the publisher's address wherever it stands (REPOSITORY=..., TEAM=@...)"
	@echo "make pull-request    what make update did, as the text of a pull request (FAILED=url of a failed run)"
	@echo "make wheel           build the wheel and the source archive; the same commit gives the same bytes"
	@echo "make docs            build the documentation, warnings as errors, and run its examples (make site, make examples)"
	@echo "make history         compare the releases since the last run for docs/what-changed.md (HISTORY=--anew: since 2018; downloads 10 GB)"
	@echo "make bench           what calls cost beside boto3 (BENCH='--only list --pairs 5' for less)"
	@echo "make bench-peers     the same beside sagemaker-core, capo-sagemaker and boto3-stubs"
	@echo "make bench-tag       the same beside the version of the last tag; fails where this one is slower"
	@echo "make bench-docs      measure anew what docs/performance.md and README.md show"
	@echo "make pictures        draw the README's pictures anew"
	@echo "make fuzz            random answers to every operation, with orjson and without (FUZZ_MINUTES=15; FUZZ='--seed 7')"
	@echo "make soak            100,000 calls and 10,000 polls: memory, descriptors and threads for docs/reliability.md"
	@echo "make mutants         put faults into the core and see whether a test notices (SAMPLE=200 SEED=7)"
	@echo "make bench-typing    mypy, pyright and jedi: what they cost here and with boto3's stubs"

EXTRAS := cli testing async migrate changes
LICENCES := Apache;MIT;BSD;ISC;MPL;Mozilla;PSF;Python Software Foundation;Unlicense;HPND

# The demo needs no development tools.
.venv-demo/ready: pyproject.toml
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python -m pip install --quiet --disable-pip-version-check -e '.[cli,testing]'
	touch $@

demo: .venv-demo/ready
	@.venv-demo/bin/python -m sagemaker_typed demo

# Where there is uv, it takes seconds, and gives the versions of the lock with their hashes. Without it, pip takes the newest that fit.
UV := $(shell command -v uv 2>/dev/null)

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml .ci/dev.txt .ci/group.py
ifdef UV
	$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r .ci/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
else
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python .ci/group.py dev > $(VENV)/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . -r $(VENV)/requirements.txt
endif
	touch $@

# The versions that fit, for every Python and platform, with their hashes; `--upgrade` takes the newest (LOCK=--upgrade).
lock: $(VENV)/ready
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev $(EXTRAS:%=--extra %) --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --output-file .ci/dev.txt $(LOCK)

# Known weaknesses of what users install, and its licences. Where the index has no advisories, the audit fails: it has seen nothing
# (AUDIT='--vulnerability-service osv' asks another).
audit: $(VENV)/ready
	$(BIN)/uv pip compile --quiet pyproject.toml $(EXTRAS:%=--extra %) --no-header --no-annotate --output-file .venv/users.txt
	$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement .venv/users.txt $(AUDIT)

licences: $(VENV)/ready
	$(BIN)/uv pip compile --quiet pyproject.toml $(EXTRAS:%=--extra %) --no-header --no-annotate --output-file .venv/users.txt
	$(BIN)/pip-licenses --from=mixed --partial-match --allow-only='$(LICENCES)' \
		--packages $$(sed -n 's/==.*//p' .venv/users.txt)

# Branches of what was written by hand, generator and all; fails under 95%.
coverage: $(VENV)/ready
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow' --cases=$(CASES) --cov --cov-report=term:skip-covered --cov-report=xml:.cache/coverage.xml

hooks: $(VENV)/ready
	$(BIN)/pre-commit install

test: $(VENV)/ready
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow' --cases=$(CASES) $(TESTS)

# What a regenerated tree is likely to break.
test-quick: $(VENV)/ready
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow' tests/codegen tests/unit tests/contract

# Calls go through botocore's machinery, as they do where somebody listens. Left out are tests that choose the way of each
# client themselves (tests/wire), that call with boto3, and that send nothing.
LONG_WAY_TESTS := tests/aio tests/contract tests/services tests/processes tests/seams \
	$(addprefix tests/unit/test_,$(addsuffix .py,answers bound bounded client connection escape_hatch half_received hooks \
	pickles requests_log session wait_deadlines waits_on_the_wire)) \
	$(addprefix tests/local/test_,$(addsuffix .py,typed_client waits every_waiter runs examples streams short_forms helpers \
	feature_records))
test-long-way: $(VENV)/ready
	SAGEMAKER_TYPED_SHORT_WAY=0 $(BIN)/python -m pytest -n $(WORKERS) -m 'not slow' --cases=$(CASES) $(LONG_WAY_TESTS)

test-slow: $(VENV)/ready
	$(BIN)/python -m pytest -n $(WORKERS) -m slow

test-all: CASES = all
test-all: test test-long-way test-slow test-lowest test-newest test-moto

check: lint types check-generated

lint: $(VENV)/ready check-workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Against their schemas, and for what a workflow may be made to do. The source archive has none.
SCHEMA := $(BIN)/check-jsonschema --quiet --default-filetype yaml --builtin-schema
check-workflows: $(VENV)/ready
ifneq ($(wildcard .github/workflows),)
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/wish.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --quiet --offline .github
endif

types: $(VENV)/ready
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

check-generated: $(VENV)/ready
	$(BIN)/python -m sagemaker_typed.codegen --check

generate: $(VENV)/ready
	$(BIN)/python -m sagemaker_typed.codegen $(if $(filter 1,$(PROPOSE)),--propose)

# What guesses stand in the overlay that nobody has looked at; FAIL=--fail fails where there are any.
proposals: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.proposals $(FAIL)

# What `make update` would have proposed at past releases, beside what people decided. Downloads 2 GB at first.
replay: $(VENV)/ready
	$(BIN)/python -m tests.replay $(REPLAY)

words: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.coverage $(WORDS)

check-surface: $(VENV)/ready
	$(BIN)/python -m tests.surface check

surface: $(VENV)/ready
	$(BIN)/python -m tests.surface record $(SURFACE)

# Writes its guesses at what is undecided into the overlay, each marked (PROPOSE=0: stops there instead), stops where no guess
# can be right, and goes on from there when it is run again.
update: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.release.update --make '$(MAKE)' --botocore '$(BOTOCORE)' --propose '$(or $(PROPOSE),1)' --check '$(or $(CHECK),1)'

# The tests that hold whatever is installed; the generator's and the type checkers' are tied to the pinned tools.
RUNTIME_TESTS := tests/unit tests/aio tests/contract tests/local tests/services tests/logs tests/changes tests/processes tests/wire

test-lowest:
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -e . -r tests/lowest.txt
	.venv-lowest/bin/python -m pytest -n $(WORKERS) -m 'not slow' $(RUNTIME_TESTS)

test-newest:
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[cli,testing,async,changes]' pytest pytest-xdist hypothesis
	.venv-newest/bin/python -m pytest -n $(WORKERS) -m 'not slow' $(RUNTIME_TESTS)

# moto's own SageMaker tests, from its source distribution, against LocalSageMaker.
test-moto:
	$(PYTHON) -m venv --clear .venv-moto
	.venv-moto/bin/python -m pip install --quiet --disable-pip-version-check -e '.[testing]' 'moto[s3,cloudformation]==5.2.5' pytest freezegun requests-mock setuptools wheel
	.venv-moto/bin/python -m tests.local.moto_suite.run

# Programs that use SageMaker, each in a virtual environment of its own: their dependencies disagree. Where a program needs
# few of its dependencies, those are listed, and the program itself stands in <program>.alone.txt.
CLIENTS := tests/clients/requirements
CLIENT_PROGRAMS := $(filter-out %.alone,$(basename $(notdir $(wildcard $(CLIENTS)/*.txt))))

.venv-clients/%/ready: $(CLIENTS)/%.txt
	$(PYTHON) -m venv --clear .venv-clients/$*
	.venv-clients/$*/bin/python $(PIP_INSTALL) -r $<
	if [ -f $(CLIENTS)/$*.alone.txt ]; then .venv-clients/$*/bin/python $(PIP_INSTALL) --no-deps -r $(CLIENTS)/$*.alone.txt; fi
	touch $@

.venv-clients/mlflow_deploy/ready: $(CLIENTS)/mlflow_deploy.alone.txt

test-clients: $(VENV)/ready $(CLIENT_PROGRAMS:%=.venv-clients/%/ready)
	$(BIN)/python -m tests.clients.run .venv-clients $(CLIENT)

# The frameworks are large, and so are set up once.
.venv-processes/ready: pyproject.toml tests/processes/requirements.txt
	$(PYTHON) -m venv .venv-processes
	.venv-processes/bin/python -m pip install --quiet --disable-pip-version-check -e . pytest -r tests/processes/requirements.txt
	touch $@

test-processes: .venv-processes/ready
	.venv-processes/bin/python -m pytest tests/processes/test_frameworks.py

# From the wheel, not from here: checkers treat what is installed in another way than what they are pointed at.
BENCH_TYPING := .venv-bench-typing
BENCH_TYPING_TOOLS := mypy==2.4.1 'pyright[nodejs]==1.1.414' 'jedi>=0.19.2'
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

bench-typing: $(VENV)/ready
	rm -rf $(BENCH_TYPING)-wheel
	$(BIN)/python -m build --wheel --outdir $(BENCH_TYPING)-wheel > /dev/null
	$(PYTHON) -m venv $(BENCH_TYPING)-ours
	$(BENCH_TYPING)-ours/bin/python $(PIP_INSTALL) $(BENCH_TYPING_TOOLS) boto3 $(BENCH_TYPING)-wheel/*.whl
	$(BENCH_TYPING)-ours/bin/python $(PIP_INSTALL) --force-reinstall --no-deps $(BENCH_TYPING)-wheel/*.whl
	$(PYTHON) -m venv $(BENCH_TYPING)-stubs
	$(BENCH_TYPING)-stubs/bin/python $(PIP_INSTALL) $(BENCH_TYPING_TOOLS) boto3 'boto3-stubs[sagemaker]'
	$(PYTHON) -m venv $(BENCH_TYPING)-types
	$(BENCH_TYPING)-types/bin/python $(PIP_INSTALL) 'jedi>=0.19.2' boto3 'types-boto3[sagemaker]'
	$(BIN)/python tests/benchmarks/typing_bench.py $(BENCH_TYPING)-ours $(BENCH_TYPING)-stubs $(BENCH_TYPING)-types

# The same commit gives the same bytes: the times in the archives are that of the commit.
wheel: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1580601600)
wheel: $(VENV)/ready
	rm -rf dist
	$(BIN)/python -m build > /dev/null

# The archives: their metadata and contents, and that a second build gives the same bytes.
check-wheel: wheel
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/python -m tests.archives same dist -- $(MAKE) wheel

# The wheel as users install it, in an empty virtual environment of each Python: the demo, every public module, a checked script.
PYTHONS ?= python3.11 python3.12 python3.13
test-wheel: wheel
	$(BIN)/python -m tests.archives installed dist $(PYTHONS)

# The README's two commands from the source archive alone, without git and with nothing of this shell's environment.
test-sdist: wheel
	$(BIN)/python -m tests.archives commands dist --python $(PYTHON) -- demo "test TESTS='$(TESTS)'"

# Writes the publisher's address wherever it stands (REPOSITORY=https://github.com/acme/sagemaker-typed TEAM=@acme/maintainers).
publisher: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.release.publisher $(REPOSITORY) $(if $(TEAM),--team $(TEAM))

# A release is of the version that its tag names, which is whole and has a publisher.
check-release: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.release.ready "$(TAG)"

check-tag: $(VENV)/ready
	@$(BIN)/python -c 'import sys, sagemaker_typed as s; sys.exit("$(TAG)" != f"v{s.__version__}" and f"the version is {s.__version__}, and TAG is \"$(TAG)\"")'

pull-request: $(VENV)/ready
	@$(BIN)/python -m sagemaker_typed.codegen.release.told --failed '$(FAILED)'

docs: site examples

site: $(VENV)/ready
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -b html docs docs/_build/html

examples: $(VENV)/ready
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -b doctest docs docs/_build/doctest

history: $(VENV)/ready
	$(BIN)/python docs/_ext/collect_history.py $(HISTORY)

# The benchmarks measure the package as it is installed, not a checkout: what an editable install adds to each start would
# be part of the figures.
.venv-bench/made: pyproject.toml tests/benchmarks/requirements.txt
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check . -r tests/benchmarks/requirements.txt
	touch $@

.venv-bench/ready: .venv-bench/made $(shell find sagemaker_typed -type f -not -name '*.pyc' -not -path '*/codegen/*')
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	touch $@

# One venv a peer: their dependencies disagree. sagemaker-core's takes 410 MB.
PEERS := capo-sagemaker sagemaker-core boto3-stubs
.venv-peer-%/ready: tests/benchmarks/peers/%.txt
	$(PYTHON) -m venv .venv-peer-$*
	.venv-peer-$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

bench: .venv-bench/ready
	.venv-bench/bin/python -m tests.benchmarks $(BENCH)

# Against the version of the last tag, which is built from the tag; without one, it says so.
bench-tag: .venv-bench/ready
	.venv-bench/bin/python -m tests.benchmarks.against_tag $(BENCH)

bench-peers: .venv-bench/ready $(PEERS:%=.venv-peer-%/ready)
	.venv-bench/bin/python -m tests.benchmarks --peers $(BENCH)

bench-docs: $(VENV)/ready .venv-bench/ready $(PEERS:%=.venv-peer-%/ready)
	.venv-bench/bin/python -m tests.benchmarks --peers --json docs/_data/bench.json $(BENCH)
	.venv-bench/bin/python -m tests.benchmarks.growth docs/_data/growth.json
	$(BIN)/python docs/_ext/readme.py

# Those of the README: from a real terminal, and from what a language server answers.
pictures: $(VENV)/ready
	$(BIN)/python docs/_ext/pictures.py

# Two processes at once, each for so many minutes. What breaks is kept in tests/fuzz/found, which the tests read.
FUZZ_MINUTES ?= 15
fuzz: $(VENV)/ready
	$(BIN)/python -m tests.fuzz --minutes $(FUZZ_MINUTES) $(FUZZ)

soak: $(VENV)/ready
	$(BIN)/python -m tests.soak docs/_data/soak.json $(SOAK)

# Fails under 92%. The first run records which test runs which line, and takes as long as the tests.
SAMPLE ?= 200
mutants: $(VENV)/ready
	$(BIN)/python $(PIP_INSTALL) -r tests/mutants/requirements.txt
	$(BIN)/python -m tests.mutants --sample $(SAMPLE) $(if $(SEED),--seed $(SEED)) --jobs $(WORKERS) $(MUTANTS)

clean:
	rm -rf .venv .venv-* build dist docs/_build .mypy_cache .pytest_cache .ruff_cache

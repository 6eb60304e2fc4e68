# From exports to reports. `make` alone lists what there is.
# Lines with two hashes are the help: `target: ## text`, `VARIABLE ?= default ## text`, `##@ heading of targets`.

DATA ?= data/sample## folder with shops.yaml, or with one shop's exports (then MARKET too)
SHOPS ?= ## ids of the shops to report on, comma between (default: all)
WEEK ?= latest## ISO week such as 2026-W46, or latest: the last whole week in each shop's data
DAY ?= latest## day of the morning brief, YYYY-MM-DD, or latest: the last day in the data
FORMATS ?= html,pdf## html, pdf, or both with a comma between
APPENDIX ?= ## 1: add the evidence of each report as a second PDF
RENDERER ?= auto## auto, quarto or builtin (auto: Quarto when it is there)
REPORT_LANG ?= ## language of the reports (default: each shop's own setting)
JOBS ?= ## reports made side by side (default: all cores)
OUT ?= reports/out## where finished reports go
MARKET ?= ## market of a DATA folder without shops.yaml: US, GB, TH, VN, ID, ...
PYTHON ?= ## the Python (3.11 or later) that environments are made with (default: found)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup report brief portfolio all lab test test-quick lint format docs sample bench bench-peers calibrate lock clean

BIN := .venv/bin
REPORT_READY := .venv/.report-ready
DEV_READY := .venv/.dev-ready
LAB_READY := .venv-lab/.lab-ready
DOCS_READY := .venv-docs/.docs-ready
INPUTS := pyproject.toml requirements/setup.sh requirements/report.lock

##@ Every week

help: ## this list
	@echo "make TARGET [VARIABLE=value ...]"
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables of what is made every week"
	@awk '/^[A-Z_]+ \?= ?.*## / { name = $$1; sub(/^[A-Z_]+ \?= ?/, ""); split($$0, part, "## "); \
	    printf "  %-12s %s%s\n", name, part[2], part[1] == "" ? "" : " [" part[1] "]" }' Makefile
	@echo
	@echo "Example: make report DATA=~/exports MARKET=US WEEK=2026-W46"

setup: $(REPORT_READY) ## make .venv with what reports need, and say what this machine has and lacks
	@$(BIN)/cancel-analysis doctor --out "$(OUT)"

report: $(REPORT_READY) ## make the reports of DATA, as HTML and PDF, and their index page
	@$(BIN)/cancel-analysis report --data "$(DATA)" --week "$(WEEK)" --formats "$(FORMATS)" \
	    --renderer "$(RENDERER)" --out "$(OUT)" \
	    $(if $(SHOPS),--shops "$(SHOPS)") $(if $(REPORT_LANG),--lang "$(REPORT_LANG)") \
	    $(if $(JOBS),--jobs "$(JOBS)") $(if $(MARKET),--market "$(MARKET)") $(if $(APPENDIX),--appendix)

brief: $(REPORT_READY) ## make the morning brief of DATA's shops: HTML, PDF and a text for a chat
	@$(BIN)/cancel-analysis brief --data "$(DATA)" --day "$(DAY)" --formats "$(FORMATS)" \
	    --renderer "$(RENDERER)" --out "$(OUT)" \
	    $(if $(SHOPS),--shops "$(SHOPS)") $(if $(REPORT_LANG),--lang "$(REPORT_LANG)") \
	    $(if $(MARKET),--market "$(MARKET)")

portfolio: $(REPORT_READY) ## make the page over all shops of DATA: the worst first, causes, movers
	@$(BIN)/cancel-analysis portfolio --data "$(DATA)" --week "$(WEEK)" --formats "$(FORMATS)" \
	    --renderer "$(RENDERER)" --out "$(OUT)" \
	    $(if $(SHOPS),--shops "$(SHOPS)") $(if $(REPORT_LANG),--lang "$(REPORT_LANG)") \
	    $(if $(MARKET),--market "$(MARKET)")

all: $(REPORT_READY) ## report, brief and portfolio; one that fails stops no other
	@status=0; for target in report brief portfolio; do $(MAKE) --no-print-directory $$target || status=$$?; done; \
	    exit $$status

lab: $(LAB_READY) ## open a copy of the guided tour in JupyterLab (an environment of its own, .venv-lab)
	@test -e my_notebooks/start_here.ipynb || \
	    .venv-lab/bin/cancel-analysis new-notebook start_here --template start_here
	@# In a container one is usually root, which JupyterLab refuses unless told; it serves this machine alone.
	@.venv-lab/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) my_notebooks/start_here.ipynb

##@ For developers

test: $(DEV_READY) ## every test that this machine can run; the last line is pytest's
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --nbval-lax --nbval-current-env tests notebooks

test-quick: $(DEV_READY) ## the tests that take less than two minutes in all
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow and not browser and not quarto" tests

lint: $(DEV_READY) ## rules, format, types, order of imports, agreement of the project's files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_project.py

format: $(DEV_READY) ## put the code into its format and mend what lint can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(DOCS_READY) ## build the documents as a site, readable without a network: site/index.html
	@.venv-docs/bin/zensical build --clean --strict
	@echo "Open site/index.html"

sample: $(REPORT_READY) ## make data/sample again, byte for byte the same
	@$(BIN)/cancel-analysis sample data/sample

bench: $(DEV_READY) ## measure loading and whole reports, as ratios within one run; writes docs/benchmarks.md
	@$(BIN)/python -m bench

bench-peers: $(DEV_READY) ## pages of other tools from the same rows, beside ours; writes docs/benchmarks_peers.md
	@test -x .venv-peers/bin/python || $(BIN)/python -m venv .venv-peers
	@.venv-peers/bin/python -m pip install -qq --disable-pip-version-check -r requirements/peers.txt
	@$(BIN)/python -m bench.peers --python .venv-peers/bin/python

calibrate: $(DEV_READY) ## measure how often what the figures claim comes true; writes docs/calibration.md
	@$(BIN)/python -m calibration

lock: ## solve the lock files anew from pyproject.toml (needs uv; UPGRADE=1 for newer versions)
	@$(if $(shell command -v uv),uv run --no-project python,python3) requirements/lock.py $(if $(UPGRADE),--upgrade)

clean: ## remove reports and caches; environments stay
	@rm -rf reports/out reports/.work bench/out site .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find cancel_analysis tests notebooks -name __pycache__ -prune -exec rm -rf {} +
	@find notebooks -name .ipynb_checkpoints -prune -exec rm -rf {} +

$(REPORT_READY): $(INPUTS)
	@PYTHON="$(PYTHON)" sh requirements/setup.sh .venv report
	@touch $@

$(DEV_READY): $(REPORT_READY) requirements/dev.lock
	@PYTHON="$(PYTHON)" sh requirements/setup.sh .venv dev
	@touch $@

$(LAB_READY): $(INPUTS) requirements/lab.lock
	@PYTHON="$(PYTHON)" sh requirements/setup.sh .venv-lab lab
	@touch $@

$(DOCS_READY): $(INPUTS) requirements/docs.lock
	@PYTHON="$(PYTHON)" sh requirements/setup.sh .venv-docs docs
	@touch $@

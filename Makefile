# The two commands a newcomer types: `make demo` and `make test`. Everything is installed into .venv.
SHELL := /bin/bash
PYTHON ?= $(firstword $(shell command -v python3.11 python3))
CONTAINERS ?= process
SERVE_IMAGE := trieur-serve-under-test
BIN := .venv/bin
INSTALLED := .venv/.installed
# The venv comes first: it carries Node and the plain aws command.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo test bench-train bench-serve soak-serve local local-down docs-cli lint synth images clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## Install everything into .venv

$(INSTALLED): requirements.txt requirements-dev.txt containers/train/requirements.txt containers/serve/requirements.txt containers/serve/requirements-build.txt pyproject.toml $(wildcard containers/serve/kernels/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' || \
	  { echo "Trieur needs Python 3.11.4 or later, and $(PYTHON) is older: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv module is missing: install it (Debian: apt install python3-venv)"; exit 1; }
	@echo "Installing into .venv (about 1.5 GB; the first time takes a minute or two)"
	@$(BIN)/pip install -q uv==0.13.9
	@# uv does not read pip's settings: a folder of wheels that pip knows may hold torch's CPU build. Without one, the
	@# index of the CPU builds is asked for; where only PyPI can be reached, its (much larger) build serves too.
	@export UV_FIND_LINKS="$${PIP_FIND_LINKS:-$$($(BIN)/pip config get global.find-links 2>/dev/null)}"; \
	uv() { $(BIN)/uv pip install --python $(BIN)/python "$$@"; }; \
	cpu=; ls $${UV_FIND_LINKS:-/nonexistent}/torch-*.whl >/dev/null 2>&1 || \
	  { UV_HTTP_RETRIES=0 uv --dry-run --torch-backend cpu -r containers/train/requirements.txt >/dev/null 2>&1 && cpu=1; }; \
	uv $$([ -t 2 ] || echo --quiet) $${cpu:+--torch-backend cpu} -r requirements-dev.txt -e .
	@$(BIN)/python containers/serve/build_kernels.py
	@touch $@

demo: $(INSTALLED) ## Run the whole pipeline on the local AWS (CONTAINERS=docker: in the real images)
	@$(BIN)/python -m localcloud.demo --containers $(CONTAINERS)

test: $(INSTALLED) ## Run all tests
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench-train: $(INSTALLED) ## Measure fine-tuning beside the standard way (about five minutes of a quiet machine)
	@$(BIN)/python -m benchmarks.bench_train

bench-serve: $(INSTALLED) ## Measure our serving container beside the standard way (about five minutes of a quiet machine)
	@$(BIN)/python -m benchmarks.bench_serve

soak-serve: $(INSTALLED) ## Ten minutes of mixed and bad requests over 64 connections against our serving container
	@$(BIN)/python -m benchmarks.soak_serve

local: $(INSTALLED) ## Start the local AWS and stay with it until Ctrl-C
	@$(BIN)/python -m localcloud up --containers $(CONTAINERS)

local-down: $(INSTALLED) ## Stop the local AWS
	@$(BIN)/python -m localcloud down

docs-cli: $(INSTALLED) ## Write docs/cli.md from the commands
	@$(BIN)/python -m trieur.cli.reference

lint: $(INSTALLED) ## ruff, mypy and hadolint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy trieur lambdas infra localcloud app.py
	$(BIN)/hadolint containers/train/Dockerfile containers/serve/Dockerfile

node_modules: $(INSTALLED) package.json
	npm install --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

synth: node_modules ## Synthesise with the CDK CLI, check with cdk-nag and cfn-lint
	npx cdk synth --quiet
	$(BIN)/cfn-lint cdk.out/*.template.json

images: $(INSTALLED) ## Build both images, run the demo in them and the tests that need a Docker engine
	@$(BIN)/python -m localcloud.demo --containers docker
	@docker build --quiet --network host --tag $(SERVE_IMAGE) containers/serve
	@TRIEUR_SERVE_IMAGE=$(SERVE_IMAGE) $(BIN)/pytest tests/contract/localcloud/test_docker.py \
	  tests/contract/test_train_image.py tests/contract/test_serve_image.py tests/contract/serve
	@docker rmi --force $(SERVE_IMAGE) >/dev/null

clean: ## Remove what was installed and built
	rm -rf .venv .local cdk.out node_modules

# Every Node step goes through npm: the system's Node may be older than the pinned one, which npm scripts use.
.DEFAULT_GOAL := help
.PHONY: help setup controlplane image lint typecheck test test-unit test-integration test-scenario test-crash soak test-node test-contract test-contract-long demo dev down bench clean

RUN := npm run --silent

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.package-lock.json controlplane ## install packages, build the control plane once (5-8 min)

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

controlplane: node_modules/.package-lock.json
	@$(RUN) controlplane

image: node_modules/.package-lock.json ## the container image and its SBOM, without a container engine
	@$(RUN) image

lint: node_modules/.package-lock.json ## format and lint rules
	@$(RUN) lint

typecheck: node_modules/.package-lock.json ## TypeScript, strict
	@$(RUN) typecheck

test: setup ## every suite: contract, unit, integration, scenario
	@$(RUN) test

test-unit: node_modules/.package-lock.json ## tests beside the code; no server
	@$(RUN) test:unit

test-integration: setup ## parts against a real API server and EVM node
	@$(RUN) test:integration

test-scenario: setup ## whole lease lives through the public surfaces
	@$(RUN) test:scenario

test-crash: setup ## the operator killed after every single write of ten lives: hours
	@$(RUN) test:crash

soak: setup ## random lives under faults: make soak N=10000 SEED=1; what failed again: SCRIPT=FILE
	@N="$(N)" SEED="$(SEED)" SCRIPT="$(SCRIPT)" $(RUN) soak

test-node: setup ## the chart on a real node, where containers really run (root on Linux)
	@$(RUN) test:node

test-contract: node_modules/.package-lock.json ## the market contract: unit, fuzz, invariants
	@$(RUN) test:contract

test-contract-long: node_modules/.package-lock.json ## ten times the invariant calls
	@$(RUN) test:contract:long

demo: setup ## the whole story on a real cluster and chain
	@$(RUN) demo

dev: setup ## the same, left running for you
	@$(RUN) dev

down: node_modules/.package-lock.json ## stop what `make dev` left running
	@$(RUN) down

bench: setup ## measure, and write bench/results.md
	@$(RUN) bench

clean: ## remove what was made here (the built control plane stays in the user's cache)
	@if [ -e .berthage/dev.json ]; then $(RUN) down; fi
	rm -rf node_modules coverage .berthage contracts/cache contracts/out

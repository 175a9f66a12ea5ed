# Two commands do everything for a newcomer: `make demo` and `make test`.
SHELL := /usr/bin/env bash
SWIFT_FLAGS ?=
SOCKET_TESTS = ConsoleTests|HTTPTests|MTConnectTests|WorldLiveTests
COMPUTING_TESTS = EngineTests|FaultDiskTests|JQTests|SimulationTests
FOLDER_TESTS = FalseAlarmTests|FolderTemplateTests|PlantedFaultTests
export SWIFT_DETERMINISTIC_HASHING = 1
export SWIFT_BACKTRACE = enable=no

.PHONY: help demo test build release bench bench-jq chaos reliability fuzz sanitize lint format docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## run an edge, a hub and an Odoo stand-in on this machine and post simulated production
	@scripts/prepare
	swift build $(SWIFT_FLAGS) --product millwright
	swift run $(SWIFT_FLAGS) --skip-build millwright demo $(ARGS)

test: ## build and run all tests
	@scripts/prepare test
	swift build $(SWIFT_FLAGS) --build-tests
	# Five parts, one after the other: what keeps deadlines on real sockets must not share two cores with what computes
	# for minutes. The third part is whatever no other part names. Each part runs whatever became of the ones before.
	failed=0; part() { swift test $(SWIFT_FLAGS) --skip-build "$$@" || failed=1; }; \
	part --filter '^($(SOCKET_TESTS))\.'; \
	part --filter '^($(COMPUTING_TESTS))\.'; \
	part --skip '^($(SOCKET_TESTS)|$(COMPUTING_TESTS)|DemoTests)\.'; \
	part --filter '^DemoTests\.($(FOLDER_TESTS))'; \
	part --filter '^DemoTests\.' --skip '^DemoTests\.($(FOLDER_TESTS))'; \
	exit $$failed

build: ## debug build
	@scripts/prepare
	swift build $(SWIFT_FLAGS)

release: ## optimised build of the one binary, which needs no Swift where it runs
	@scripts/prepare
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product millwright --scratch-path .build-release

bench: release ## measure on this machine (release build)
	.build-release/release/millwright bench $(ARGS)

bench-jq: release ## the same map by jq's own library, in turns (needs libjq-dev)
	clang -O2 -o .build-release/libjq-map Tests/Support/libjq-map.c -ljq
	.build-release/release/millwright bench map --beside .build-release/libjq-map $(ARGS)

chaos: release ## kill, freeze, cut off and starve real processes, and compare the totals (as root also disk and network)
	clang -shared -fPIC -O1 -o .build-release/clockoffset.so Tests/Support/clockoffset.c -ldl
	.build-release/release/millwright chaos --clock-library .build-release/clockoffset.so $(ARGS)

reliability: release ## simulate plants from many seeds and write docs/reliability.md (goes on where docs/reliability.json ends; 100,000 take two hours)
	scripts/reliability .build-release/release/millwright $(ARGS)

fuzz: ## fuzz each parser for an hour, or TIME=seconds; ARGS="FuzzJSON FuzzJQ" for some of them
	@scripts/prepare
	scripts/fuzz $(or $(TIME),3600) $(ARGS)

sanitize: ## all tests under the thread and the address sanitizer
	scripts/sanitize thread $(ARGS)
	scripts/sanitize address $(ARGS)

lint: ## formatting and house rules
	swift format lint --strict --recursive --parallel --configuration .swift-format Package.swift Sources Tests
	scripts/tidy

format: ## rewrite the sources in the house format
	swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests

docs: ## write the generated reference anew
	swift run $(SWIFT_FLAGS) millwright docs --output docs/reference

clean: ## remove all build products
	rm -rf .build .build-*

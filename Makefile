# `make help` says what there is. Nothing here asks a question.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Go keeps its cache there, and some runners start jobs without it.
export HOME := $(or $(HOME),$(shell getent passwd "$$(id -u)" | cut -d: -f6))

# Where the test runners leave their results for .ci/run; empty: nowhere.
REPORTS ?=
, := ,
MODULES := web/node_modules/.package-lock.json
# Tools that are written in Go have a go.mod of their own, so that the product's stays short.
TOOL := go tool -modfile=internal/tools/go.mod

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 16

.PHONY: test
# As root, on Debian, what is missing is installed.
test: tools lint test-web test-go test-days-sample test-e2e mutants-sample ## install what is missing, run all tests

.PHONY: dist
dist: $(MODULES) ## build web/dist from the sources
	go generate ./web

.PHONY: demo
demo: ## serve both pages on loopback with a throwaway team
	go run ./cmd/utvag demo

.PHONY: bench
bench: ## measure the relay beside bare references: about half an hour on a quiet machine
	go run ./bench $(BENCH)

.PHONY: faults
faults: ## let relays, network and Redis fail for some minutes, and prove that nothing is lost; FAULTS="-minutes 1"
	go run ./faults -seed 1 -minutes 3 $(FAULTS)
	go run ./faults -seed 1 -minutes 3 -redis sentinels -faults kill,cut,pause,partition,failover,tail,split $(FAULTS)
	go run ./faults -seed 1 -minutes 1 -redis cluster $(FAULTS)
	go run ./faults -seed 1 -minutes 3 -redis cluster \
		-faults kill,cut,partition,handover,reshard,failover,tail,split $(FAULTS)

.PHONY: mutants
mutants: $(MODULES) ## make each deliberate fault in a copy of the tree, and see its test fail; MUTANTS="-only ID -v"
	go run ./faults/mutants $(MUTANTS)

.PHONY: mutants-sample
mutants-sample: $(MODULES) ## the same with a few faults, chosen by what is committed
	go run ./faults/mutants -sample 6 -seed "$$(git rev-parse HEAD^{tree})"

.PHONY: tools
tools: ## install redis-server, a mail server, the browsers, fonts, sqlite3 and a C compiler where they are missing
	@missing=(); \
	command -v redis-server >/dev/null || missing+=(redis-server); \
	command -v chromium >/dev/null || missing+=(chromium); \
	command -v firefox-esr >/dev/null || missing+=(firefox-esr); \
	[[ -x /usr/sbin/exim4 ]] || missing+=(exim4-daemon-light); \
	command -v sqlite3 >/dev/null || missing+=(sqlite3); \
	command -v gcc >/dev/null || missing+=(gcc libc6-dev); \
	[[ -e /usr/share/fonts/truetype/noto/NotoSansSyriac-Regular.ttf ]] || missing+=(fonts-noto-core); \
	if (( $${#missing[@]} )); then \
		echo "installing $${missing[*]}"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq; \
		apt-get install -y -qq --no-install-recommends "$${missing[@]}" </dev/null >/dev/null; \
	fi

$(MODULES): web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# What only tests call: the packages that are made for them, and the other half of a codec that has two.
TEST_ONLY := ^(chat/chattest|internal/mailtest|internal/redistest|internal/testkit)/|DecodeReachable$$

.PHONY: lint
lint: $(MODULES) ## check formatting, types, what lints find, and that nothing is dead
	@unformatted=$$(find . -name node_modules -prune -o -name '*.go' -print0 | xargs -0 gofmt -l); \
	if [[ -n "$$unformatted" ]]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck ./...
	@dead=$$($(TOOL) deadcode -test ./...); product=$$($(TOOL) deadcode ./...); \
	dead+=$$(grep -vE '$(TEST_ONLY)' <<<"$$product" || true); \
	if [[ -n "$$dead" ]]; then echo "nobody calls:"; echo "$$dead"; exit 1; fi
	go run ./cmd/utvag flow lint
	cd web && npm run --silent check
	cd web && npm run --silent lint

.PHONY: test-go
test-go: $(MODULES) ## run the Go tests with the race detector
	UTVAG_NO_SKIP=1 $(TOOL) gotestsum --format pkgname-and-test-fails --format-icons text \
		$(if $(REPORTS),--junitfile "$(REPORTS)/go.xml") -- -race -timeout 30m ./...

.PHONY: test-days
test-days: test-days-go test-days-web ## run the tests on other days: 45 and 400 ahead, and at awkward hours

# How far ahead, and what is run there; TEST narrows it down.
DAYS ?= 45 400

.PHONY: test-days-go
test-days-go: $(MODULES)
	for days in $(DAYS); do \
		UTVAG_NO_SKIP=1 go run ./internal/clockshift -ahead $$(( days * 24 ))h \
			test -count=1 -timeout 30m $(or $(TEST),./...); \
	done

# When it is for the pages, as date(1) reads it: in some weeks, in a year, just before midnight, at both half past twos
# of the night in which summer time ends. TEST_WEB and STORIES narrow down what is run then.
WHENS ?= "+45 days" "+400 days" "23:59" "2027-10-31 02:30 +0200" "2027-10-31 02:30 +0100"
STORIES ?= smoke a-young-man comes-back-the-next-day the-next-shift every-language

.PHONY: test-days-web
test-days-web: $(MODULES)
	cd web; export TZ=Europe/Stockholm UTVAG_NO_SKIP=1; \
	for when in $(WHENS); do \
		echo "it is $$when"; \
		export UTVAG_CLOCK_AHEAD=$$(( $$(date -d "$$when" +%s) - $$(date +%s) )); \
		npx --no-install vitest run $(TEST_WEB); \
		$(if $(STORIES),npx --no-install playwright test --project=desktop $(STORIES);) \
	done

.PHONY: test-days-sample
test-days-sample: $(MODULES)
	$(MAKE) test-days-go DAYS=400 TEST="./intake/... ./internal/c... ./internal/live ./internal/oncall ./internal/server"
	$(MAKE) test-days-web WHENS='"+400 days"' STORIES= \
		TEST_WEB="test/console test/visitor test/i18n test/conversation/talk.test.ts"

.PHONY: test-web
test-web: $(MODULES) ## run the unit tests of the pages
	cd web && UTVAG_NO_SKIP=1 npx --no-install vitest run \
		$(if $(REPORTS),--reporter=verbose --reporter=junit --outputFile.junit="$(REPORTS)/vitest.xml")

.PHONY: test-e2e
test-e2e: $(MODULES) ## run the browser tests, against a real server and a real Redis
	cd web && UTVAG_NO_SKIP=1 $(if $(REPORTS),PLAYWRIGHT_JUNIT_OUTPUT_NAME="$(REPORTS)/playwright.xml") \
		npx --no-install playwright test $(if $(REPORTS),--reporter=list$(,)junit)

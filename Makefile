# `make test` is what CI runs. The large runs are e2e, bench, bench-peers, bench-filters,
# bench-imap, eval and fuzz.
GO ?= go
BENCH_DIR ?=
LABELS ?= ../shared/corpora/labels.csv

.PHONY: build test lint deps e2e eval bench bench-peers bench-filters bench-imap fuzz update dist dist-check bench-lint

build: ## bin/pixelsweep, a static binary
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/pixelsweep ./cmd/pixelsweep

dist: ## what a release holds, in dist/: archives, checksums and an SBOM for six systems
	@rm -rf dist
	$(GO) run ./scripts/dist -out dist

dist-check: dist ## and again, elsewhere: every byte must be the same
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && git worktree add -q --detach "$$copy/src" HEAD && \
	  (cd "$$copy/src" && GOCACHE="$$copy/cache" $(GO) run ./scripts/dist -out "$$copy/dist"); ok=$$?; git worktree remove --force "$$copy/src"; \
	  test $$ok = 0 && diff -r dist "$$copy/dist" && echo "dist is reproducible"

test: deps lint ## everything that must pass
	$(GO) test -timeout 18m ./...
	$(GO) test -race -short -timeout 18m ./... # again for data races, without what is long

lint: ## format and vet
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "gofmt would change: $$out"; exit 1; }
	$(GO) vet ./...

deps: ## Debian's Chromium, which judges what loads, and Dovecot, whose mail is audited
	@sh scripts/deps.sh

e2e: deps ## every body of real mail in Chromium
	PIXELSWEEP_E2E=all $(GO) test -timeout 60m -run Chromium -v ./detector ./detector/rewrite

eval: build ## precision and recall on our own messages, and on LABELS where it is there
	bin/pixelsweep eval -v --baselines --ablation corpus/testdata
	@if [ -e "$(LABELS)" ]; then bin/pixelsweep eval -v --baselines --ablation "$(LABELS)"; fi

bench: ## Go benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-lint: ## 1,000 templates of 50 KB, and the start of the command
	$(GO) test -run '^$$' -bench '^Benchmark(Lint|Start)$$' -benchtime 5x ./cmd/pixelsweep

bench-peers: build ## against cat, the obvious Go and the obvious Python
	bash corpus/peers/bench.sh $(BENCH_DIR)

bench-filters: build ## against other filter engines, which need Node
	bash corpus/peers/filters.sh $(BENCH_DIR)

bench-imap: build deps ## an audit of 20,000 messages against mbsync, also over a slow line
	cd corpus/peers && $(GO) run ./imap -bin ../../bin/pixelsweep -slow $(BENCH_DIR)

fuzz: ## a short run of every fuzz target
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep ^Fuzz); do \
	    $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s $$p || exit 1; done; done

update: ## rewrite expectations; review the diff like code
	$(GO) generate ./rules
	$(GO) test ./corpus ./detector/report -update
	$(GO) test ./detector/rewrite -run Golden -update

# Ten short targets; `make test` is what CI runs.
.PHONY: build test lint

build:
	go build -o bin/pixelsweep ./cmd/pixelsweep

test:
	go test -race ./...

lint:
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...

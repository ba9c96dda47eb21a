# A static binary and nothing else: no shell, no network tools, no root.
#   docker build -t pixelsweep .
#   docker run --rm -v "$PWD:/work:ro" pixelsweep lint .
FROM golang:1.26 AS build
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION" -o /pixelsweep ./cmd/pixelsweep

FROM scratch
COPY --from=build /pixelsweep /pixelsweep
COPY LICENSE /LICENSE
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/pixelsweep"]

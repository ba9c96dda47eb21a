# A static binary, the certificates that IMAP and rule lists are checked against, and
# nothing else: no shell, no network tools, no root.
#   docker build -t pixelsweep .
#   docker run --rm -v "$PWD:/work:ro" pixelsweep lint .
FROM golang:1.26 AS build
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION" -o /image/pixelsweep ./cmd/pixelsweep
RUN mkdir -p /image/etc/ssl/certs && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ && cp LICENSE /image/ && mkdir -m 1777 /image/tmp

FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/pixelsweep"]

# MinIO from its last public commit: the project publishes neither images nor programs any more.
FROM golang:1.24-bookworm AS build
ARG MINIO=v0.0.0-20260212201848-7aac2a2c5b7c
RUN CGO_ENABLED=0 go install -trimpath -ldflags "-s -w" "github.com/minio/minio@${MINIO}"

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home minio \
    && install -d -o minio /data
COPY --from=build /go/bin/minio /usr/local/bin/minio
USER minio
VOLUME /data
ENTRYPOINT ["minio"]

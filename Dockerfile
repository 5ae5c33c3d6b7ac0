# The image that `make image` builds without a container engine, for those who have one. The same files at the same paths:
#   docker build --build-arg VERSION=0.1.0 --build-arg COMMIT="$(git rev-parse HEAD)" --tag berthage:0.1.0 .
FROM node:24.21.0-bookworm AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
ARG COMMIT=""
RUN mkdir /image && npx tsx tools/image/rootfs.ts /image "$COMMIT"

FROM scratch
ARG COMMIT=""
ARG VERSION=""
COPY --from=build /image/ /
USER 65532:65532
ENV PATH=/usr/bin \
    NODE_ENV=production \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /app
EXPOSE 8443/tcp 9090/tcp
LABEL org.opencontainers.image.title="berthage" \
      org.opencontainers.image.description="A Kubernetes operator that sells a cluster's spare compute on an open network" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="Berthage" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
ENTRYPOINT ["/usr/bin/node", "--enable-source-maps", "--max-semi-space-size=16", "--use-openssl-ca", "/app/operator.js"]

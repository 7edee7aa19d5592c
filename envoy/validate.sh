#!/usr/bin/env bash
# Gives each bootstrap of this folder to `envoy --mode validate`. The Envoy is SLUICE_ENVOY, else the one on PATH.
set -euo pipefail
cd "$(dirname "$0")"
for file in *.json; do
  "${SLUICE_ENVOY:-envoy}" --mode validate -c "$file" --log-level warn
done

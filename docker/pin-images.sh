#!/usr/bin/env bash
# Writes the digest of every image behind its tag, in docker-compose.yml and Dockerfile: see docs/decisions/0043. Needs docker with buildx, and the registry.
set -euo pipefail
cd "$(dirname "$0")/.."
files=(docker-compose.yml Dockerfile)
images=$(grep -hoE '^ *(image: |FROM )[a-z0-9./-]+:[A-Za-z0-9._-]+( |$)' "${files[@]}" | grep -v 'tandas:' | sed -E 's/^ *(image: |FROM )//; s/ $//' | sort -u || true)
pins=()
for image in $images; do
  # All before any is written: a registry that stops answering must not leave a file half pinned.
  digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "no digest of $image: $digest" >&2; exit 1; }
  pins+=("$image@$digest")
done
for pin in "${pins[@]}"; do
  image=${pin%@*}
  sed -i -E "s#^( *(image: |FROM ))${image//./\\.}( |\$)#\\1$pin\\3#" "${files[@]}"
  echo "$pin"
done

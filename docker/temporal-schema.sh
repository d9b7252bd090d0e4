#!/bin/sh
# Brings Temporal's two databases to the schema of this version. Harmless to repeat: an upgrade runs it again.
set -eu

for name in temporal visibility; do
  database=temporal
  [ "$name" = visibility ] && database=temporal_visibility
  # Fails where the first schema is already there; the update below then says whether that was the reason.
  temporal-sql-tool --db "$database" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$name/versioned"
done

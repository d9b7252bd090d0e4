#!/bin/bash
# Runs once, when the volume is empty: databases and logins for Tandas and for Temporal, each with no more than it needs.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres \
  -v owner_password="$TANDAS_OWNER_PASSWORD" \
  -v app_password="$TANDAS_DB_PASSWORD" \
  -v temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
-- Migrations run as the owner. They ask for these roles, which are already there: that takes `createrole`, which
-- gives no power over roles that are not its own.
create role tandas_app nologin nosuperuser nobypassrls;
create role tandas_system nologin nosuperuser nobypassrls;
-- Signs people in, and sees nothing but them.
create role tandas_identity nologin nosuperuser nobypassrls;
-- Erases people, and can do nothing else.
create role tandas_privacy nologin nosuperuser nobypassrls;
create role tandas_owner login createrole password :'owner_password';
grant tandas_app, tandas_system, tandas_identity, tandas_privacy to tandas_owner with admin option;

-- API and workers: nothing of their own, only what the role gives that each connection takes.
create role tandas login password :'app_password';
grant tandas_app, tandas_system, tandas_identity, tandas_privacy to tandas with inherit false, set true;

create role temporal login password :'temporal_password';

create database tandas owner tandas_owner encoding 'UTF8' template template0;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect on database tandas, temporal, temporal_visibility from public;
grant connect on database tandas to tandas_owner, tandas;
SQL

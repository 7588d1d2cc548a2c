#!/usr/bin/env bash
# Small images of PostgreSQL and RabbitMQ made from Debian's packages, for machines that can pull none: what the presets
# need of the official ones (port, environment variables, an answer by protocol) and nothing else. Needs root and Docker.
# Made once and kept in ~/.cache/harness-ci; a second call imports what is there, a third does nothing.
# Prints the settings that name them, to be evaluated: eval "$(.ci/images.sh)"
set -euo pipefail

cache="${HARNESS_CI_CACHE:-${HOME:-/root}/.cache/harness-ci}/images"
suite=bookworm
mkdir -p "$cache"
say() { echo "images: $*" >&2; }

mirror() {  # where this machine's own apt gets its packages
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1
}

entrypoint() {
  case "$1" in
  postgresql) cat <<'SH'
#!/bin/sh
# Obeys POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB as the official image does; listens when it is ready for use.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
user=${POSTGRES_USER:-postgres}
name=${POSTGRES_DB:-$user}
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$data"
  chown postgres: "$data"
  exec setpriv --reuid postgres --regid postgres --clear-groups "$0"
fi
if [ ! -s "$data/PG_VERSION" ]; then
  secret=$(mktemp)
  printf '%s\n' "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is needed}" >"$secret"
  "$bin/initdb" -D "$data" -U "$user" --pwfile "$secret" -A scram-sha-256 -E UTF8 --locale C.UTF-8 >/dev/null
  rm "$secret"
  [ "$name" = postgres ] || printf 'CREATE DATABASE "%s";\n' "$name" | "$bin/postgres" --single -D "$data" postgres >/dev/null
  echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
SH
  ;;
  rabbitmq) cat <<'SH'
#!/bin/sh
# Obeys RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS and RABBITMQ_DEFAULT_VHOST as the official image does.
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p /var/lib/rabbitmq /var/log/rabbitmq
  chown rabbitmq: /var/lib/rabbitmq /var/log/rabbitmq
  exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups env HOME=/var/lib/rabbitmq "$0"
fi
umask 077
{
  echo "default_user = ${RABBITMQ_DEFAULT_USER:-guest}"
  echo "default_pass = ${RABBITMQ_DEFAULT_PASS:-guest}"
  echo "default_vhost = ${RABBITMQ_DEFAULT_VHOST:-/}"
  echo "loopback_users = none"
} >/var/lib/rabbitmq/rabbitmq.conf
export RABBITMQ_CONFIG_FILE=/var/lib/rabbitmq/rabbitmq.conf RABBITMQ_LOGS=- RABBITMQ_NODENAME=rabbit@localhost
exec /usr/lib/rabbitmq/bin/rabbitmq-server
SH
  ;;
  esac
}

make_root() {  # $1 preset, $2 package: a root file system as an archive
  local root
  root=$(mktemp -d "$cache/root.XXXXXX")
  say "makes $1 from Debian's $2 (once; a few minutes)"
  debootstrap --variant=minbase --include="$2" "$suite" "$root" "$(mirror)" >"$cache/$1.log" 2>&1 ||
    { tail -n 5 "$cache/$1.log" >&2; rm -rf "$root"; return 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* \
    "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/lib/postgresql/* "$root"/var/log/* "$root"/dev/*
  mkdir -p "$root/var/log"
  entrypoint "$1" >"$root/start"
  chmod 755 "$root/start"
  tar -C "$root" --numeric-owner -cf "$cache/$1.tar.part" .
  mv "$cache/$1.tar.part" "$cache/$1.tar"
  rm -rf "$root"
}

image() {  # $1 preset, $2 package, $3 port
  local digest
  digest=$({ entrypoint "$1"; echo "$suite $2 $3"; } | sha256sum | cut -c1-12)
  local tag="harness-ci/$1:$digest"
  docker image inspect "$tag" >/dev/null 2>&1 && { echo "$tag"; return; }
  [ -s "$cache/$1.tar" ] && [ "$(cat "$cache/$1.of" 2>/dev/null)" = "$digest" ] || {
    make_root "$1" "$2"
    echo "$digest" >"$cache/$1.of"
  }
  docker import -c 'ENTRYPOINT ["/start"]' -c "EXPOSE $3" "$cache/$1.tar" "$tag" >/dev/null
  echo "$tag"
}

docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || { say "no Docker engine answers: none made"; exit 0; }
command -v debootstrap >/dev/null || { say "debootstrap is not here: none made"; exit 0; }
db=$(image postgresql postgresql 5432)
echo "export HARNESS_SERVICES_DB_IMAGE=$db"
queue=$(image rabbitmq rabbitmq-server 5672)
echo "export HARNESS_SERVICES_QUEUE_IMAGE=$queue"

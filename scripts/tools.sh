# What the project's scripts install and start. To be sourced by them, from the root of the checkout.
# shellcheck shell=bash

# Where tools that are not the system's go; kept between runs, removed with the target folder.
tools=${CARGO_TARGET_DIR:-$PWD/target}/tools
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Debian's package $1, unless the command $2 is there.
need_package() {
  command -v "$2" >/dev/null 2>&1 && return
  echo "installing $1" >&2
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

need_nextest() {
  cargo nextest --version >/dev/null 2>&1 || cargo install --locked --version 0.9.143 cargo-nextest
}

need_deny() {
  cargo deny --version >/dev/null 2>&1 || cargo install --locked --version 0.20.2 cargo-deny
}

need_fuzz() {
  cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --version 0.13.2 cargo-fuzz
}

postgres_bin() {
  ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

need_postgres() {
  [ -n "$(postgres_bin)" ] || need_package postgresql initdb
  pg_bin=$(postgres_bin)
  if [ -z "$pg_bin" ]; then
    echo "no PostgreSQL under /usr/lib/postgresql: install Debian's package postgresql" >&2
    exit 1
  fi
}

# PostgreSQL refuses to run as root: it gets a user of its own.
postgres_run() {
  local command=$1
  shift
  if [ "$(id -u)" = 0 ]; then
    runuser -u "$postgres_user" -- "$pg_bin/$command" "$@"
  else
    "$pg_bin/$command" "$@"
  fi
}

# Starts a private cluster in $1, reached from this machine alone, and sets postgres_url. With $2 = on, commits wait for
# the disk; tests need no such care.
start_postgres() {
  postgres_user=$(id -un)
  if [ "$(id -u)" = 0 ]; then
    postgres_user=postgres
    id "$postgres_user" >/dev/null 2>&1 || useradd --system --no-create-home "$postgres_user"
    chown "$postgres_user" "$1"
  fi
  chmod 700 "$1"
  postgres_run initdb --pgdata "$1/data" --auth trust --username roster --encoding UTF8 --locale C.UTF-8 \
    --no-sync >"$1.log" 2>&1 || { cat "$1.log" >&2; exit 1; }
  start_cluster "$1" "${2:-off}"
}

# Starts the cluster that is in $1/data, with fsync as $2 says, and sets postgres_url.
start_cluster() {
  local port=$((20000 + RANDOM % 12000)) # below the ports that the system hands out
  postgres_run pg_ctl --pgdata "$1/data" --log "$1/log" --wait start --options \
    "-c listen_addresses=127.0.0.1 -p $port -k $1 -c fsync=$2 -c max_connections=400" >>"$1.log" 2>&1 ||
    { cat "$1.log" "$1/log" >&2; exit 1; }
  rm -f "$1.log"
  postgres_url=postgres://roster@127.0.0.1:$port/postgres
}

# Starts in $1 a streaming standby of the cluster at the URL $2, and sets postgres_url. start_postgres comes before.
start_standby() {
  mkdir "$1"
  if [ "$(id -u)" = 0 ]; then chown "$postgres_user" "$1"; fi
  chmod 700 "$1"
  postgres_run pg_basebackup --dbname "$2" --pgdata "$1/data" --write-recovery-conf --checkpoint fast \
    --no-sync >"$1.log" 2>&1 || { cat "$1.log" >&2; exit 1; }
  start_cluster "$1" off
}

# Ends the cluster in $1, if one was started there.
stop_postgres() {
  [ -e "$1/data" ] || return 0
  postgres_run pg_ctl --pgdata "$1/data" --mode immediate stop >/dev/null 2>&1 || true
}

# A pooler in front of PostgreSQL, which tests start themselves. Debian's package starts one as well, which nobody needs.
need_pgbouncer() {
  if ! [ -x /usr/sbin/pgbouncer ] && ! command -v pgbouncer >/dev/null 2>&1; then
    need_package pgbouncer pgbouncer
    as_root systemctl disable --now pgbouncer >/dev/null 2>&1 || true
  fi
  ROSTER_TEST_PGBOUNCER=$(PATH=$PATH:/usr/sbin command -v pgbouncer)
  export ROSTER_TEST_PGBOUNCER
}

# The released `buf` client $1, as $tools/buf-$1/bin/buf.
need_buf_version() {
  [ -x "$tools/buf-$1/bin/buf" ] && return
  command -v python3 >/dev/null 2>&1 || need_package python3 python3
  python3 -m venv "$tools/buf-$1" 2>/dev/null || { need_package python3-venv no-such-command; python3 -m venv "$tools/buf-$1"; }
  "$tools/buf-$1/bin/pip" install --quiet --disable-pip-version-check "buf-bin==$1"
}

# Two released clients: one before and one after `whoami` moved to another service.
need_buf() {
  need_buf_version 1.73.0
  need_buf_version 1.75.0
  export ROSTER_TEST_BUF=$tools/buf-1.73.0/bin/buf:$tools/buf-1.75.0/bin/buf
}

# A virtual environment in $1 with the packages $2, $3, …, unless it is there.
need_python_packages() {
  local folder=$1
  shift
  [ -e "$folder/installed" ] && return
  command -v python3 >/dev/null 2>&1 || need_package python3 python3
  python3 -m venv "$folder" 2>/dev/null || { need_package python3-venv no-such-command; python3 -m venv "$folder"; }
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  touch "$folder/installed"
}

# The conformance suite scim2-tester, by its command line.
need_scim2_tester() {
  need_python_packages "$tools/scim2-cli-0.6.0" \
    scim2-cli==0.6.0 scim2-tester==0.5.2 scim2-client==0.13.2 scim2-models==0.12.3
  export ROSTER_TEST_SCIM2=$tools/scim2-cli-0.6.0/bin/scim2
}

# gRPC for Python, the client of most who are not written in Go.
need_grpcio() {
  need_python_packages "$tools/grpcio-1.85.1" \
    grpcio==1.85.1 grpcio-status==1.85.1 protobuf==7.36.2 googleapis-common-protos==1.76.0
  export ROSTER_TEST_GRPCIO=$tools/grpcio-1.85.1/bin/python
}

# Requests made from an OpenAPI document, and answers held to it.
need_schemathesis() {
  need_python_packages "$tools/schemathesis-4.32.5" schemathesis==4.32.5
  export ROSTER_TEST_SCHEMATHESIS=$tools/schemathesis-4.32.5/bin/schemathesis
}

# A browser without a screen, which the Connect client for browsers runs in.
need_chromium() {
  need_package chromium chromium
  ROSTER_TEST_CHROMIUM=$(command -v chromium)
  export ROSTER_TEST_CHROMIUM
}

# Connect for Node and for browsers, as tests/clients/package-lock.json pins it.
need_node_clients() {
  need_package nodejs node
  need_package npm npm
  mkdir -p "$tools/node"
  cp tests/clients/package.json tests/clients/package-lock.json tests/clients/*.mjs "$tools/node/"
  if ! cmp -s tests/clients/package-lock.json "$tools/node/installed-lock.json"; then
    (cd "$tools/node" && npm ci --silent --no-audit --no-fund)
    cp tests/clients/package-lock.json "$tools/node/installed-lock.json"
  fi
  export ROSTER_TEST_NODE=$tools/node
}

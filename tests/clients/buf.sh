#!/usr/bin/env bash
# Drives a running Roster with a released buf client: login, whoami, organizations,
# tokens, and `buf curl` in all three protocols with reflection.
#
#   BUF=path/to/buf BASE=127.0.0.1:8080 TOKEN=... buf.sh
#   buf.sh path/to/buf 127.0.0.1:8080 TOKEN
#
# TOKEN is the API token of a server admin; the server speaks plain HTTP. Works with
# buf 1.73.0, whose whoami asks the older service, and with 1.75.0, whose whoami asks the
# newer one. Nothing of the caller's is read or written: HOME and BUF_CONFIG_DIR are
# private. Prints `N passed, M failed` and exits with 1 if one failed.

set -uo pipefail

BUF=${1:-${BUF:-}}
BASE=${2:-${BASE:-}}
TOKEN=${3:-${TOKEN:-}}
if [[ -z $BUF || -z $BASE || -z $TOKEN ]]; then
  echo "usage: BUF=path/to/buf BASE=host:port TOKEN=token $0" >&2
  exit 2
fi
BUF=$(command -v "$BUF") || { echo "no buf at the given path" >&2; exit 2; }
BUF=$(realpath "$BUF")

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export HOME=$WORK/home BUF_CONFIG_DIR=$WORK/config BUF_CACHE_DIR=$WORK/cache
export NO_PROXY="127.0.0.1,localhost,${BASE%:*}" no_proxy="127.0.0.1,localhost,${BASE%:*}"
export BUF_ALPHA_SUPPRESS_WARNINGS=1 BUF_BETA_SUPPRESS_WARNINGS=1
unset BUF_TOKEN NETRC
mkdir -p "$HOME" "$BUF_CONFIG_DIR" "$BUF_CACHE_DIR"
printf 'version: v1\ntls:\n  use: "false"\n' >"$BUF_CONFIG_DIR/config.yaml"
cd "$WORK" || exit 2

ALPHA=buf.alpha.registry.v1alpha1
NAME="buf-$RANDOM-$RANDOM"
PASSED=0
FAILED=0
OUT=
CODE=0
USERNAME=
H2C=()

# run COMMAND... — keeps what it prints, both streams, in OUT and its exit code in CODE.
run() {
  OUT=$("$@" 2>&1)
  CODE=$?
}

pass() { PASSED=$((PASSED + 1)); }

fail() {
  FAILED=$((FAILED + 1))
  printf 'FAILED %s\n  exit code %s\n%s\n' "$1" "$CODE" "$(printf '%s\n' "$OUT" | sed 's/^/  | /')" >&2
}

# expect NAME CODE PATTERN — what was run exited with CODE and printed the extended
# regular expression PATTERN.
expect() {
  if [[ $CODE -eq $2 ]] && grep -Eq -- "$3" <<<"$OUT"; then pass; else fail "$1"; fi
}

# refuse NAME PATTERN — what was run failed and printed PATTERN.
refuse() {
  if [[ $CODE -ne 0 ]] && grep -Eq -- "$2" <<<"$OUT"; then pass; else fail "$1"; fi
}

# with_token TOKEN COMMAND... — runs buf with the token in the environment.
with_token() {
  local token=$1
  shift
  run env BUF_TOKEN="$token" "$BUF" "$@"
}

# curl_rpc METHOD JSON FLAGS... — calls a method with `buf curl`.
curl_rpc() {
  local method=$1 data=$2
  shift 2
  run "$BUF" curl "${H2C[@]}" "$@" --data "$data" "http://$BASE/$method"
}

# Up to 1.73, `buf curl` must be told that a plain URL speaks HTTP/2 before it reflects;
# later ones know, and send Connect and gRPC-Web by HTTP/1.1.
detect_h2c() {
  H2C=()
  run "$BUF" curl --list-services "http://$BASE"
  if grep -q -- 'unless --http2-prior-knowledge' <<<"$OUT"; then H2C=(--http2-prior-knowledge); fi
}

login() {
  run "$BUF" registry whoami "$BASE"
  refuse "whoami before login says so" 'Not currently logged in'

  run "$BUF" registry login "$BASE" --token-stdin <<<"not-a-token"
  refuse "login refuses a token that is none" 'invalid token'

  run "$BUF" registry login "$BASE" --token-stdin <<<"$TOKEN"
  expect "login with a token" 0 'Logged in|Credentials saved'
  run cat "$HOME/.netrc"
  expect "login keeps the token under host and port" 0 "$BASE"

  run "$BUF" registry whoami "$BASE" --format json
  expect "whoami after login" 0 '"username" ?: ?"[a-z][a-z0-9-]*"'
  USERNAME=$(sed -nE 's/.*"username" ?: ?"([^"]+)".*/\1/p' <<<"$OUT" | head -n1)
}

tokens_in_environment() {
  with_token "$TOKEN" registry whoami "$BASE"
  expect "whoami with BUF_TOKEN" 0 "$USERNAME"
  with_token "$TOKEN@$BASE" registry whoami "$BASE"
  expect "whoami with BUF_TOKEN that names the host" 0 "$USERNAME"
  with_token "not-a-token" registry organization info "$BASE/$NAME"
  refuse "a bad BUF_TOKEN is told so" 'BUF_TOKEN environment variable is not valid'
}

organizations() {
  run "$BUF" registry organization create "$BASE/$NAME"
  expect "organization create" 0 "$NAME"
  run "$BUF" registry organization create "$BASE/$NAME"
  refuse "a name that is taken" 'already exists|already_exists'
  run "$BUF" registry organization create "$BASE/Not_A_Name"
  refuse "a name that is none" 'name'
  run "$BUF" registry organization info "$BASE/$NAME" --format json
  expect "organization info" 0 "\"name\" ?: ?\"$NAME\""
  grep -Eq '"id" ?: ?"[0-9a-f]{32}"' <<<"$OUT" && pass || fail "the id has no dashes"
  grep -Eq '"create_time" ?: ?"20' <<<"$OUT" && pass || fail "the time of creation is given"
  run "$BUF" registry organization update "$BASE/$NAME" --description "Engines" --url "https://example.com/engines"
  expect "organization update" 0 'Organization updated'
  curl_rpc "$ALPHA.OrganizationService/GetOrganizationByName" "{\"name\":\"$NAME\"}" -H "Authorization: Bearer $TOKEN"
  expect "the update is stored" 0 '"description": ?"Engines"'
  expect "the URL too" 0 '"url": ?"https://example.com/engines"'
  run "$BUF" registry organization delete "$BASE/$NAME" --force
  expect "organization delete" 0 'Organization deleted'
  run "$BUF" registry organization info "$BASE/$NAME"
  refuse "a deleted organization" 'does not exist'
  run "$BUF" registry organization update "$BASE/$NAME" --description "Gone"
  refuse "an update of a deleted organization" 'does not exist'
  run "$BUF" registry organization delete "$BASE/$NAME" --force
  refuse "a second deletion" 'does not exist'
}

token_ids() { grep -Eo '\b[0-9a-f]{32}\b' <<<"$OUT" | sort -u; }

tokens() {
  local note="made-by-buf-sh-$RANDOM" id
  curl_rpc "$ALPHA.TokenService/CreateToken" "{\"note\":\"$note\"}" -H "Authorization: Bearer $TOKEN"
  expect "a token is made" 0 '"token": ?"[^"@,:]{32,}"'
  curl_rpc "$ALPHA.TokenService/ListTokens" '{"page_size":100,"reverse":true}' -H "Authorization: Bearer $TOKEN"
  expect "it is listed by buf curl" 0 "$note"
  id=$(grep -B6 -A6 "$note" <<<"$OUT" | sed -nE 's/.*"id": ?"([0-9a-f]{32})".*/\1/p' | head -n1)
  run "$BUF" alpha registry token list "$BASE" --reverse --page-size 100 --format json
  expect "token list" 0 "$id"
  run "$BUF" alpha registry token get "$BASE" --token-id "$id" --format json
  expect "token get" 0 "$note"
  run "$BUF" alpha registry token delete "$BASE" --token-id "$id" --force
  expect "token delete" 0 ''
  run "$BUF" alpha registry token get "$BASE" --token-id "$id" --format json
  refuse "a deleted token" 'not found|not_found|does not exist'
}

curls() {
  local protocol
  for protocol in connect grpc grpcweb; do
    curl_rpc "$ALPHA.AuthnService/GetCurrentUser" '{}' --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "buf curl by $protocol, schema by reflection" 0 "\"username\": ?\"$USERNAME\""
    curl_rpc "$ALPHA.SCIMTokenService/CreateSCIMToken" '{"expire_time":"2999-03-03T15:56:12+00:00"}' --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "the documented call by $protocol" 0 '"token": ?"[^"]{32,}"'
    curl_rpc "$ALPHA.SCIMTokenService/CreateSCIMToken" '{"expire_time":"2001-03-03T15:56:12+00:00"}' --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "an expiry in the past by $protocol: invalid_argument" 24 'invalid_argument'
    curl_rpc "$ALPHA.AuthnService/GetCurrentUser" '{}' --protocol "$protocol" -H "Authorization: Bearer not-a-token"
    expect "a bad token by $protocol: unauthenticated" 128 'unauthenticated'
    curl_rpc "$ALPHA.OrganizationService/GetOrganizationByName" '{"name":"nobody-has-this"}' --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "an unknown organization by $protocol: not_found" 40 'not_found'
    curl_rpc "$ALPHA.AuthnService/GetCurrentUser" '{}' --protocol "$protocol" --netrc
    expect "buf curl -n by $protocol, with what login kept" 0 "\"username\": ?\"$USERNAME\""
  done
  for protocol in grpc-v1 grpc-v1alpha; do
    curl_rpc "$ALPHA.AuthnService/GetCurrentUser" '{}' --reflect-protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "reflection $protocol" 0 "$USERNAME"
  done
}

# The calls of roster.v1 that docs/memberships.md and docs/provisioning.md show, by every protocol.
own_services() {
  local protocol user="{\"name\":\"$USERNAME\"}" organization="{\"name\":\"$NAME-own\"}"
  run "$BUF" registry organization create "$BASE/$NAME-own"
  for protocol in connect grpc grpcweb; do
    curl_rpc roster.v1.MembershipService/CheckMembership \
      "{\"userRef\":$user,\"organizationRef\":$organization,\"minimumRole\":\"ORGANIZATION_ROLE_MACHINE\"}" \
      --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "a membership is checked by $protocol" 0 '"satisfied": ?true'
    curl_rpc roster.v1.MembershipService/ExplainMembership "{\"userRef\":$user,\"organizationRef\":$organization}" \
      --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "a membership is explained by $protocol" 0 'ROLE_SOURCE_DIRECT'
    curl_rpc roster.v1.ProvisioningService/GetReadiness '{}' --protocol "$protocol" -H "Authorization: Bearer $TOKEN"
    expect "readiness is told by $protocol" 0 'ready|warnings'
    watch "$protocol" "$organization"
  done
  run "$BUF" registry organization delete "$BASE/$NAME-own" --force
  expect "the organization is deleted" 0 'Organization deleted'
}

# The stream, until it has told the member.
watch() {
  local line watching
  OUT= CODE=1
  exec {told}< <(exec "$BUF" curl "${H2C[@]}" --protocol "$1" -H "Authorization: Bearer $TOKEN" \
    --data "{\"organizationRef\":$2,\"snapshot\":true}" "http://$BASE/roster.v1.MembershipService/WatchMemberships" 2>&1)
  watching=$!
  while read -r -t 20 line <&"$told"; do
    OUT+=$line$'\n'
    if [[ $line == *ORGANIZATION_ROLE_OWNER* ]]; then CODE=0; break; fi
  done
  kill "$watching" 2>/dev/null
  exec {told}<&-
  expect "memberships are watched by $1" 0 ORGANIZATION_ROLE_OWNER
}

reflection() {
  local services
  run "$BUF" curl "${H2C[@]}" --list-services "http://$BASE"
  for services in "$ALPHA.SCIMTokenService" "$ALPHA.UserService" buf.registry.owner.v1.OrganizationService grpc.health.v1.Health; do
    expect "reflection lists $services" 0 "^$services\$"
  done
  run "$BUF" curl "${H2C[@]}" --list-methods "http://$BASE"
  expect "reflection lists methods" 0 "^$ALPHA.OrganizationService/AddOrganizationGroup\$"
}

# The documented call made several SCIM tokens: take those away again.
clean_up() {
  local id
  curl_rpc "$ALPHA.SCIMTokenService/ListSCIMTokens" '{"page_size":100,"reverse":true}' -H "Authorization: Bearer $TOKEN"
  expect "SCIM tokens are listed" 0 '2999-03-03T15:56:12Z'
  for id in $(grep -B3 '"2999-03-03T15:56:12Z"' <<<"$OUT" | sed -nE 's/.*"id": ?"([0-9a-f]{32})".*/\1/p'); do
    curl_rpc "$ALPHA.SCIMTokenService/DeleteSCIMToken" "{\"token_id\":\"$id\"}" -H "Authorization: Bearer $TOKEN"
    expect "a SCIM token is deleted" 0 ''
  done
}

logout() {
  run "$BUF" registry logout "$BASE"
  expect "logout" 0 ''
  run "$BUF" registry whoami "$BASE"
  refuse "whoami after logout" 'Not currently logged in'
}

detect_h2c
login
tokens_in_environment
organizations
tokens
curls
own_services
reflection
clean_up
logout
echo "$PASSED passed, $FAILED failed"
[[ $FAILED -eq 0 ]]

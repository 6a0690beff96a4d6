"""The load of scripts/soak, and what it shows."""

import http.client
import json
import random
import re
import sys
import threading
import time
import urllib.parse

CLIENTS = 4
SCIM = "urn:ietf:params:scim"


def api_token(printed):
    """The token that `serve --dev` prints, once it does."""
    while True:
        with open(printed, encoding="utf-8") as lines:
            found = re.search(r"roster_api_[A-Za-z0-9]+", lines.read())
        if found:
            return found.group()
        time.sleep(0.1)


class Client:
    """One connection, which sends one request after the other."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)
        self.sent = 0

    def send(self, method, path, token, body=None):
        kind = "application/scim+json" if path.startswith("/scim") else "application/json"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, headers)
        answer = self.connection.getresponse()
        read = answer.read()
        self.sent += 1
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {read[:500]}")
        return json.loads(read) if read else None

    def push(self, scim, api):
        """A person comes, is looked for, changes, and leaves."""
        name = f"{random.getrandbits(64):x}@example.com"
        user = {
            "schemas": [f"{SCIM}:schemas:core:2.0:User"],
            "userName": name,
            "name": {"givenName": "Ann", "familyName": "Example"},
            "emails": [{"value": name, "type": "work", "primary": True}],
        }
        made = self.send("POST", "/scim/v2/Users", scim, user)
        query = urllib.parse.quote(f'userName eq "{name}"')
        self.send("GET", f"/scim/v2/Users?filter={query}", scim)
        patch = {
            "schemas": [f"{SCIM}:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "value": {"active": False}}],
        }
        self.send("PATCH", f"/scim/v2/Users/{made['id']}", scim, patch)
        self.send("POST", "/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", api, {})


def resident(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) // 1024


def main():
    url, printed, process, minutes = sys.argv[1:]
    address = url.removeprefix("http://")
    api = api_token(printed)
    tokens = "/buf.alpha.registry.v1alpha1.SCIMTokenService/CreateSCIMToken"
    scim = Client(address).send("POST", tokens, api, {})["token"]
    clients = [Client(address) for _ in range(CLIENTS)]
    stop = threading.Event()

    def work(client):
        while not stop.is_set():
            client.push(scim, api)

    for client in clients:
        threading.Thread(target=work, args=(client,), daemon=True).start()
    before = 0
    for minute in range(int(minutes)):
        time.sleep(60)
        sent = sum(client.sent for client in clients)
        print(f"{minute + 1:4} min {resident(process):6} MiB {sent - before:8} requests", flush=True)
        before = sent
    stop.set()


main()

#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets from the conversations with identity providers."""

import hashlib
import json
import pathlib
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz" / "corpus"

FILTERS = [
    'userName eq "bjensen"', 'name.familyName co "O\'Malley"', 'userName sw "J"', "title pr",
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    'meta.lastModified gt "2011-05-13T04:42:34Z"', 'title pr and userType eq "Employee"',
    'title pr or userType eq "Intern"', 'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    'userType eq "Employee" and (emails.type eq "work")',
    'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    "active eq true", "externalId eq null", 'a.b[c pr].d ge -1.5e3', 'x eq "\\u00e9\\n\\""',
]
PATHS = ["members", "name.familyName", 'addresses[type eq "work"]', 'members[value eq "2819c223"].displayName',
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"]


def write(target, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def request(step):
    asked = step["request"]
    body = json.dumps(asked["body"]) if "body" in asked else ""
    write("request", f"{asked['method']} {asked['path'].lstrip('/')}\n{body}".encode())
    query = urllib.parse.urlsplit(asked["path"]).query
    for name, value in urllib.parse.parse_qsl(query):
        if name == "filter":
            write("filter", value.encode())
    if asked["method"] != "PATCH":
        return
    write("patch", body.encode())
    for operation in asked["body"].get("Operations", []):
        if operation.get("path"):
            write("path", operation["path"].encode())


for text in FILTERS:
    write("filter", text.encode())
for text in PATHS:
    write("path", text.encode())
for file in sorted((ROOT / "tests" / "fixtures" / "idp").glob("*/*.json")):
    for step in json.loads(file.read_text())["steps"]:
        request(step)

// Drives a running Roster with the real Connect client for Node, in every protocol
// that it speaks: Connect with JSON, with binary and by GET, gRPC over h2c, and
// gRPC-Web. The types come from a descriptor set at run time: nothing is generated.
//
//   node connect-node.mjs BASE_URL TOKEN DESCRIPTOR_SET
//
// BASE_URL is like http://127.0.0.1:8080, TOKEN is the API token of a server admin, and
// DESCRIPTOR_SET is the path of a serialized google.protobuf.FileDescriptorSet.
// Prints `N passed, M failed` and exits with 1 if one failed.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import { readFileSync } from "node:fs";

import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

const [baseUrl, token, descriptorPath] = process.argv.slice(2);
if (!baseUrl || !token || !descriptorPath) {
  console.error("usage: node connect-node.mjs BASE_URL TOKEN DESCRIPTOR_SET");
  process.exit(2);
}

const ALPHA = "buf.alpha.registry.v1alpha1";
const OWNER = "buf.registry.owner.v1";
const ROLE = { OWNER: 1, ADMIN: 2, MEMBER: 3, MACHINE: 4 };
const SOURCE_DIRECT = 1;
const DAY = 24 * 60 * 60 * 1000;
const NOBODY = "0190c0de00007000800000000badcafe";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorPath)));
const service = (name) => {
  const found = registry.getService(name);
  assert.ok(found, `${name} is not in ${descriptorPath}`);
  return found;
};

const transports = {
  "connect json": (bearer) => createConnectTransport(options(bearer, { httpVersion: "1.1", useBinaryFormat: false })),
  "connect binary": (bearer) => createConnectTransport(options(bearer, { httpVersion: "1.1", useBinaryFormat: true })),
  "connect binary, h2c": (bearer) => createConnectTransport(options(bearer, { httpVersion: "2", useBinaryFormat: true })),
  "connect json, get": (bearer) =>
    createConnectTransport(options(bearer, { httpVersion: "1.1", useBinaryFormat: false, useHttpGet: true })),
  "connect binary, get": (bearer) =>
    createConnectTransport(options(bearer, { httpVersion: "1.1", useBinaryFormat: true, useHttpGet: true })),
  "grpc, h2c": (bearer) => createGrpcTransport(options(bearer, {})),
  "grpc-web": (bearer) => createGrpcWebTransport(options(bearer, { httpVersion: "1.1" })),
};

function options(bearer, more) {
  const authorize = (next) => (request) => {
    if (bearer) request.header.set("Authorization", `Bearer ${bearer}`);
    return next(request);
  };
  return { baseUrl, interceptors: [authorize], ...more };
}

function clients(transport) {
  return {
    authn: createClient(service(`${ALPHA}.AuthnService`), transport),
    organizations: createClient(service(`${ALPHA}.OrganizationService`), transport),
    owners: createClient(service(`${OWNER}.OrganizationService`), transport),
    scimTokens: createClient(service(`${ALPHA}.SCIMTokenService`), transport),
    tokens: createClient(service(`${ALPHA}.TokenService`), transport),
    users: createClient(service(`${ALPHA}.UserService`), transport),
  };
}

let passed = 0;
let failed = 0;

async function check(name, body) {
  try {
    await body();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}\n${error?.stack ?? error}`);
  }
}

/** Runs `call`, which must fail with `code`, and returns the error. */
async function refused(code, call) {
  try {
    await call();
  } catch (error) {
    const refusal = ConnectError.from(error);
    assert.equal(Code[refusal.code], Code[code], refusal.message);
    return refusal;
  }
  assert.fail(`no error, wanted ${Code[code]}`);
}

/** All that an error says: its text, and the bytes of its details. */
function says(error) {
  const details = error.details.map((detail) => `${detail.type} ${Buffer.from(detail.value ?? []).toString("latin1")}`);
  return [error.rawMessage, ...details].join(" ");
}

/** The methods of the HTTP/1.1 requests that `call` sends. Node may announce one twice. */
async function httpMethods(call) {
  const methods = new Set();
  const listen = ({ request }) => methods.add(request.method);
  diagnostics.subscribe("http.client.request.start", listen);
  try {
    await call();
  } finally {
    diagnostics.unsubscribe("http.client.request.start", listen);
  }
  return [...methods];
}

const freshName = (stem) => `${stem}-${randomBytes(5).toString("hex")}`;

async function scimTokens(name, { scimTokens }) {
  await check(`${name}: a SCIM token is made, listed without its secret, and deleted`, async () => {
    const before = new Set((await allScimTokens(scimTokens)).map(({ id }) => id));
    const expireTime = timestampFromDate(new Date(Math.floor((Date.now() + DAY) / 1000) * 1000));
    const { token: secret } = await scimTokens.createSCIMToken({ expireTime });
    assert.match(secret, /^[^@,:\s]{32,}$/);
    const made = (await allScimTokens(scimTokens)).filter(({ id }) => !before.has(id));
    assert.equal(made.length, 1);
    assert.equal(timestampDate(made[0].expireTime).getTime(), timestampDate(expireTime).getTime());
    assert.ok(made[0].createTime);
    assert.ok(!JSON.stringify(made[0], (_, value) => (typeof value === "bigint" ? `${value}` : value)).includes(secret));
    await scimTokens.deleteSCIMToken({ tokenId: made[0].id });
    assert.ok((await allScimTokens(scimTokens)).every(({ id }) => before.has(id)));
  });

  await check(`${name}: a SCIM token may be without an end`, async () => {
    const before = new Set((await allScimTokens(scimTokens)).map(({ id }) => id));
    await scimTokens.createSCIMToken({});
    const [made] = (await allScimTokens(scimTokens)).filter(({ id }) => !before.has(id));
    assert.equal(made.expireTime, undefined);
    await scimTokens.deleteSCIMToken({ tokenId: made.id });
  });

  await check(`${name}: a time in the past is invalid_argument and the field is named`, async () => {
    const expireTime = timestampFromDate(new Date(Date.now() - DAY));
    const error = await refused(Code.InvalidArgument, () => scimTokens.createSCIMToken({ expireTime }));
    assert.match(says(error), /expire_?time/i);
    assert.ok(error.details.length > 0, "the error has no details");
    for (const detail of error.details) assert.match(detail.type, /^[\w.]+$/);
  });
}

/** Every SCIM token, read one to a page, so that paging is exercised too. */
async function allScimTokens(client) {
  const tokens = [];
  let pageToken = "";
  do {
    const page = await client.listSCIMTokens({ pageSize: 1, pageToken });
    assert.ok(page.tokens.length <= 1);
    tokens.push(...page.tokens);
    pageToken = page.nextPageToken;
  } while (pageToken);
  assert.equal(new Set(tokens.map(({ id }) => id)).size, tokens.length, "a token is on two pages");
  return tokens;
}

async function organizations(name, { authn, organizations, owners, users }) {
  const organizationName = freshName("conn");
  let id = "";

  await check(`${name}: an organization is made and read back`, async () => {
    const { organization } = await organizations.createOrganization({ name: organizationName });
    assert.match(organization.id, /^[0-9a-f]{32}$/);
    assert.equal(organization.name, organizationName);
    id = organization.id;
    const byName = await organizations.getOrganizationByName({ name: organizationName });
    assert.equal(byName.organization.id, id);
    const newer = await owners.getOrganizations({ organizationRefs: [{ value: { case: "id", value: id } }] });
    assert.deepEqual(newer.organizations.map(({ name }) => name), [organizationName]);
  });

  await check(`${name}: whoever makes an organization owns it`, async () => {
    const { user } = await authn.getCurrentUser({});
    const { users: members } = await users.listOrganizationUsers({ organizationId: id });
    assert.deepEqual(
      members.map((member) => [member.user.id, member.organizationRole, member.organizationRoleSource]),
      [[user.id, ROLE.OWNER, SOURCE_DIRECT]],
    );
  });

  await check(`${name}: a group is mapped, changed and unmapped`, async () => {
    const groups = async () => {
      const { idpGroups } = await organizations.getOrganizationSettings({ organizationId: id });
      return idpGroups.map(({ name, roleOverride }) => [name, roleOverride]);
    };
    const groupName = `Engineering ${organizationName}`;
    await organizations.addOrganizationGroup({ organizationId: id, groupName, roleOverride: ROLE.ADMIN });
    assert.deepEqual(await groups(), [[groupName, ROLE.ADMIN]]);
    await organizations.updateOrganizationGroup({ organizationId: id, groupName });
    assert.deepEqual(await groups(), [[groupName, ROLE.ADMIN]], "an unset override is left as it is");
    await organizations.updateOrganizationGroup({ organizationId: id, groupName, roleOverride: 0 });
    assert.deepEqual(await groups(), [[groupName, 0]], "UNSPECIFIED takes the override away");
    await organizations.removeOrganizationGroup({ organizationId: id, groupName });
    assert.deepEqual(await groups(), []);
  });

  await check(`${name}: a name that is taken is already_exists`, async () => {
    await refused(Code.AlreadyExists, () => organizations.createOrganization({ name: organizationName }));
  });

  await check(`${name}: a name that is none is invalid_argument and the field is named`, async () => {
    const error = await refused(Code.InvalidArgument, () => organizations.createOrganization({ name: "Acme_1" }));
    assert.match(says(error), /name/);
  });

  await check(`${name}: a deleted organization is not_found`, async () => {
    await organizations.deleteOrganization({ id });
    await refused(Code.NotFound, () => organizations.getOrganization({ id }));
  });

  await check(`${name}: an unknown id is not_found`, async () => {
    await refused(Code.NotFound, () => organizations.getOrganization({ id: NOBODY }));
  });
}

async function identity(name, open, { authn, tokens }) {
  await check(`${name}: a token made for the caller is the caller, until it is deleted`, async () => {
    const expireTime = timestampFromDate(new Date(Date.now() + DAY));
    const note = freshName("note");
    const { token: secret } = await tokens.createToken({ note, expireTime });
    const other = clients(open(secret));
    const [mine, theirs] = await Promise.all([authn.getCurrentUser({}), other.authn.getCurrentUser({})]);
    assert.equal(theirs.user.id, mine.user.id);
    const listed = (await tokens.listTokens({ pageSize: 100, reverse: true })).tokens.find((it) => it.note === note);
    assert.ok(listed, "the token is not listed");
    await tokens.deleteToken({ tokenId: listed.id });
    await refused(Code.Unauthenticated, () => other.authn.getCurrentUser({}));
  });

  await check(`${name}: a token that is none is unauthenticated`, async () => {
    await refused(Code.Unauthenticated, () => clients(open("not-a-token")).authn.getCurrentUser({}));
  });

  await check(`${name}: no token is unauthenticated`, async () => {
    await refused(Code.Unauthenticated, () => clients(open("")).authn.getCurrentUser({}));
  });

  await check(`${name}: a SCIM token opens no RPC`, async () => {
    const { scimTokens } = clients(open(token));
    const before = new Set((await allScimTokens(scimTokens)).map(({ id }) => id));
    const { token: secret } = await scimTokens.createSCIMToken({});
    await refused(Code.Unauthenticated, () => clients(open(secret)).authn.getCurrentUser({}));
    const [made] = (await allScimTokens(scimTokens)).filter(({ id }) => !before.has(id));
    await scimTokens.deleteSCIMToken({ tokenId: made.id });
  });
}

async function getRequests(name, { authn, organizations }) {
  await check(`${name}: reads are sent by GET and writes by POST`, async () => {
    const reads = await httpMethods(() => authn.getCurrentUser({}));
    assert.deepEqual(reads, ["GET"]);
    const writes = await httpMethods(() => refused(Code.NotFound, () => organizations.deleteOrganization({ id: NOBODY })));
    assert.deepEqual(writes, ["POST"]);
  });
}

for (const [name, open] of Object.entries(transports)) {
  const opened = clients(open(token));
  await scimTokens(name, opened);
  await organizations(name, opened);
  await identity(name, open, opened);
  if (name.endsWith("get")) await getRequests(name, opened);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

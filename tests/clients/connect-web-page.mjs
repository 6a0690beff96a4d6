// What connect-web.mjs runs in the browser.

import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

const ALPHA = "buf.alpha.registry.v1alpha1";

/** Runs every check over every transport; tells how many passed, and what failed. */
export async function run(baseUrl, token) {
  const descriptors = await (await fetch("/descriptor.bin")).arrayBuffer();
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, new Uint8Array(descriptors)));
  const authorize = (next) => (request) => {
    request.header.set("Authorization", `Bearer ${token}`);
    return next(request);
  };
  const options = { baseUrl, interceptors: [authorize] };
  const transports = {
    "connect json": createConnectTransport(options),
    "connect binary": createConnectTransport({ ...options, useBinaryFormat: true }),
    "connect json, get": createConnectTransport({ ...options, useHttpGet: true }),
    "grpc-web": createGrpcWebTransport(options),
  };
  let passed = 0;
  const failures = [];
  for (const [name, transport] of Object.entries(transports)) {
    const client = (service) => createClient(registry.getService(service), transport);
    for (const [what, check] of Object.entries(checks)) {
      try {
        await check(client);
        passed += 1;
      } catch (error) {
        failures.push(`${name}: ${what}: ${error?.stack ?? error}`);
      }
    }
  }
  return { passed, failures };
}

const checks = {
  "a unary call": async (client) => {
    const { user } = await client(`${ALPHA}.AuthnService`).getCurrentUser({});
    same(user.username, "root");
    const check = client("roster.v1.MembershipService").checkMembership({
      userRef: { value: { case: "name", value: "root" } },
      organizationRef: { value: { case: "name", value: fresh("none") } },
    });
    const error = await refused(check);
    same(Code[error.code], "NotFound");
    same(error.details.some(({ type }) => type === "google.rpc.ErrorInfo"), true);
  },
  "the stream of changes": async (client) => {
    const stop = new AbortController();
    const watch = client("roster.v1.MembershipService").watchMemberships({ snapshot: true }, { signal: stop.signal });
    const told = watch[Symbol.asyncIterator]();
    for (;;) {
      const { event } = (await told.next()).value;
      same(event.case, "snapshot");
      if (event.value.complete) break;
    }
    const { organization } = await client(`${ALPHA}.OrganizationService`).createOrganization({ name: fresh("web") });
    let event;
    do ({ event } = (await told.next()).value); while (event.case === "heartbeat");
    same(event.case, "change");
    same(event.value.organizationId, organization.id);
    stop.abort();
    same(Code[(await refused(told.next())).code], "Canceled");
  },
};

const fresh = (stem) => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

function same(got, wanted) {
  if (got !== wanted) throw new Error(`${got} is not ${wanted}`);
}

async function refused(call) {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("no error");
}

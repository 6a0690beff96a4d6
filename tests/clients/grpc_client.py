"""Drives a running Roster with gRPC for Python: unary calls, the stream of changes, errors with details.

    python grpc_client.py HOST:PORT TOKEN DESCRIPTOR_SET

TOKEN is the API token of a server admin; DESCRIPTOR_SET is the path of a serialized
google.protobuf.FileDescriptorSet, from which the messages are made at run time. Prints
`N passed, M failed` and exits with 1 if one failed.
"""

import sys
import traceback
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ALPHA = "buf.alpha.registry.v1alpha1"
DEADLINE = 20  # seconds


class Registry:
    """The messages and methods of a descriptor set."""

    def __init__(self, path):
        self.pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as file:
            files.ParseFromString(file.read())
        for file in files.file:
            self.pool.Add(file)

    def method(self, name):
        service, method = name.rsplit("/", 1)
        return self.pool.FindServiceByName(service).FindMethodByName(method)

    def message(self, descriptor):
        return message_factory.GetMessageClass(descriptor)


class Client:
    """Calls by name, with a token and a compression."""

    def __init__(self, channel, registry, token, compression=None):
        self.channel, self.registry, self.compression = channel, registry, compression
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def call(self, method, /, **fields):
        descriptor = self.registry.method(method)
        request = self.registry.message(descriptor.input_type)(**fields)
        kind = self.channel.unary_stream if descriptor.server_streaming else self.channel.unary_unary
        rpc = kind(
            f"/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=self.registry.message(descriptor.output_type).FromString,
        )
        return rpc(request, timeout=DEADLINE, metadata=self.metadata, compression=self.compression)


def refused(code, call):
    """The error of `call`, which must be of `code`, with its `google.rpc` details."""
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()}: {error.details()}"
        status = rpc_status.from_call(error)
        assert status is not None, "no details came along"
        info = error_details_pb2.ErrorInfo()
        assert any(detail.Unpack(info) for detail in status.details), status
        assert info.domain == "roster" and info.reason, info
        return info, status
    raise AssertionError(f"no error, wanted {code}")


def fresh(stem):
    return f"{stem}-{uuid.uuid4().hex[:10]}"


def unary(client):
    user = client.call(f"{ALPHA}.AuthnService/GetCurrentUser").user
    assert user.username == "root", user
    name = fresh("grpc")
    made = client.call(f"{ALPHA}.OrganizationService/CreateOrganization", name=name).organization
    found = client.call(f"{ALPHA}.OrganizationService/GetOrganizationByName", name=name).organization
    assert (found.id, len(found.id)) == (made.id, 32), found
    checked = client.call(
        "roster.v1.MembershipService/CheckMembership",
        user_ref={"name": "root"}, organization_ref={"id": made.id}, minimum_role="ORGANIZATION_ROLE_OWNER",
    )
    assert checked.decision.satisfied and checked.revision > 0, checked


def errors(client, nobody):
    info, _ = refused(grpc.StatusCode.NOT_FOUND, lambda: client.call(
        f"{ALPHA}.OrganizationService/GetOrganizationByName", name=fresh("none")))
    assert info.reason == "NOT_FOUND", info
    _, status = refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: client.call(
        f"{ALPHA}.OrganizationService/CreateOrganization", name="Not_A_Name"))
    field = error_details_pb2.BadRequest()
    assert any(detail.Unpack(field) for detail in status.details), status
    assert field.field_violations[0].field == "name", field
    info, _ = refused(grpc.StatusCode.UNAUTHENTICATED, lambda: nobody.call(f"{ALPHA}.AuthnService/GetCurrentUser"))
    assert info.reason == "TOKEN_INVALID", info


def watch(client):
    stream = client.call("roster.v1.MembershipService/WatchMemberships", snapshot=True)
    for told in stream:
        assert told.HasField("snapshot"), told
        if told.snapshot.complete:
            break
    resume = told.revision
    made = client.call(f"{ALPHA}.OrganizationService/CreateOrganization", name=fresh("watch")).organization
    first = next(told for told in stream if told.HasField("change"))
    stream.cancel()
    assert first.change.organization_id == made.id and first.change.kind == 1, first
    again = client.call("roster.v1.MembershipService/WatchMemberships", after_revision=resume)
    assert next(told for told in again if told.HasField("change")) == first, "resumed elsewhere"
    again.cancel()
    try:
        next(again)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.CANCELLED, error


def main(address, token, descriptors):
    registry = Registry(descriptors)
    failed = passed = 0
    with grpc.insecure_channel(address) as channel:
        plain = Client(channel, registry, token)
        zipped = Client(channel, registry, token, grpc.Compression.Gzip)
        checks = {
            "unary": lambda: unary(plain),
            "unary, gzip": lambda: unary(zipped),
            "errors with details": lambda: errors(plain, Client(channel, registry, None)),
            "the stream of changes": lambda: watch(plain),
            "the stream of changes, gzip": lambda: watch(zipped),
        }
        for name, check in checks.items():
            try:
                check()
                passed += 1
            except Exception:  # each is told, and the others go on
                failed += 1
                print(f"FAILED {name}\n{traceback.format_exc()}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: grpc_client.py HOST:PORT TOKEN DESCRIPTOR_SET")
    sys.exit(main(*sys.argv[1:]))

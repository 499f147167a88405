"""Hostile input: whatever arrives, the daemon answers with a status, stays up, keeps its files and other jobs whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2

from .conftest import Client, RunningDaemon, fuzz

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name]
    for module, name in (
        (jobs_pb2, "JobService"),
        (pictures_pb2, "PictureService"),
        (models_pb2, "ModelService"),
        (server_pb2, "ServerService"),
    )
)
pytestmark = pytest.mark.usefixtures("unharmed")
METHODS = [method for service in SERVICES for method in service.methods if method.name != "StopServer"]
REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
SECONDS = 20.0


def raw_call(client: Client, method: Any, messages: list[bytes]) -> grpc.StatusCode:
    """Send bytes as they are; returns the status. DEADLINE_EXCEEDED would be a hang."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    channel: Any = client.authorized
    try:
        if method.client_streaming:
            channel.stream_unary(path)(iter(messages), timeout=SECONDS)
        elif method.server_streaming:
            for _ in channel.unary_stream(path)(messages[0], timeout=SECONDS):
                pass
        else:
            channel.unary_unary(path)(messages[0], timeout=SECONDS)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def values(field: Any, depth: int) -> st.SearchStrategy[Any]:
    text = st.text(st.characters(codec="utf-8"), max_size=80)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=100)
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_MESSAGE:
            return messages(field.message_type._concrete_class, depth - 1)
        case FieldDescriptor.CPPTYPE_STRING:
            return text | st.sampled_from(
                ["0" * 64, "f" * 64, "procedural", "diffusion", "auto", "x" * 5000, "../../etc"]
            )
        case FieldDescriptor.CPPTYPE_BOOL:
            return st.booleans()
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return st.floats()
        case FieldDescriptor.CPPTYPE_ENUM:
            return st.integers(-1, 12)
        case FieldDescriptor.CPPTYPE_UINT64:
            return st.integers(0, 2**64 - 1)
        case _:
            return st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 300, 512, 999])


@st.composite
def messages(draw: st.DrawFn, kind: type[Message], depth: int = 3) -> Message:
    """Any message of a kind: right types, wild values."""
    message = kind()
    for field in kind.DESCRIPTOR.fields:
        if depth <= 0 or not draw(st.booleans()):
            continue
        if field.is_repeated:
            target = getattr(message, field.name)
            for value in draw(st.lists(values(field, depth), max_size=3)):
                if isinstance(value, Message):
                    target.add().CopyFrom(value)
                else:
                    target.append(value)
            continue
        value = draw(values(field, depth))
        if isinstance(value, Message):
            getattr(message, field.name).CopyFrom(value)
        else:
            setattr(message, field.name, value)
    return message


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@fuzz
@given(data=st.data())
def test_wild_messages_are_refused_in_order(client: Client, method: Any, data: st.DataObject) -> None:
    kind = method.input_type._concrete_class
    count = data.draw(st.integers(1, 4)) if method.client_streaming else 1
    sent = [data.draw(messages(kind)).SerializeToString() for _ in range(count)]
    assert raw_call(client, method, sent) in REFUSALS | {grpc.StatusCode.OK}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@fuzz
@given(noise=st.binary(min_size=1, max_size=300))
def test_noise_instead_of_messages_is_refused(client: Client, method: Any, noise: bytes) -> None:
    assert raw_call(client, method, [noise]) in REFUSALS | {grpc.StatusCode.OK}


def test_a_message_above_the_limit_is_refused(client: Client) -> None:
    for method in METHODS:
        status = raw_call(client, method, [b"\x0a\x80\x80\x80\x02" + bytes(4 * 2**20)])
        assert status is grpc.StatusCode.RESOURCE_EXHAUSTED, method.name


Part = pictures_pb2.UploadPictureRequest


def header(data: bytes, **fields: Any) -> Part:
    values = {"hash": hashlib.sha256(data).hexdigest(), "size_bytes": len(data), **fields}
    return Part(header=pictures_pb2.UploadHeader(**values))


DATA = b"x" * 1000
UPLOADS: dict[str, tuple[list[Part], grpc.StatusCode, str]] = {
    "nothing": ([], grpc.StatusCode.INVALID_ARGUMENT, "header"),
    "no header": ([Part(chunk=DATA)], grpc.StatusCode.INVALID_ARGUMENT, "header"),
    "an empty message": ([Part()], grpc.StatusCode.INVALID_ARGUMENT, "header"),
    "two headers": ([header(DATA), header(DATA)], grpc.StatusCode.INVALID_ARGUMENT, "part"),
    "header alone": ([header(DATA)], grpc.StatusCode.INVALID_ARGUMENT, "header.size_bytes"),
    "truncated": ([header(DATA), Part(chunk=DATA[:10])], grpc.StatusCode.INVALID_ARGUMENT, "header.size_bytes"),
    "duplicated": (
        [header(DATA), Part(chunk=DATA), Part(chunk=DATA)],
        grpc.StatusCode.INVALID_ARGUMENT,
        "header.size_bytes",
    ),
    "out of order": (
        [header(b"ab" * 10), Part(chunk=b"ba" * 5), Part(chunk=b"ab" * 5)],
        grpc.StatusCode.INVALID_ARGUMENT,
        "header.hash",
    ),
    "a wrong hash": ([header(DATA, hash="0" * 64), Part(chunk=DATA)], grpc.StatusCode.INVALID_ARGUMENT, "header.hash"),
    "no hash": ([header(DATA, hash=""), Part(chunk=DATA)], grpc.StatusCode.INVALID_ARGUMENT, "header.hash"),
    "a path as hash": ([header(DATA, hash="../" * 21 + "a")], grpc.StatusCode.INVALID_ARGUMENT, "header.hash"),
    "empty": ([header(b"")], grpc.StatusCode.INVALID_ARGUMENT, "header.size_bytes"),
    "too large": ([header(DATA, size_bytes=2**62)], grpc.StatusCode.RESOURCE_EXHAUSTED, "header.size_bytes"),
    "raw without a shape": (
        [header(DATA, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8)],
        grpc.StatusCode.INVALID_ARGUMENT,
        "header.width",
    ),
    "raw of another shape": (
        [header(DATA, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8, width=9, height=9)],
        grpc.StatusCode.INVALID_ARGUMENT,
        "header.size_bytes",
    ),
    "raw and huge": (
        [header(DATA, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8, width=30000, height=30000)],
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "header.width",
    ),
    "a large chunk": (
        [header(bytes(2**20 + 1)), Part(chunk=bytes(2**20 + 1))],
        grpc.StatusCode.INVALID_ARGUMENT,
        "chunk",
    ),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_uploads_that_are_not_right(client: Client, name: str) -> None:
    parts, code, field = UPLOADS[name]
    with pytest.raises(grpc.RpcError) as error:
        client.pictures.UploadPicture(iter(parts), timeout=SECONDS)
    assert error.value.code() is code
    assert violations(error.value) == [field]


def violations(error: grpc.RpcError) -> list[str]:
    """The fields that the error's details name."""
    status = rpc_status.from_call(error)
    fields = []
    for detail in status.details if status else ():
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            fields += [violation.field for violation in bad.field_violations]
    return fields


def test_an_upload_that_breaks_off_leaves_nothing(daemon: RunningDaemon, client: Client) -> None:
    data = bytes(3 * 2**20)

    def broken() -> Iterator[Part]:
        yield header(data)
        yield Part(chunk=data[: 2**20])
        raise OSError("the network is gone")

    with pytest.raises(grpc.RpcError):
        client.pictures.UploadPicture(broken(), timeout=SECONDS)
    client.info()
    assert not list((daemon.home / "store" / "temporary").iterdir())


def test_wrong_fields_are_named(client: Client, painting: str) -> None:
    def refused(fields: dict[str, Any], **parameters: Any) -> list[str]:
        request = {"request_id": "r", "painting_hash": painting, **fields}
        request["parameters"] = jobs_pb2.ProcessParameters(**parameters)
        with pytest.raises(grpc.RpcError) as error:
            client.jobs.CreateJob(jobs_pb2.CreateJobRequest(**request))
        assert error.value.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)
        return violations(error.value)

    keyframes = jobs_pb2.KeyframeParameters
    assert refused({"request_id": ""}) == ["request_id"]
    assert refused({"painting_hash": "0" * 64}) == ["painting_hash"]
    assert refused({"title": "x" * 201}) == ["title"]
    assert refused({"base_job_id": "none"}) == ["base_job_id"]
    assert refused({}, engine="magic") == ["parameters.engine"]
    assert refused({}, keyframes=keyframes(steps=0)) == ["parameters.keyframes.steps"]
    assert refused({}, keyframes=keyframes(guidance_scale=float("nan"))) == ["parameters.keyframes.guidance_scale"]
    assert refused({}, keyframes=keyframes(operation_steps=[5, 3])) == ["parameters.keyframes.operation_steps"]
    assert refused({}, keyframes=keyframes(width=100)) == ["parameters.keyframes.width"]
    assert refused({}, execution=jobs_pb2.ExecutionParameters(memory_plan="2gb")) == [
        "parameters.execution.memory_plan"
    ]

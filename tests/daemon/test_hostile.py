"""Hostile input: whatever arrives, the daemon answers with a status, stays up, keeps its files and other jobs whole."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2

from .conftest import Client, RunningDaemon, few, kinds, small_painting

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name]
    for module, name in (
        (jobs_pb2, "JobService"),
        (pictures_pb2, "PictureService"),
        (models_pb2, "ModelService"),
        (server_pb2, "ServerService"),
    )
)
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
fuzz = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def raw_call(client: Client, method: Any, messages: list[bytes]) -> grpc.StatusCode:
    """Send bytes as they are; returns the status. DEADLINE_EXCEEDED would be a hang."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    try:
        if method.client_streaming:
            client.authorized.stream_unary(path)(iter(messages), timeout=SECONDS)
        elif method.server_streaming:
            for _ in client.authorized.unary_stream(path)(messages[0], timeout=SECONDS):
                pass
        else:
            client.authorized.unary_unary(path)(messages[0], timeout=SECONDS)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def open_files(daemon: RunningDaemon) -> int:
    assert daemon.process is not None
    return sum(
        1
        for link in Path(f"/proc/{daemon.process.pid}/fd").iterdir()
        if (link.is_symlink() and "/store/pictures/" in str(link.readlink())) or "/temporary/" in str(link.readlink())
    )


@pytest.fixture(autouse=True)
def unharmed(daemon: RunningDaemon, client: Client, painting: str) -> Iterator[None]:
    """Another job runs through, the process is the same, no picture file stays open, nothing unexpected was logged."""
    logged = daemon.log_file.stat().st_size
    other = client.create(painting, parameters=few())
    yield
    assert kinds(list(client.watch(other.job_id)))[-1] == "finished"
    assert daemon.process is not None
    assert daemon.process.poll() is None
    assert open_files(daemon) == 0
    lines = daemon.log_file.read_bytes()[logged:].decode().splitlines()
    assert not [line for line in lines if "nexpected" in line]


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
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


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A valid PNG of one colour: small in the file, huge when decoded."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    compressor = zlib.compressobj(9)
    row = bytes(1 + width // 8 + 1)
    body = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    ihdr = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def ramp(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, size[0], dtype=np.uint8)
    pixels[8:24, 8:24] = (20, 120, 60)
    return Image.fromarray(pixels).convert(mode)


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(ramp(), "JPEG", exif=exif)


def deep() -> bytes:
    import cv2

    pixels = (np.asarray(ramp(), np.uint16) * 257)[..., ::-1]
    return bytes(cv2.imencode(".png", pixels)[1])


def palette() -> bytes:
    return encoded(ramp().quantize(8), "PNG", transparency=0)


GOOD: dict[str, Callable[[], bytes]] = {
    "one pixel": lambda: encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
    "16 bits": deep,
    "CMYK JPEG": lambda: encoded(ramp("CMYK"), "JPEG"),
    "palette with alpha": palette,
    "EXIF rotation": rotated,
    "WebP": lambda: encoded(ramp(), "WEBP"),
    "grey": lambda: encoded(ramp("L"), "PNG"),
    "alpha": lambda: encoded(ramp("RGBA"), "PNG"),
}


@pytest.mark.parametrize("name", GOOD)
def test_unusual_but_good_pictures_give_a_process(client: Client, name: str) -> None:
    job, _ = client.finish(client.upload(GOOD[name]()), parameters=few())
    assert job.state == jobs_pb2.JOB_STATE_FINISHED, job.failure
    assert job.frames_stored == job.frame_count
    if name == "EXIF rotation":
        assert (job.painting_width, job.painting_height) == (32, 48)


BAD: dict[str, Callable[[], bytes]] = {
    "not a picture": lambda: b"hello, this is text" * 20,
    "a broken PNG": lambda: small_painting()[:30] + b"\0" * 50,
    "a cut JPEG": lambda: encoded(ramp(), "JPEG")[:200],
    "a bomb": lambda: bomb(30000, 30000),
    "a PNG header alone": lambda: small_painting()[:33],
    "a pickle": lambda: b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_fail_their_job_and_nothing_else(client: Client, name: str) -> None:
    job, events = client.finish(client.upload(BAD[name]()), parameters=few())
    assert job.state == jobs_pb2.JOB_STATE_FAILED
    assert job.failure.code == "INVALID_ARGUMENT"
    assert job.failure.message.endswith(".")
    assert "Traceback" not in job.failure.message
    assert kinds(events)[-1] == "failed"


@fuzz
@given(data=st.data())
def test_damaged_pictures_end_in_a_result_or_a_sentence(client: Client, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(sorted(GOOD)))
    good = bytearray(GOOD[original]())
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(good[: data.draw(st.integers(1, len(good)))])
    job, _ = client.finish(client.upload(cut), parameters=few(stop_after=jobs_pb2.STAGE_TAGS))
    assert job.state in (jobs_pb2.JOB_STATE_FINISHED, jobs_pb2.JOB_STATE_FAILED)
    assert job.failure.code in ("", "INVALID_ARGUMENT")


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

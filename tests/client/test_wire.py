"""What the clients do to the messages, without a daemon."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client import (
    BrokenAnswerError,
    CallRefusedError,
    DaemonUnavailableError,
    RawPicture,
    wire,
)
from paints_undo_daemon.client.errors import translate
from paints_undo_daemon.client.pictures import CHUNK_BYTES, FrameAssembler, Upload
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, LayerContent
from paints_undo_engine.request import ProcessRequest


@given(st.binary(max_size=4 * CHUNK_BYTES // 3))
def test_an_upload_is_the_picture_in_chunks_after_its_header(data: bytes):
    first, *rest = Upload(data).messages()
    assert first.header.hash == hashlib.sha256(data).hexdigest()
    assert first.header.size_bytes == len(data)
    assert b"".join(message.chunk for message in rest) == data
    assert all(0 < len(message.chunk) <= CHUNK_BYTES for message in rest)


def test_a_file_is_uploaded_as_its_bytes_are_as_often_as_needed(tmp_path: Path):
    path = tmp_path / "picture.png"
    path.write_bytes(bytes(range(256)) * 9000)
    upload = Upload(path)
    assert list(upload.messages()) == list(upload.messages()) == list(Upload(path.read_bytes()).messages())


def test_raw_pixels_say_their_size_and_channels():
    header = Upload(RawPicture(bytes(2 * 3 * 4), width=2, height=3, channels=4)).header
    assert (header.width, header.height) == (2, 3)
    assert header.encoding == pictures_pb2.PICTURE_ENCODING_RAW_RGBA8


def frame_messages(index: int, data: bytes, cuts: list[int]) -> list[jobs_pb2.DownloadFramesResponse]:
    header = jobs_pb2.PictureHeader(frame=jobs_pb2.Frame(index=index), size_bytes=len(data))
    ends = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    chunks = [data[begin:end] for begin, end in itertools.pairwise(ends)]
    return [
        jobs_pb2.DownloadFramesResponse(header=header),
        *(jobs_pb2.DownloadFramesResponse(chunk=chunk) for chunk in chunks),
    ]


pictures = st.lists(st.tuples(st.binary(max_size=64), st.lists(st.integers(0, 64), max_size=4)), max_size=5)


@given(pictures)
def test_frames_are_put_together_however_they_are_cut(parts: list[tuple[bytes, list[int]]]):
    assembler = FrameAssembler()
    messages = [message for index, (data, cuts) in enumerate(parts) for message in frame_messages(index, data, cuts)]
    frames = [frame for message in messages if (frame := assembler.feed(message)) is not None]
    assembler.close()
    assert [(frame.frame.index, frame.data) for frame in frames] == [
        (index, data) for index, (data, _) in enumerate(parts)
    ]


@given(st.binary(min_size=2, max_size=64), st.data())
def test_a_picture_that_does_not_fit_its_header_is_refused(data: bytes, draw: st.DataObject):
    header, *_chunks = frame_messages(0, data, [])
    assembler = FrameAssembler()
    assembler.feed(header)
    match draw.draw(st.sampled_from(["short", "long", "new header"])):
        case "short":
            assembler.feed(jobs_pb2.DownloadFramesResponse(chunk=data[:-1]))
            with pytest.raises(BrokenAnswerError, match="middle of a picture"):
                assembler.close()
        case "long":
            with pytest.raises(BrokenAnswerError, match="more bytes"):
                assembler.feed(jobs_pb2.DownloadFramesResponse(chunk=data + b"x"))
        case _:
            with pytest.raises(BrokenAnswerError, match="new picture"):
                assembler.feed(header)


def event(sequence: int) -> jobs_pb2.WatchJobResponse:
    return jobs_pb2.WatchJobResponse(event=jobs_pb2.Event(sequence=sequence, started=jobs_pb2.JobStarted()))


@given(st.integers(0, 10**9), st.lists(st.booleans(), max_size=20))
def test_a_position_counts_events_and_not_progress(after: int, kinds: list[bool]):
    position = wire.Position("job", after)
    for is_event in kinds:
        message = event(position.after + 1) if is_event else jobs_pb2.WatchJobResponse(progress=jobs_pb2.Progress())
        assert position.take(message).kind == ("started" if is_event else "progress")
    assert position.request().after_sequence == after + sum(kinds)


@given(st.integers(0, 100), st.integers(1, 200))
def test_a_missing_or_doubled_event_is_noticed(after: int, sequence: int):
    position = wire.Position("job", after)
    if sequence == after + 1:
        position.take(event(sequence))
    else:
        with pytest.raises(BrokenAnswerError):
            position.take(event(sequence))
        assert position.after == after


def test_patience_ends_and_begins_anew():
    patience = wire.Patience(0.2)
    pauses = [pause for _ in range(10) if (pause := patience.pause()) is not None]
    assert pauses[0] > 0
    assert patience.pause() is None
    patience.reset()
    assert patience.pause() is not None


def test_own_keyframes_become_part_of_the_request():
    message = wire.job_request(
        "a" * 64, ProcessRequest(), {286: "b" * 64}, title="t", batch=True, base_job_id="", request_id=None
    )
    assert [(own.operation_step, own.picture_hash) for own in message.parameters.keyframes.own] == [(286, "b" * 64)]
    assert message.priority == jobs_pb2.PRIORITY_BATCH
    assert 1 <= len(message.request_id) <= 64


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_every_format_has_a_number(export_format: ExportFormat):
    options = wire.export_request("job", ExportOptions(format=export_format)).options
    assert jobs_pb2.ExportFormat.Name(options.format) == f"EXPORT_FORMAT_{export_format.name}"


@given(st.sampled_from(list(Aspect)), st.sampled_from(list(LayerContent)), st.booleans(), st.floats(0, 60))
def test_export_options_travel_whole(aspect: Aspect, content: LayerContent, flag: bool, hold: float):
    given_options = ExportOptions(aspect=aspect, layer_content=content, ping_pong=flag, hold_last_seconds=hold)
    options = wire.export_request("job", given_options).options
    assert jobs_pb2.Aspect.Name(options.aspect) == f"ASPECT_{aspect.name}"
    assert jobs_pb2.LayerContent.Name(options.layer_content) == f"LAYER_CONTENT_{content.name}"
    assert (options.ping_pong, options.hold_last_seconds) == (flag, hold)


class Refusal:
    """A gRPC error as it reaches a client."""

    def __init__(self, code: grpc.StatusCode, details: str, *extra: Message) -> None:
        self._code, self._details = code, details
        status = status_pb2.Status(code=code.value[0], message=details)
        for detail in extra:
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        self._metadata = (("grpc-status-details-bin", status.SerializeToString()),)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        return self._metadata


def test_a_refusal_carries_its_field_and_when_to_try_again():
    violation = error_details_pb2.BadRequest.FieldViolation(field="keyframes.steps", description="too many")
    error = translate(
        Refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "keyframes.steps is 400",
            error_details_pb2.BadRequest(field_violations=[violation]),
            error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2, nanos=500_000_000)),
        )
    )
    assert isinstance(error, CallRefusedError)
    assert (error.code, error.fields, error.retry_seconds) == ("INVALID_ARGUMENT", ("keyframes.steps",), 2.5)
    assert str(error) == "keyframes.steps is 400."


def test_a_broken_connection_is_told_apart():
    assert isinstance(translate(Refusal(grpc.StatusCode.UNAVAILABLE, "socket closed")), DaemonUnavailableError)
    unsent = Refusal(grpc.StatusCode.INTERNAL, "Internal error from Core")
    assert isinstance(translate(unsent), DaemonUnavailableError), "a message that could not be sent any more"
    assert not isinstance(translate(Refusal(grpc.StatusCode.INTERNAL, "a defect")), DaemonUnavailableError)

"""Messages of streams that hold a chunk of bytes and nothing else, read without protobuf's copies.

protobuf copies the bytes that came into the message, and once more when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from paints_undo_daemon.chunk_message import CHUNK_FIELD, chunk_tag

_MOST_LENGTH_BYTES = 10


@dataclass(frozen=True, slots=True)
class ReceivedChunk:
    """What came in the place of a message that holds a chunk and nothing else: a view of the bytes that came."""

    chunk: memoryview


def reader(kind: type[Message]) -> Callable[[bytes], Message | ReceivedChunk]:
    """What reads the messages of one kind; it raises `DecodeError` for bytes that are none.

    >>> read = reader(DownloadFramesResponse)
    >>> read(DownloadFramesResponse(chunk=b"ab").SerializeToString()).chunk == b"ab"
    True
    """
    tag = chunk_tag(kind)

    def read(data: bytes) -> Message | ReceivedChunk:
        begin = _begin_of_chunk(data, tag)
        return ReceivedChunk(memoryview(data)[begin:]) if begin else kind.FromString(data)

    return read


def read_in_place(stub: Any, channel: Any, file: FileDescriptor) -> Any:
    """The stub of the only service of a file, with its streams of chunks read by `reader`."""
    (service,) = file.services_by_name.values()
    for method in service.methods:
        answer = method.output_type
        if method.server_streaming and CHUNK_FIELD in answer.fields_by_name:
            stream = channel.unary_stream(
                f"/{service.full_name}/{method.name}",
                request_serializer=GetMessageClass(method.input_type).SerializeToString,
                response_deserializer=reader(GetMessageClass(answer)),
            )
            setattr(stub, method.name, stream)
    return stub


def _begin_of_chunk(data: bytes, tag: bytes) -> int:
    """Where the chunk begins of a message that holds nothing else; 0 for other messages."""
    if not data.startswith(tag):
        return 0
    length = 0
    for place, byte in enumerate(data[len(tag) : len(tag) + _MOST_LENGTH_BYTES]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            begin = len(tag) + place + 1
            return begin if begin + length == len(data) else 0
    return 0

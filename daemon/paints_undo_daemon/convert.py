"""Protocol messages and the engine's dataclasses, in both directions.

One walk serves all of them: a field's message field has the same name, an enum's number the member's name behind the
enum's prefix, and a message field that is absent (or zero, where it has no presence) means the dataclass's default.
A new parameter is therefore declared in its dataclass and in the `.proto`, and nothing changes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from paints_undo.v1 import jobs_pb2
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.picture import Placement
from paints_undo_engine.request import ProcessRequest

Made = TypeVar("Made")
Word = TypeVar("Word", bound=StrEnum)

_OWN = "keyframes.own"
"""The artist's own keyframes: steps in the request, steps with the hashes of their pictures in the message."""


def request_from_proto(message: jobs_pb2.ProcessParameters) -> ProcessRequest:
    """A validated request with every default filled in. The hashes of own keyframes are in `supplied_keyframes`.

    Raises `InvalidRequestError` with the field's name.
    """
    own = tuple(item.operation_step for item in message.keyframes.own)
    return _read(message, ProcessRequest, given={_OWN: own})


def request_to_proto(request: ProcessRequest, supplied: Mapping[int, str] | None = None) -> jobs_pb2.ProcessParameters:
    """A request as a message with every field set, so that a job's parameters are the whole truth.

    `supplied` maps operation steps to the hashes of the artist's own keyframes.
    """
    hashes = supplied or {}
    message = jobs_pb2.ProcessParameters()
    _write(replace(request, keyframes=replace(request.keyframes, operation_steps=request.operation_steps)), message)
    for step in request.keyframes.own:
        message.keyframes.own.add(operation_step=step, picture_hash=hashes.get(step, ""))
    return message


def write_group(source: Any, message: Message) -> None:
    """Write a group of parameters, such as `RedoParameters`, into its message."""
    _write(source, message)


def masks(message: jobs_pb2.ProcessParameters) -> list[str]:
    """The hashes of the masks that branches name, each once."""
    return list(dict.fromkeys(item.mask_hash for item in message.procedural.branches if item.mask_hash))


def supplied_keyframes(message: jobs_pb2.ProcessParameters) -> dict[int, str]:
    """The hashes of the keyframes that the client supplies, by operation step."""
    return {item.operation_step: item.picture_hash for item in message.keyframes.own}


def export_options_from_proto(message: jobs_pb2.ExportOptions) -> ExportOptions:
    """Validated options. The format must be given. Raises `InvalidRequestError`."""
    if not message.format:
        raise InvalidRequestError("format", 0, "given")
    return _read(message, ExportOptions)


def export_options_to_proto(options: ExportOptions) -> jobs_pb2.ExportOptions:
    """Options as a message with every field set."""
    message = jobs_pb2.ExportOptions()
    _write(options, message)
    return message


def placement_to_proto(placement: Placement) -> jobs_pb2.Placement:
    """A rectangle in the painting's pixels."""
    return jobs_pb2.Placement(x=placement.x, y=placement.y, width=placement.width, height=placement.height)


def placement_from_proto(message: jobs_pb2.Placement) -> Placement:
    """A rectangle in the painting's pixels."""
    return Placement(message.x, message.y, message.width, message.height)


def word_from_number(words: type[Word], enum: EnumDescriptor, number: int, field: str) -> Word:
    """The word that an enum's number stands for. Raises `InvalidRequestError` for a number that has none."""
    value = enum.values_by_number.get(number)
    name = value.name.removeprefix(_prefix(enum)) if value else ""
    if name not in words.__members__:
        raise InvalidRequestError(field, number, f"one of {', '.join(words)}")
    return words[name]


def number_of_word(word: StrEnum, enum: EnumDescriptor) -> Any:
    """An enum's number of a word; it has one for each."""
    return enum.values_by_name[_prefix(enum) + word.name].number


def _prefix(enum: EnumDescriptor) -> str:
    return enum.values_by_number[0].name.removesuffix("UNSPECIFIED")


@lru_cache(maxsize=64)
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(message: Message, kind: type[Made], prefix: str = "", given: Mapping[str, Any] | None = None) -> Made:
    """An instance of the dataclass `kind`; `given` has the values, by dotted name, that are not read here."""
    values: dict[str, Any] = {}
    made: Any = kind
    for name, hint in _hints(made).items():
        dotted, field = prefix + name, message.DESCRIPTOR.fields_by_name[name]
        value = getattr(message, name)
        if given and dotted in given:
            values[name] = given[dotted]
        elif is_dataclass(hint):
            values[name] = _read(value, _a_type(hint), f"{dotted}.", given)
        elif message.HasField(name) if field.has_presence else value:
            values[name] = _value(value, hint, field, dotted)
    return kind(**values)


def _value(value: Any, hint: Any, field: Any, dotted: str) -> Any:
    if get_origin(hint) is tuple:
        element = get_args(hint)[0]
        return tuple(value) if field.message_type is None else tuple(_row(item, element) for item in value)
    if field.enum_type is not None:
        return word_from_number(hint, field.enum_type, value, dotted)
    return value


def _row(message: Message, kind: Any) -> Any:
    """A named tuple of a message whose fields stand in the same order."""
    return kind(*(getattr(message, known.name) for known in message.DESCRIPTOR.fields))


def _write(source: Any, message: Any, prefix: str = "") -> None:
    """Set every field of `message`; None stays absent, and what has no counterpart (`_OWN`) is left to the caller."""
    for item in fields(source):
        value, field = getattr(source, item.name), message.DESCRIPTOR.fields_by_name[item.name]
        if prefix + item.name == _OWN or value is None:
            continue
        if is_dataclass(value):
            target = getattr(message, item.name)
            target.SetInParent()
            _write(value, target, f"{prefix}{item.name}.")
        elif isinstance(value, tuple):
            target = getattr(message, item.name)
            if field.message_type is None:
                target.extend(value)
            else:
                names = [known.name for known in field.message_type.fields]
                for row in value:
                    target.add(**dict(zip(names, row, strict=True)))
        elif field.enum_type is not None:
            setattr(message, item.name, number_of_word(value, field.enum_type))
        else:
            setattr(message, item.name, value)


def _a_type(hint: Any) -> type[Any]:
    assert isinstance(hint, type)
    return hint

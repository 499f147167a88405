"""The protocol's messages as the clients' plain values: one walk for all that are named field by field alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from paints_undo_daemon.convert import word_from_number
from paints_undo_engine.errors import InvalidRequestError

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

Made = TypeVar("Made")


def read(message: Message, kind: type[Made]) -> Made:
    """A dataclass of a message, whose fields have the same names.

    What the message lacks, and a word of a newer daemon that this client does not know, leaves the field at its
    default; in a list such a word is left out.
    """
    values: dict[str, Any] = {}
    made: Any = kind  # a TypeVar's type is not Hashable to mypy
    for name, hint in _kinds(made).items():
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            continue
        value = getattr(message, name)
        if field.is_repeated:
            found = (_read_one(item, hint, field) for item in value)
            values[name] = tuple(item for item in found if item is not None)
        elif not field.has_presence or message.HasField(name):
            item = _read_one(value, hint, field)
            values |= {} if item is None else {name: item}
    return kind(**values)


def moment(time: Timestamp) -> datetime:
    """A time of the protocol, in UTC, to the microsecond."""
    return time.ToDatetime(tzinfo=UTC)


def _read_one(value: Any, kind: type[Any], field: Any) -> Any:
    if field.enum_type is not None:
        try:
            return word_from_number(kind, field.enum_type, value, field.name)
        except InvalidRequestError:
            return None
    if kind is datetime:
        return moment(value)
    return read(value, kind) if is_dataclass(kind) else value


@lru_cache(maxsize=64)
def _kinds(kind: type[Any]) -> Mapping[str, type[Any]]:
    """The kind of each field's value: of `X | None` and `tuple[X, ...]` it is X."""
    return {name: (get_args(hint) or (hint,))[0] for name, hint in get_type_hints(kind).items()}

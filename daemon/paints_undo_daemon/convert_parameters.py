"""The declarations of parameters as the service's messages."""

from __future__ import annotations

from paints_undo.v1 import server_pb2
from paints_undo_daemon.convert import number_of_word
from paints_undo_engine.declarations import EXPORT, REQUEST
from paints_undo_engine.descriptions import Description
from paints_undo_engine.parameters import Parameter


def request_parameters(engine: Description) -> list[server_pb2.Parameter]:
    """The parameters of a request that an engine reads."""
    return [_to_proto(known) for known in REQUEST if engine.reads_field(known.name)]


def export_parameters() -> list[server_pb2.Parameter]:
    """The options of an export."""
    return [_to_proto(known) for known in EXPORT]


def _to_proto(known: Parameter) -> server_pb2.Parameter:
    bound = known.bound
    return server_pb2.Parameter(
        name=known.name,
        kind=number_of_word(known.kind, server_pb2.ParameterKind.DESCRIPTOR),
        minimum=bound.minimum,
        maximum=bound.maximum,
        multiple_of=bound.multiple_of or 0,
        choices=bound.choices,
        max_length=bound.max_length or 0,
        max_items=bound.max_items or 0,
        default_value=known.default_text,
        zero_means=bound.zero_means or "",
        help=known.help,
        unit=known.unit,
        group=known.group,
        advanced=known.advanced,
    )

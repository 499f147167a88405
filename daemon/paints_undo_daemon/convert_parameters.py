"""The declarations of parameters as the service's messages."""

from __future__ import annotations

import logging
from enum import StrEnum
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from paints_undo.v1 import jobs_pb2, server_pb2
from paints_undo_daemon.convert import export_options_to_proto, number_of_word
from paints_undo_engine.declarations import EXPORT, REQUEST
from paints_undo_engine.descriptions import Description
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.presets import load_presets
from paints_undo_engine.parameters import Parameter

log = logging.getLogger(__name__)


def request_parameters(engine: Description) -> list[server_pb2.Parameter]:
    """The parameters of a request that an engine reads."""
    root = jobs_pb2.ProcessParameters.DESCRIPTOR
    return [_to_proto(known, root) for known in REQUEST if engine.reads_field(known.name)]


def export_parameters() -> list[server_pb2.Parameter]:
    """The options of an export."""
    return [_to_proto(known, jobs_pb2.ExportOptions.DESCRIPTOR) for known in EXPORT]


def export_presets(file: Path) -> list[server_pb2.ExportPreset]:
    """Exports by name, with those of a file where it exists; one that is not valid is logged and left out."""
    try:
        known = load_presets(file)
    except ExportError as error:
        log.warning("%s", error)
        known = load_presets()
    return [
        server_pb2.ExportPreset(name=each.name, summary=each.summary, options=export_options_to_proto(each.options))
        for each in known.values()
    ]


def _to_proto(known: Parameter, root: Descriptor) -> server_pb2.Parameter:
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
        enum_names=_enum_names(known, root),
    )


def _enum_names(known: Parameter, root: Descriptor) -> list[str]:
    """The choices' names in the enum that the parameter's field has below `root`; empty where it has none."""
    message: Descriptor | None = root
    *groups, name = known.name.split(".")
    for group in groups:
        message = message and message.fields_by_name[group].message_type
    enum = message.fields_by_name[name].enum_type if message and name in message.fields_by_name else None
    if enum is None:
        return []
    words = [word for word in known.bound.choices if isinstance(word, StrEnum)]
    return [enum.values_by_number[number_of_word(word, enum)].name for word in words]

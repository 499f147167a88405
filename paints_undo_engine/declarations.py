"""All that may be asked of the engines and exporters, as plain data for programs that do not have this package."""

from __future__ import annotations

from typing import Any

from paints_undo_engine.descriptions import DEFAULT_ENGINE, ENGINES, Description
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.parameters import Parameter, parameters_of
from paints_undo_engine.request import ProcessRequest

REQUEST = parameters_of(ProcessRequest, "Process")
EXPORT = parameters_of(ExportOptions, "Export")


def as_json() -> dict[str, Any]:
    """Engines, parameters of a request, options of an export and formats, as JSON can hold them."""
    return {
        "default_engine": DEFAULT_ENGINE,
        "engines": [_engine(engine) for engine in ENGINES],
        "request": [_parameter(known) for known in REQUEST],
        "export": [_parameter(known) for known in EXPORT],
        "formats": [
            {"name": kind.value, "suffix": kind.suffix, "media_type": kind.media_type} for kind in ExportFormat
        ],
    }


def _engine(engine: Description) -> dict[str, Any]:
    return {
        "name": engine.name,
        "summary": engine.summary,
        "stages": list(engine.stages),
        "operation_steps": list(engine.operation_steps),
        "abilities": sorted(engine.abilities),
        "memory_plans": [plan.name for plan in engine.memory_plans],
        "reads": [known.name for known in REQUEST if engine.reads_field(known.name)],
    }


def _parameter(known: Parameter) -> dict[str, Any]:
    """What is declared; what is not stays out."""
    default = list(known.default) if isinstance(known.default, tuple) else known.default
    bound = {
        "minimum": known.bound.minimum,
        "maximum": known.bound.maximum,
        "multiple_of": known.bound.multiple_of,
        "zero_means": known.bound.zero_means,
        "choices": list(known.bound.choices) or None,
        "max_length": known.bound.max_length,
        "max_items": known.bound.max_items,
    }
    given = {name: value for name, value in bound.items() if value is not None}
    unit = {"unit": known.unit} if known.unit else {}
    return {
        "name": known.name,
        "kind": str(known.kind),
        "default": default,
        **given,
        **unit,
        "help": known.help,
        "group": known.group,
        "advanced": known.advanced,
    }

"""Command-line flags that are made from a dataclass, so that help texts cannot disagree with what is checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any

import typer

from paints_undo_engine.request import Bound, bounded_fields

_KINDS: dict[str, type] = {"bool": bool, "int": int, "float": float}


@dataclass(frozen=True, slots=True)
class Flag:
    """A dataclass field on the command line.

    `panel` is the heading under which the help lists it, `extra` a word that is accepted beside the field's own.
    """

    field: str
    name: str
    help: str
    panel: str
    extra: str = ""


def with_flags(argument: str, defaults: Any, flags: Sequence[Flag]) -> Callable[[Callable[..., Any]], Any]:
    """Give a command one flag for each of `flags`.

    The command gets them as one mapping, in its parameter `argument`, from field to value; what was not given is
    absent. `defaults` is an instance of the dataclass, whose values and bounds the help shows.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(command, eval_str=True)
        own = [parameter for name, parameter in signature.parameters.items() if name != argument]
        parameters = [*own, *_parameters(argument, defaults, flags)]

        @wraps(command)
        def wrapper(**values: Any) -> Any:
            given = {flag.field: values.pop(_keyword(argument, flag)) for flag in flags}
            return command(**values, **{argument: {name: value for name, value in given.items() if value is not None}})

        wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return wrapper

    return decorate


def _keyword(argument: str, flag: Flag) -> str:
    return f"{argument}_{flag.field.replace('.', '_')}"


def _parameters(argument: str, defaults: Any, flags: Iterable[Flag]) -> Iterator[inspect.Parameter]:
    values = {name: (value, kind) for name, value, kind in all_fields(defaults)}
    bounds = {name: bound for name, _, bound in bounded_fields(defaults)}
    for flag in flags:
        (default, type_name), bound = values[flag.field], bounds.get(flag.field)
        option = typer.Option(
            flag.name,
            help=_help(flag, default, bound),
            rich_help_panel=flag.panel,
            metavar=_metavar(flag, default, bound),
        )
        kind = _KINDS.get(type_name, str)
        yield inspect.Parameter(
            _keyword(argument, flag),
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, option],
        )


def all_fields(group: Any, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Every field of a dataclass and of the dataclasses in it: dotted name, value, name of the type."""
    for item in fields(group):
        value = getattr(group, item.name)
        if is_dataclass(value):
            yield from all_fields(value, f"{prefix}{item.name}.")
        else:
            yield prefix + item.name, value, str(item.type)


def _help(flag: Flag, default: Any, bound: Bound | None) -> str:
    notes = []
    if bound is not None and not bound.choices:
        notes.append(bound.words())
    if default not in (None, "", (), 0):
        notes.append(f"default: {default}")
    return f"{flag.help} ({'; '.join(notes)})" if notes else flag.help


def _metavar(flag: Flag, default: Any, bound: Bound | None) -> str | None:
    if isinstance(default, bool):
        return None
    if bound is not None and bound.choices:
        return "|".join([*bound.choices, flag.extra] if flag.extra else bound.choices)
    if isinstance(default, tuple):
        return "NUMBER,…"
    return "NUMBER" if isinstance(default, int | float) else "TEXT"

"""Command-line options made from declared parameters, so that help texts cannot disagree with what is checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any

import typer

from paints_undo_engine.parameters import Parameter, ParameterKind

_TYPES: dict[ParameterKind, type] = {
    ParameterKind.BOOLEAN: bool,
    ParameterKind.INTEGER: int,
    ParameterKind.NUMBER: float,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A parameter on the command line.

    `name` is the option, `note` what its help says before the range, `extra` a word that is accepted beside its own,
    `completion` what a shell offers for the beginning of a value where that is no choice.
    """

    parameter: Parameter
    name: str
    note: str = ""
    extra: str = ""
    completion: Callable[[str], Sequence[object]] | None = None


def with_flags(argument: str, flags: Sequence[Flag]) -> Callable[[Callable[..., Any]], Any]:
    """Give a command one option for each of `flags`.

    The command gets them as one mapping, in its parameter `argument`, from the parameter's name to the value; what was
    not given is absent.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(command, eval_str=True)
        own = [parameter for name, parameter in signature.parameters.items() if name != argument]
        parameters = [*own, *_keywords(argument, flags)]

        @wraps(command)
        def wrapper(**values: Any) -> Any:
            given = {flag.parameter.name: values.pop(_keyword(argument, flag)) for flag in flags}
            return command(**values, **{argument: {name: value for name, value in given.items() if value is not None}})

        wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return wrapper

    return decorate


def _keyword(argument: str, flag: Flag) -> str:
    return f"{argument}_{flag.parameter.name.replace('.', '_')}"


def _keywords(argument: str, flags: Sequence[Flag]) -> Iterator[inspect.Parameter]:
    for flag in flags:
        option = typer.Option(
            flag.name,
            help=_help(flag),
            rich_help_panel=flag.parameter.group,
            metavar=_metavar(flag),
            autocompletion=flag.completion or _completion(_choices(flag)),
        )
        kind = _TYPES.get(flag.parameter.kind, str)
        yield inspect.Parameter(
            _keyword(argument, flag),
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, option],
        )


def _help(flag: Flag) -> str:
    known = flag.parameter
    words = "" if known.bound.choices else known.bound.words()
    default = "" if known.default in (None, "", (), 0) else f"default: {known.default}"
    notes = [note for note in (flag.note, known.unit, words, default) if note]
    return f"{known.help} ({'; '.join(notes)})" if notes else known.help


def _choices(flag: Flag) -> list[str]:
    return [*flag.parameter.bound.choices, *filter(None, [flag.extra])]


def _completion(choices: Sequence[str]) -> Callable[[str], list[str]] | None:
    """What a shell offers for the beginning of a value."""
    return (lambda incomplete: [choice for choice in choices if choice.startswith(incomplete)]) if choices else None


def _metavar(flag: Flag) -> str | None:
    known = flag.parameter
    match known.kind:
        case ParameterKind.BOOLEAN:
            return None
        case ParameterKind.CHOICE:
            return "|".join(_choices(flag))
        case ParameterKind.INTEGERS:
            return "NUMBER,…"
        case ParameterKind.TEXT:
            return "TEXT"
        case _:
            return "NUMBER"

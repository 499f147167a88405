"""Parameters, declared once: what each one is called, means, may be and is by default.

A dataclass field that is made with `parameter` carries its help, unit and bound. Validation, the service's answer about
its engines, the command line, the plugin's `parameters.json` and docs/parameters.md all read them from there, through
`parameters_of`. Only the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

from paints_undo_engine.errors import InvalidRequestError

Made = TypeVar("Made")


class ParameterKind(StrEnum):
    """What kind of value a parameter has."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    INTEGERS = "integers"


@dataclass(frozen=True, slots=True)
class Bound:
    """The allowed values of a field: an inclusive number range with a grid, a set of words, or a text length."""

    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    zero_means: str | None = None
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    max_items: int | None = None

    def words(self) -> str:
        """The range in words, as error messages and help texts show it."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        parts = []
        if self.max_length is not None:
            return f"at most {self.max_length} characters"
        if self.max_items is not None:
            parts.append(f"at most {self.max_items} values,")
        if self.minimum is not None or self.maximum is not None:
            parts.append(f"{_number(self.minimum)} to {_number(self.maximum)}")
        if self.multiple_of is not None:
            parts.append(f"in multiples of {self.multiple_of}")
        if self.zero_means is not None:
            parts.append(f"or 0 for {self.zero_means}")
        return " ".join(parts)

    def check(self, name: str, value: Any) -> None:
        """Raise `InvalidRequestError` with the field's name, the value and the range when `value` lies outside."""
        if self.choices:
            if value not in self.choices:
                raise InvalidRequestError(name, value, self.words())
        elif self.max_length is not None:
            if not isinstance(value, str) or len(value) > self.max_length:
                raise InvalidRequestError(name, value, self.words())
        elif self.max_items is not None:
            if len(value) > self.max_items or not all(self._holds(item) for item in value):
                raise InvalidRequestError(name, value, self.words())
        elif not self._holds(value):
            raise InvalidRequestError(name, value, self.words())

    def _holds(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        if value == 0 and self.zero_means is not None:
            return True
        if self.minimum is not None and value < self.minimum:
            return False
        if self.maximum is not None and value > self.maximum:
            return False
        return self.multiple_of is None or value % self.multiple_of == 0


def _number(value: float | None) -> str:
    if value is None:
        return "any"
    return str(int(value)) if float(value).is_integer() else str(value)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as it is declared.

    `name` is dotted (``keyframes.steps``), `group` the heading that it is shown under, `unit` that of a number (empty
    for a plain one). An `advanced` one is for those who know the machinery.
    """

    name: str
    kind: ParameterKind
    default: Any
    help: str
    bound: Bound = Bound()
    unit: str = ""
    group: str = ""
    advanced: bool = False

    @property
    def default_text(self) -> str:
        """The default in words; empty for none."""
        if self.default is None:
            return ""
        return " ".join(map(str, self.default)) if isinstance(self.default, tuple) else str(self.default)

    def parse(self, value: Any) -> Any:
        """A word as its enum's member; everything else, and what is no word of it, as it is: `check` refuses that."""
        words = type(self.default)
        return words(value) if issubclass(words, StrEnum) and value in tuple(words) else value

    def check(self, value: Any) -> None:
        """Raise `InvalidRequestError` with name, value and range when `value` lies outside."""
        if self.kind is ParameterKind.BOOLEAN:
            if not isinstance(value, bool):
                raise InvalidRequestError(self.name, value, "true or false")
        elif self.kind is ParameterKind.INTEGER and not isinstance(value, int):
            raise InvalidRequestError(self.name, value, f"a whole number, {self.bound.words()}")
        elif value is not None or self.default is not None:
            self.bound.check(self.name, value)


def parameter(default: Any, help: str, *, unit: str = "", advanced: bool = False, **bound: Any) -> Any:
    """A dataclass field that is a parameter; `bound` are the fields of its `Bound`. An enum's words need none.

    >>> @dataclass(frozen=True)
    ... class Brush:
    ...     width: int = parameter(3, "Width of the brush.", unit="pixels", minimum=1, maximum=99)
    >>> parameters_of(Brush)[0].bound.words()
    '1 to 99'
    """
    if isinstance(default, StrEnum):
        bound.setdefault("choices", tuple(type(default)))
    details = {"help": help, "unit": unit, "advanced": advanced, "bound": Bound(**bound)}
    return field(default=default, metadata={"parameter": details})


def group(default: Any, title: str) -> Any:
    """A dataclass field that is a group of parameters, shown under `title`."""
    return field(default=default, metadata={"title": title})


def parameters_of(kind: type[Any], title: str = "") -> tuple[Parameter, ...]:
    """Every parameter of a dataclass and of the groups in it, in the order of their declaration.

    `title` is the heading of those that are in no group.
    """
    return tuple(_walk(kind, title, ""))


@cache
def _declared(kind: Any) -> tuple[Parameter, ...]:
    return parameters_of(kind)


def _walk(kind: type[Any], title: str, prefix: str) -> Iterator[Parameter]:
    hints = get_type_hints(kind)
    for item in fields(kind):
        name, hint = prefix + item.name, hints[item.name]
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _walk(hint, item.metadata["title"], f"{name}.")
        elif "parameter" in item.metadata:
            details = item.metadata["parameter"]
            yield Parameter(name, _kind(hint, details["bound"]), item.default, group=title, **details)


def _kind(hint: Any, bound: Bound) -> ParameterKind:
    if bound.choices:
        return ParameterKind.CHOICE
    if bound.max_items is not None:
        return ParameterKind.INTEGERS
    plain = next((part for part in get_args(hint) if part is not type(None)), hint)
    return {
        bool: ParameterKind.BOOLEAN,
        int: ParameterKind.INTEGER,
        float: ParameterKind.NUMBER,
        str: ParameterKind.TEXT,
    }[plain]


def with_values(request: Made, values: Mapping[str, Any]) -> Made:
    """A copy of a dataclass instance with these fields changed, by their dotted names; words become enum members.

    >>> with_values(ProcessRequest(), {"engine": "procedural", "keyframes.seed": 7}).keyframes.seed
    7

    Raises `InvalidRequestError` for a name that there is not and for a value that is out of range.
    """
    kind: Any = type(request)
    declared = {known.name: known for known in _declared(kind)}
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _, item = name.rpartition(".")
        holder: Any = getattr(request, group, None) if group else request
        if not is_dataclass(holder) or item not in {known.name for known in fields(holder)}:
            raise InvalidRequestError(name, value, "left out: there is no such parameter")
        groups.setdefault(group, {})[item] = declared[name].parse(value) if name in declared else value
    top = groups.pop("", {})
    parts = {group: replace(getattr(request, group), **items) for group, items in groups.items()}
    changed: Any = request
    return cast("Made", replace(changed, **top, **parts))


def value_of(request: Any, name: str) -> Any:
    """The value of the parameter called `name` (dotted) in an instance of its dataclass."""
    for part in name.split("."):
        request = getattr(request, part)
    return request


def check_parameters(request: Any) -> None:
    """Check every parameter of an instance. Raises `InvalidRequestError` for the first that is out of range."""
    kind: Any = type(request)
    for known in _declared(kind):
        known.check(value_of(request, known.name))

"""What a job's parameters are called, mean and may be: as the daemon tells it, and, before one is connected, as the
engine's own declarations say in `parameters.json`, which is packed with the plugin."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "parameters.json"


class ValueKind(Enum):
    """What kind of value a parameter has."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    INTEGERS = "integers"


@dataclass(frozen=True)
class Field:
    """One parameter by its dotted name, such as `keyframes.seed`; `largest` and `smallest` bound numbers, `longest` the
    characters of a text or the items of a list."""

    name: str
    kind: ValueKind
    default: Any = None
    smallest: float | None = None
    largest: float | None = None
    choices: tuple[str, ...] = ()
    longest: int = 0
    zero_allowed: bool = False
    group: str = ""
    help: str = ""
    advanced: bool = False

    def read(self, value: Any) -> Any:
        """A value as this parameter has it, from JSON or a widget. Raises ValueError, TypeError, OverflowError."""
        if self.kind is ValueKind.BOOLEAN:
            return bool(value)
        if self.kind is ValueKind.CHOICE:
            return self._checked(value, isinstance(value, str) and value in self.choices)
        if self.kind is ValueKind.TEXT:
            return self._checked(value, isinstance(value, str) and (not self.longest or len(value) <= self.longest))
        if self.kind is ValueKind.INTEGERS:
            made = tuple(int(item) for item in value)
            ascending = list(made) == sorted(set(made)) and all(self._inside(item) for item in made)
            return self._checked(made, ascending and (not self.longest or len(made) <= self.longest))
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(self.name)
        whole = int(number) if self.kind is ValueKind.INTEGER else number
        return self._checked(whole, self._inside(whole) or (self.zero_allowed and whole == 0))

    def problem(self, value: Any) -> str:
        """Why a value cannot be, in words; empty when it can."""
        try:
            self.read(value)
        except (ValueError, TypeError, OverflowError):
            return f"{self.name} is {value!r}, but must be {self.allowed()}."
        return ""

    def allowed(self) -> str:
        """What it may be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.smallest is not None and self.largest is not None:
            return f"{self.smallest:g} to {self.largest:g}"
        return f"at most {self.longest} characters" if self.longest else self.kind.value

    def _inside(self, value: float) -> bool:
        low = self.smallest if self.smallest is not None else -math.inf
        high = self.largest if self.largest is not None else math.inf
        return low <= value <= high

    def _checked(self, value: Any, right: bool) -> Any:
        if not right:
            raise ValueError(self.name)
        return value


@dataclass(frozen=True)
class Schema:
    """All parameters; `reads` names those that each engine reads, `steps` its own operation steps."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    steps: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, engine: str) -> list[Field]:
        """What an engine reads, in the order of the declarations."""
        named = self.reads.get(engine, frozenset())
        return [each for each in self.fields.values() if each.name in named]

    def updated(self, fields: Iterable[Field], engine: str, steps: tuple[int, ...]) -> Schema:
        """With what a daemon says of an engine."""
        told = {each.name: each for each in fields}
        return Schema(
            {**self.fields, **told},
            {**self.reads, engine: frozenset(told)} if told else self.reads,
            {**self.steps, engine: steps} if steps else self.steps,
        )


@lru_cache(maxsize=1)
def packed() -> Schema:
    """What the plugin was packed with."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    fields = {each["name"]: _field(each) for each in data["request"]}
    reads = {each["name"]: frozenset(each["reads"]) for each in data["engines"]}
    return Schema(fields, reads, {each["name"]: tuple(each["operation_steps"]) for each in data["engines"]})


def _field(data: Mapping[str, Any]) -> Field:
    default = data.get("default")
    return Field(
        name=data["name"],
        kind=ValueKind(data["kind"]),
        default=tuple(default) if isinstance(default, list) else default,
        smallest=data.get("minimum"),
        largest=data.get("maximum"),
        choices=tuple(data.get("choices") or ()),
        longest=data.get("max_length") or data.get("max_items") or 0,
        zero_allowed=bool(data.get("zero_means")),
        group=data.get("group", ""),
        help=data.get("help", ""),
        advanced=bool(data.get("advanced")),
    )

"""Who is calling, for as long as a call lasts."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`client` is the name of the token, `connection` what the calls' metadata says, for scheduling alone."""

    client: str
    connection: str


caller: ContextVar[Caller] = ContextVar("caller")

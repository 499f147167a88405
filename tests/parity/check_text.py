"""Parity of the tokenizers and the text encoders."""

from __future__ import annotations

from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles


@handles("text", what="CLIPTokenizer")
def check(golden: Golden, compare: Compare) -> None:
    raise NotImplementedError

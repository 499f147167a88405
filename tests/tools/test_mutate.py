"""The list of mutations fits the code as it is."""

from __future__ import annotations

import pytest

from tools.mutate import LISTED, ROOT, Mutation, read


@pytest.mark.parametrize("mutation", read(LISTED), ids=lambda mutation: mutation.name)
def test_every_text_stands_once_in_its_file(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutation.apply(text) != text


def test_a_text_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 times"):
        Mutation("twice", "x.py", "a", "b", ()).apply("aa")
    with pytest.raises(ValueError, match="0 times"):
        Mutation("gone", "x.py", "a", "b", ()).apply("c")

"""How tensors may be called in a file and in a module: the differences that are known and harmless.

Pure text, no torch. See docs/models.md, "Checkpoints".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

_TEXT_PREFIX = "text_model."
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_INDEX_TABLE = "embeddings.position_ids"


def spellings(name: str) -> Iterator[str]:
    """The names under which a module may know the tensor that a file calls `name`, the same name first.

    Older VAE files call the parts of an attention query, key, value and proj_attn; newer text encoders have lost the
    prefix ``text_model.``.
    """
    yield name
    head, _, last = name.rpartition(".")
    stem, _, part = head.rpartition(".")
    if part in _OLD_ATTENTION and "attentions." in stem:
        yield f"{stem}.{_OLD_ATTENTION[part]}.{last}"
    if name.startswith(_TEXT_PREFIX):
        yield name.removeprefix(_TEXT_PREFIX)
    else:
        yield _TEXT_PREFIX + name


def place(name: str, wanted: Collection[str]) -> str | None:
    """The name in `wanted` that the file's tensor `name` fills, or None."""
    return next((spelling for spelling in spellings(name) if spelling in wanted), None)


def is_harmless(name: str) -> bool:
    """Whether a tensor that no module wants may be left out: the index tables of older text and image encoders."""
    return name.endswith(_INDEX_TABLE)

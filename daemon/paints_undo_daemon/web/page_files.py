"""The page's files: a fixed list, read once, served from memory. No path of a request ever reaches the disk."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file as it is served."""

    media_type: str
    content: bytes


def read_page() -> dict[str, PageFile]:
    """The page's files by their paths, such as ``/index.html``."""
    found: dict[str, PageFile] = {}
    pending = [("", files(__package__) / "page")]
    while pending:
        prefix, folder = pending.pop()
        for item in folder.iterdir():
            path = f"{prefix}/{item.name}"
            if item.is_dir():
                pending.append((path, item))
            elif (ending := "." + item.name.rpartition(".")[2]) in _MEDIA_TYPES:
                found[path] = PageFile(_MEDIA_TYPES[ending], item.read_bytes())
    return found

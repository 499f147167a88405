"""For mkdocs.yml: the documents at the checkout's root become pages of the site, README.md the first one."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
    "CODE_OF_CONDUCT.md": "CODE_OF_CONDUCT.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, and what else they link to."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=rebased((ROOT / source).read_text(encoding="utf-8"))))
    for linked in (ROOT / "LICENSE", *sorted((ROOT / "assets" / "sheets").glob("*.png"))):
        files.append(File.generated(config, linked.relative_to(ROOT).as_posix(), abs_src_path=str(linked)))
    return files


def rebased(text: str) -> str:
    """Links as they are seen from docs/.

    >>> rebased("[the daemon](docs/daemon.md)")
    '[the daemon](daemon.md)'
    """
    return re.sub(r"(\]\(|src=\")docs/", r"\1", text)

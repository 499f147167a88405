"""Compiled blocks as seen from outside: the setting, the user's cache folder, and what came of the last attempt.

Imports no torch, so that whoever only asks starts quickly.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

_CODE = "inductor"


@dataclass(frozen=True, slots=True)
class CompileState:
    """`state`: off, waiting, compiling, ready or failed; `text` says why in a sentence. `graphs` took `seconds`."""

    state: str
    text: str
    graphs: int = 0
    seconds: float = 0.0
    torch: str = ""
    device: str = ""


def cache_folder() -> Path:
    """Where compiled code is kept, in the user's own cache."""
    return platformdirs.user_cache_path("paints-undo", appauthor=False) / "compiled"


def use_cache() -> Path:
    """Let this process keep what it compiles there; call it before anything is compiled.

    The folder holds code that is run: it has to be the user's own, and nobody else may enter it. Raises `OSError`.
    """
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix":
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(f"{folder} is not this user's own folder.")
        folder.chmod(0o700)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / _CODE)
    os.environ["TORCHINDUCTOR_FX_GRAPH_CACHE"] = "1"
    return folder


def forget_cache() -> None:
    """Throw away what was compiled: a process that was killed while it compiled may have left half a file."""
    shutil.rmtree(cache_folder() / _CODE, ignore_errors=True)


def write_state(state: CompileState) -> None:
    """Keep the state for `read_state`. Raises `OSError`."""
    path = cache_folder() / "state.json"
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_state() -> CompileState | None:
    """What the last process that compiled here has said; None when there was none."""
    try:
        return CompileState(**json.loads((cache_folder() / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None

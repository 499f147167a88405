"""The command line, `paints-undo` (`docs/cli.md`)."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from paints_undo_daemon.privacy import without_controls

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_CANCELLED = 130
_PROGRAM = "paints-undo"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 cancelled.

    Whatever goes wrong becomes one sentence on the standard error output; with `PAINTS_UNDO_DEBUG` set, the stack
    trace precedes it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    command: Any = None
    try:
        import typer

        from paints_undo_daemon.cli.app import app
        from paints_undo_daemon.cli.helping import tidy

        command = tidy(typer.main.get_command(app))
        code = command.main(arguments, prog_name=_PROGRAM, standalone_mode=False)
    except KeyboardInterrupt:
        return EXIT_CANCELLED
    except Exception as error:
        if os.environ.get("PAINTS_UNDO_DEBUG"):
            traceback.print_exc()
        asked = _command_of(command, sys.argv[1:] if arguments is None else arguments)
        sentence, code = _explain(error, asked)
        if sentence:
            print(f"paints-undo: {without_controls(sentence)}", file=sys.stderr)  # noqa: T201
    return code if isinstance(code, int) else 0


def _command_of(command: Any, arguments: Sequence[str]) -> str:
    """The name of the command that these arguments ask for, as far as it is known."""
    name = _PROGRAM
    for word in arguments:
        below = getattr(command, "commands", {}).get(word)
        if below is not None:
            command, name = below, f"{name} {word}"
    return name


def _explain(error: Exception, asked: str) -> tuple[str, int]:
    """What to say of an error in the command that was asked for, and the exit code."""
    from typer.exceptions import Abort, TyperException

    from paints_undo_daemon.access.lock import AlreadyRunningError
    from paints_undo_daemon.cli.problems import WrongUsageError, wrong_value
    from paints_undo_daemon.settings import SettingsError
    from paints_undo_engine.errors import InvalidRequestError, PaintsUndoError

    match error:
        case Abort():
            return "Nothing was done.", EXIT_CANCELLED
        case TyperException() if not error.format_message():
            return "", EXIT_USAGE
        case TyperException():
            message = wrong_value(error) or error.format_message()
            stop = "" if message.endswith((".", "?")) else "."
            context = getattr(error, "ctx", None)
            command = context.command_path if context else asked  # an option without its value brings no context
            return f"{message}{stop} See '{command} --help'.", error.exit_code
        case InvalidRequestError() | WrongUsageError():
            return str(error), EXIT_USAGE
        case PaintsUndoError() | SettingsError() | AlreadyRunningError():
            return str(error), EXIT_FAILED
        case OSError():
            return _explain_system(error), EXIT_FAILED
        case MemoryError():
            return "The memory of this machine does not suffice; try --max-side, or close other programs.", EXIT_FAILED
    return (
        f"Something went wrong that should not have ({type(error).__name__}: {error}); "
        "set PAINTS_UNDO_DEBUG=1 to see where.",
        EXIT_FAILED,
    )


def _explain_system(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; make room and try again."
    if error.strerror is None:
        return str(error)
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}."

"""What the daemon does with its store unasked: the sweep, and the scrub that finds damage before a reader does."""

from __future__ import annotations

import asyncio
import logging
import time

from paints_undo_daemon.home import log_file
from paints_undo_daemon.logs import rotate
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.store import clock, marks, retention

log = logging.getLogger(__name__)

_SCRUBBED, _POSITION = "scrubbed", "scrub position"
_SCRUB_DAYS = 7.0
_LOOK_SECONDS = 600.0
_DAY = 86400.0


async def sweep_for_ever(core: Core) -> None:
    """Throw away what is too old or too much, now and then."""
    settings = core.settings
    keep = retention.Keep(
        settings.keep_jobs_seconds,
        settings.max_store_bytes,
        settings.picture_grace_seconds,
        settings.keep_trash_seconds,
    )
    while True:
        await asyncio.sleep(settings.sweep_interval_seconds)
        try:
            await retention.sweep(core.database, core.files, keep)
        except Exception:  # the next one may go better; without it nothing would ever go
            log.exception("The sweep could not finish.")
        rotate(log_file(settings.home))


async def scrub_for_ever(core: Core) -> None:
    """Compare every picture with its name once a week, at a bounded rate; damaged ones are set aside."""
    if not core.settings.scrub_bytes_per_second:
        return
    while True:
        try:
            await _scrub(core)
        except Exception:  # as above
            log.exception("The scrub could not finish.")
        await asyncio.sleep(_LOOK_SECONDS)


async def _scrub(core: Core) -> None:
    """Go on where the last scrub was interrupted, if one is due; position and end are noted in the database."""
    now = await core.database.write(clock.tick, clock.read_clocks())
    last = await core.database.read(marks.get, _SCRUBBED)
    if now.trusted - float(last or 0.0) < _SCRUB_DAYS * _DAY:
        return
    done = await core.database.read(marks.get, _POSITION) or ""
    found = 0
    for folder in sorted(core.files.folders()):
        if folder.name <= done:
            continue
        for path in sorted(folder.iterdir()):
            found += not await _check(core, path.name)
        await core.database.write(marks.put, _POSITION, folder.name)
    await core.database.write(marks.put, _POSITION, "")
    await core.database.write(marks.put, _SCRUBBED, str(now.trusted))
    log.info("All pictures were compared with their names; %d were damaged.", found)


async def _check(core: Core, digest: str) -> bool:
    size = core.files.size(digest)
    if size is None:
        return True
    begun = time.monotonic()
    whole = await asyncio.to_thread(core.files.is_whole, digest)
    took = time.monotonic() - begun
    await asyncio.sleep(max(0.0, size / core.settings.scrub_bytes_per_second - took))
    return whole

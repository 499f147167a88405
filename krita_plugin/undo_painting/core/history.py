"""Earlier results of a document, kept in the document itself as an annotation (JSON, versioned, read tolerantly)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from .jobs import Job, JobState
from .mapping import PaintingSource, source_from_json
from .parameters import Parameters, from_json
from .translate import tr

ANNOTATION = "undo_painting/history"
DESCRIPTION = "Undo Painting: earlier results"
VERSION = 1
MOST = 50
LARGEST = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One result: enough to find it at the daemon again, to import it, and to repeat it with changes."""

    request_id: str
    job_id: str
    title: str
    engine: str
    parameters: Parameters
    source: PaintingSource
    painting_hash: str = ""
    created: float = 0.0
    state: str = "running"


@dataclass(frozen=True)
class History:
    """All entries, newest first, and when they were last changed (seconds since 1970)."""

    entries: tuple[Entry, ...] = field(default=())
    saved: float = 0.0

    def put(self, entry: Entry) -> History:
        """With an entry added, or the one of the same request replaced."""
        others = [item for item in self.entries if item.request_id != entry.request_id]
        listed = sorted([entry, *others], key=lambda item: item.created, reverse=True)
        return replace(self, entries=tuple(listed[:MOST]))

    def remove(self, request_id: str) -> History:
        """Without one entry."""
        return replace(self, entries=tuple(item for item in self.entries if item.request_id != request_id))

    def find(self, request_id: str) -> Entry | None:
        """An entry by its request."""
        return next((item for item in self.entries if item.request_id == request_id), None)


def state_words(state: str) -> str:
    """A job's state for a list."""
    known = {"finished": tr("finished"), "cancelled": tr("cancelled"), "failed": tr("failed")}
    return known.get(state, tr("running"))


def entry_of(job: Job) -> Entry:
    """What is kept of a job."""
    return Entry(
        request_id=job.request_id,
        job_id=job.job_id,
        title=job.title,
        engine=job.engine,
        parameters=job.parameters,
        source=job.source,
        painting_hash=job.painting_hash,
        created=job.created,
        state=job.state.value,
    )


def job_of(entry: Entry, document: str) -> Job:
    """The job that an entry stands for, to be filled by the daemon's events from the first on, once it is asked."""
    return Job(
        request_id=entry.request_id,
        document=document,
        title=entry.title,
        engine=entry.engine,
        parameters=entry.parameters,
        source=entry.source,
        painting_hash=entry.painting_hash,
        created=entry.created,
        job_id=entry.job_id,
        state=JobState.KEPT,
    )


def dump(history: History) -> bytes:
    """The annotation's bytes."""
    entries = [
        {
            "request": entry.request_id,
            "job": entry.job_id,
            "title": entry.title,
            "engine": entry.engine,
            "parameters": entry.parameters.as_json(),
            "source": entry.source.as_json(),
            "painting": entry.painting_hash,
            "created": entry.created,
            "state": entry.state,
        }
        for entry in history.entries
    ]
    return json.dumps({"version": VERSION, "saved": history.saved, "entries": entries}).encode()


def load(data: bytes) -> History:
    """Read an annotation; what is damaged, or written by a newer plugin in a way not known here, is left out."""
    if not data or len(data) > LARGEST:
        return History()
    try:
        tree = json.loads(data.decode())
        listed = tree["entries"]
        saved = float(tree.get("saved", 0.0))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return History()
    if not isinstance(listed, list):
        return History()
    found = [entry for entry in map(_entry, listed[:MOST]) if entry is not None]
    return History(tuple(sorted(found, key=lambda item: item.created, reverse=True)), saved)


def merge(document: History, kept: History) -> History:
    """What a document holds with what the plugin has kept for its file: the newer of both, and of the document what is
    older than all that was kept, which is the end of a longer list."""
    if kept.saved <= document.saved:
        return document
    oldest = min((entry.created for entry in kept.entries), default=0.0)
    older = tuple(entry for entry in document.entries if entry.created < oldest)
    return History((kept.entries + older)[:MOST], kept.saved)


def _entry(data: Any) -> Entry | None:
    try:
        source = source_from_json(data["source"])
        if source is None or not data["request"]:
            return None
        return Entry(
            request_id=str(data["request"]),
            job_id=str(data.get("job", "")),
            title=str(data.get("title", "")),
            engine=str(data.get("engine", "procedural")),
            parameters=from_json(data.get("parameters")),
            source=source,
            painting_hash=str(data.get("painting", "")),
            created=float(data.get("created", 0.0)),
            state=str(data.get("state", "running")),
        )
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        return None

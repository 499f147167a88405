"""Getting a model from the hub, and checking a model against what the hub reported.

Files are fetched here and not by the hub's own library, because that one starts an interrupted file from its beginning.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paints_undo_engine.checkpoints.catalogue import (
    EXACT_REVISION,
    PublishedModel,
    find,
    is_exact,
    missing_parts,
    wanted,
)
from paints_undo_engine.checkpoints.narrowing import is_wide, narrow
from paints_undo_engine.checkpoints.places import in_folder, is_offline, models_folder
from paints_undo_engine.checkpoints.record import (
    FileEntry,
    ModelRecord,
    missing_files,
    read_record,
    write_record,
)
from paints_undo_engine.checkpoints.transfer import PART_SUFFIX, fetch, fetch_head
from paints_undo_engine.descriptions import Package
from paints_undo_engine.errors import CheckpointError, DownloadError, EngineUnavailableError
from paints_undo_engine.installation import missing_packages

DEFAULT_ENDPOINT = "https://huggingface.co"
SPARE_BYTES = 256 * 2**20
"""Disk space that a download leaves free."""
PACKAGES = (Package("huggingface_hub", "huggingface-hub"), Package("filelock", "filelock"))
"""What a download needs of the extra `diffusion`."""


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a download or a check is: the running `file`, bytes of the whole model, and bytes per second so far.

    `note` is something to know of the whole download, from its first progress on.
    """

    file: str
    done_bytes: int
    total_bytes: int
    bytes_per_second: float
    note: str = ""


class Meter:
    """Counts the bytes of a run; `already` are those that were there when it began."""

    def __init__(self, total: int, already: int = 0) -> None:
        self._total, self._already, self._start = total, already, time.monotonic()

    def at(self, file: str, done: int) -> FileProgress:
        """The progress with `done` bytes of the whole."""
        seconds = max(1e-6, time.monotonic() - self._start)
        return FileProgress(file, done, self._total, max(0.0, (done - self._already) / seconds))


def download(
    model_id: str, models: Path | None = None, *, revision: str | None = None
) -> Generator[FileProgress, None, None]:
    """Download a model into the folder `models` (or the usual one), or go on with a broken download.

    The first download takes `revision` (40 hexadecimal digits), else the catalogue's, else the newest one, and records
    it with each file's digest; later runs stay with that record unless another `revision` is named. A complete model is
    left alone, without asking the hub. A model whose digest stands in the catalogue comes from its own address.
    Closing the generator stops; what has arrived is kept.
    Raises `DownloadError`, `CheckpointError` for an unknown model or a damaged record, and `EngineUnavailableError`
    where packages are missing.
    """
    model = find(model_id)
    if model.pinned is not None:
        yield from _small(model, model.pinned, in_folder(model, models or models_folder()), revision)
        return
    if revision is not None and not is_exact(revision):
        raise DownloadError(f"The revision {revision!r} {EXACT_REVISION}.", "refused")
    folder = in_folder(model, models or models_folder())
    record = read_record(folder)
    if record and revision in (None, record.revision) and not missing_files(folder, record):
        total = sum(entry.size for entry in record.files.values())
        yield Meter(total, total).at("", total)
        yield from _narrowed(model, folder, record)
        return
    if record is None and revision is None and folder.is_dir() and not missing_parts(model, folder):
        yield Meter(0).at("", 0)
        return
    if is_offline():
        raise DownloadError(f"{model.id} is not complete, and HF_HUB_OFFLINE forbids to download it.", "offline")
    missing = missing_packages(PACKAGES)
    if missing:
        raise EngineUnavailableError(
            f"Downloads of models need the packages {', '.join(each.distribution for each in missing)}. "
            "On the machine that downloads, 'paints-undo doctor' gives the command that installs them."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, model):
        asked = revision or (record.revision if record else model.revision or None)
        offered = _offered(model, asked)
        if asked is not None and offered.revision != asked:
            raise DownloadError(f"The hub answers with {offered.revision}, not with {asked}.", "digest")
        if record and record.revision == offered.revision and record.files != offered.files:
            raise DownloadError(
                f"The hub now offers other files for {model.repository} at {record.revision} than were recorded. "
                f"If that is right, delete {folder} and download it again.",
                "digest",
            )
        kept = _matching(folder, record, offered)
        wide = wide_bytes(model, offered)
        _check_disk(folder, offered, kept, wide // 2)
        _clear(folder, record, offered, kept)
        write_record(folder, offered)
        for progress in _fetch_all(model, folder, offered, kept):
            yield replace(progress, note=_wide_note(model, wide))
        yield from _narrowed(model, folder, offered)


def _small(model: PublishedModel, record: ModelRecord, folder: Path, revision: str | None) -> Iterator[FileProgress]:
    """Fetch what the source knows by its digest, unless it is here; needs no extra and no hub."""
    if revision is not None:
        raise DownloadError(f"Of {model.id} there is one revision.", "refused")
    kept = _matching(folder, None, record)
    here, total = (sum(record.files[name].size for name in names) for names in (kept, record.files))
    meter = Meter(total, here)
    if here < total and is_offline():
        raise DownloadError(f"{model.id} is not here, and HF_HUB_OFFLINE forbids to download it.", "offline")
    for pin in model.pins:
        if pin.name in kept:
            continue
        from paints_undo_engine.checkpoints.small import fetch_small  # the front starts without what it needs

        for done in fetch_small(model, pin, folder / pin.name):
            yield meter.at(pin.name, here + done)
        here += pin.size
    yield meter.at("", total)


def _offered(model: PublishedModel, revision: str | None) -> ModelRecord:
    """What the hub reports for a revision: the files that the model needs, with sizes and digests."""
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        info = HfApi(endpoint=_endpoint()).model_info(
            model.repository, revision=revision, files_metadata=True, timeout=30
        )
    except HfHubHTTPError as error:
        raise DownloadError(f"The hub does not give {model.repository} ({error}).", "refused") from error
    except (httpx2.HTTPError, OSError) as error:
        raise DownloadError(
            f"The hub at {_endpoint()} cannot be reached ({error}). Check the network and try again.", "unreachable"
        ) from error
    siblings = {sibling.rfilename: sibling for sibling in info.siblings or []}
    try:
        names = wanted(model, siblings)
    except CheckpointError as error:
        raise DownloadError(str(error), "refused") from error
    if not info.sha:
        raise DownloadError(f"The hub reports no revision for {model.repository}.", "refused")
    return ModelRecord(model.repository, info.sha, {name: _entry(name, siblings[name]) for name in names})


def wide_bytes(model: PublishedModel, offered: ModelRecord) -> int:
    """Bytes of a model's weights that the hub offers in 32 bits, told from the heads of its files; 0 if unknown."""
    return sum(
        offered.files[name].size
        for name in offered.files
        if name.endswith(".safetensors") and is_wide(_remote_head(model, offered.revision, name))
    )


def _remote_head(model: PublishedModel, revision: str, name: str) -> dict[str, Any]:
    """The head of a file on the hub; empty where it cannot be had, which the download itself will tell."""
    url, headers = _address(model, revision, name)
    return fetch_head(_session(), url, headers)


def _wide_note(model: PublishedModel, wide: int) -> str:
    if not wide:
        return ""
    return (
        f"{model.id} is published in 32-bit numbers: {wide / 1e9:.1f} GB are downloaded, and {wide / 2e9:.1f} GB in 16 "
        "bits are made of them once, for graphics cards."
    )


def _narrowed(model: PublishedModel, folder: Path, record: ModelRecord) -> Iterator[FileProgress]:
    meter = Meter(0)
    for name, done, total in narrow(model, folder, record):
        yield replace(meter.at(name, done), total_bytes=total)


def _entry(name: str, sibling: Any) -> FileEntry:
    if sibling.lfs is not None and sibling.lfs.sha256:
        return FileEntry(int(sibling.lfs.size), "sha256", str(sibling.lfs.sha256))
    if sibling.size is None or not sibling.blob_id:
        raise DownloadError(f"The hub reports no digest for {name}, so that it cannot be checked.", "refused")
    return FileEntry(int(sibling.size), "git-sha1", str(sibling.blob_id))


def _matching(folder: Path, record: ModelRecord | None, offered: ModelRecord) -> frozenset[str]:
    """Files that are there already and are the ones that are offered: as recorded, or by their digest."""
    recorded = record.files if record else {}
    present = set(offered.files) - set(missing_files(folder, offered))
    return frozenset(
        name
        for name in present
        if recorded.get(name) == offered.files[name]
        or _digest(folder / name, offered.files[name]) == offered.files[name].digest
    )


def _digest(path: Path, entry: FileEntry) -> str:
    digest = entry.hasher()
    for piece in _read(path):
        digest.update(piece)
    return str(digest.hexdigest())


def _clear(folder: Path, record: ModelRecord | None, offered: ModelRecord, kept: frozenset[str]) -> None:
    """Remove what belongs to another revision, so that a broken download leaves no mixture behind."""
    recorded = record.files if record else {}
    made = set(record.made) if record else set()
    for name in {*offered.files, *recorded, *made} - kept:
        (folder / name).unlink(missing_ok=True)
        if recorded.get(name) != offered.files.get(name):
            _part(folder / name).unlink(missing_ok=True)


def _check_disk(folder: Path, offered: ModelRecord, kept: frozenset[str], made: int) -> None:
    """Raise `DownloadError` unless what is still to come fits on the disk."""
    needed = sum(
        max(0, entry.size - _part_size(folder / name)) for name, entry in offered.files.items() if name not in kept
    )
    needed += made
    free = shutil.disk_usage(folder).free
    if needed + SPARE_BYTES > free:
        raise DownloadError(
            f"{needed / 1e9:.1f} GB are still to come, but the disk of {folder} has only {free / 1e9:.1f} GB left. "
            "Free some space and try again; what has arrived is kept.",
            "disk",
        )


def _part(path: Path) -> Path:
    return path.with_name(path.name + PART_SUFFIX)


def _part_size(path: Path) -> int:
    part = _part(path)
    return part.stat().st_size if part.is_file() else 0


def _fetch_all(
    model: PublishedModel, folder: Path, offered: ModelRecord, kept: frozenset[str]
) -> Iterator[FileProgress]:
    files = offered.files
    done = sum(files[name].size for name in kept)
    todo = [name for name in files if name not in kept]
    meter = Meter(sum(entry.size for entry in files.values()), done + sum(_part_size(folder / name) for name in todo))
    for name in todo:
        url, headers = _address(model, offered.revision, name)
        for there in fetch(_session(), url, headers, folder / name, files[name]):
            yield meter.at(name, done + there)
        done += files[name].size
    yield meter.at("", done)


def _address(model: PublishedModel, revision: str, name: str) -> tuple[str, dict[str, str]]:
    """Where a file is on the hub, and the headers to ask with."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    url = hf_hub_url(model.repository, name, revision=revision, endpoint=_endpoint())
    return url, {str(key): str(value) for key, value in build_hf_headers().items()}


def _session() -> Any:
    from huggingface_hub import get_session

    return get_session()


def _endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


@contextmanager
def _alone(folder: Path, model: PublishedModel) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise DownloadError(f"Another program is downloading {model.id} already.", "busy") from None
    try:
        yield
    finally:
        lock.release()


def check_files(folder: Path, files: dict[str, FileEntry]) -> Iterator[FileProgress]:
    """Read all files and compare sizes and digests; raises `CheckpointError` naming those that differ, at the end."""
    meter = Meter(sum(entry.size for entry in files.values()))
    done, damaged = 0, []
    for name, entry in files.items():
        digest = entry.hasher()
        try:
            for piece in _read(folder / name):
                digest.update(piece)
                done += len(piece)
                yield meter.at(name, done)
        except OSError as error:
            damaged.append(f"{name} ({error.strerror or error})")
            continue
        if digest.hexdigest() != entry.digest:
            damaged.append(name)
    if damaged:
        raise CheckpointError(f"{folder}: not as recorded: {', '.join(damaged)}. Delete them and download again.")


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(4 << 20)  # noqa: E731
        yield from iter(read, b"")

"""Every kind of file asked for its marks: as written, and after what people and programs do to files."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from export.sources import PROVENANCE, process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from paints_undo_engine import painting, png
from paints_undo_engine.errors import VerificationError
from paints_undo_engine.export import export, options_for
from paints_undo_engine.provenance.note import fingerprint
from paints_undo_engine.provenance.verifying import Mark, Verdict, verify

ENDINGS = ("mp4", "webm", "gif", "webp", "apng", "zip", "ora", "psd", "png", "html", "pdf", "sprites.zip")
SOURCE = process(width=80, height=60)
MARKED = replace(SOURCE, provenance=replace(PROVENANCE, painting=fingerprint(SOURCE.painting)))


def made(path: Path, **options) -> Path:
    for _ in export(MARKED, path, options_for(path, **options)):
        pass
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_as_it_was_written_holds(tmp_path, ending):
    found = verify(made(tmp_path / f"a.{ending}"))
    assert found.verdict is Verdict.HOLDS
    assert {(each.mark, each.holds) for each in found.findings} == {(Mark.NOTE, None), (Mark.SEAL, True)}
    assert found.provenance == MARKED.provenance
    assert found.painting == fingerprint(painting.decode(png.encode(SOURCE.painting.pixels)))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_without_marks_is_unmarked(tmp_path, ending):
    found = verify(made(tmp_path / f"a.{ending}", omit_metadata=True))
    assert (found.verdict, found.findings, found.painting) == (Verdict.UNMARKED, (), "")


@pytest.mark.parametrize("ending", ENDINGS)
def test_copying_and_renaming_change_nothing(tmp_path, ending):
    copy = Path(shutil.copy(made(tmp_path / f"a.{ending}"), tmp_path / "another.bin"))
    assert verify(copy).verdict is Verdict.HOLDS


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(ENDINGS), st.data())
def test_no_bit_can_be_changed(tmp_path, ending, data):
    path = tmp_path / f"a.{ending}"
    if not path.exists():
        made(path)
    changed = bytearray(path.read_bytes())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "changed").write_bytes(changed)
    assert verify(tmp_path / "changed").verdict is Verdict.CHANGED


@given(st.binary(max_size=300), st.sampled_from([b"", png.SIGNATURE, b"pu:Content='" + b"0" * 64]))
def test_whatever_comes_is_answered(tmp_path_factory, rest, start):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(start + rest)
    assert verify(path).verdict in (Verdict.UNMARKED, Verdict.CHANGED)


def _ffmpeg(*arguments: str) -> Callable[[Path, Path], object]:
    return lambda source, target: subprocess.run(
        ["ffmpeg", "-v", "error", "-i", source, *arguments, target], check=True, timeout=60
    )


def _saved_again(source: Path, target: Path) -> None:
    with Image.open(source) as image:
        image.save(target)


def _saved_with_texts(source: Path, target: Path) -> None:
    """As an editor that keeps texts: one pixel is another."""
    with Image.open(source) as image:
        texts = PngImagePlugin.PngInfo()
        for keyword in ("Comment", "XML:com.adobe.xmp"):
            texts.add_itxt(keyword, image.info[keyword])
        image.putpixel((3, 3), (255, 0, 0))
        image.save(target, pnginfo=texts)


def _packed_again(source: Path, target: Path) -> None:
    """One picture of the archive is another; the archive's comment is kept."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        new.comment = old.comment
        for name in old.namelist():
            blank = name.endswith("3.png")
            new.writestr(name, png.encode(np.zeros((60, 80, 3), np.uint8)) if blank else old.read(name))


def _of_another(source: Path, target: Path) -> None:
    """The note of this file on another film."""
    other = made(target.with_name(f"other.{source.suffix}"), omit_metadata=True, reverse=True).read_bytes()
    data = source.read_bytes()
    note = data[data.rindex(b"<?xpacket begin") - 24 :]
    target.write_bytes(other + note)


TAMPERING = [
    ("mp4", "encoded again", _ffmpeg("-c:v", "libx264", "-crf", "28"), Verdict.CHANGED),
    ("mp4", "put into a new container", _ffmpeg("-c", "copy"), Verdict.CHANGED),
    ("mp4", "cropped", _ffmpeg("-vf", "crop=60:40"), Verdict.CHANGED),
    ("mp4", "stripped", _ffmpeg("-map_metadata", "-1", "-c", "copy"), Verdict.UNMARKED),
    ("mp4", "the note of another", _of_another, Verdict.CHANGED),
    ("webm", "put into a new container", _ffmpeg("-c", "copy"), Verdict.CHANGED),
    ("webm", "stripped", _ffmpeg("-map_metadata", "-1", "-c", "copy"), Verdict.UNMARKED),
    ("gif", "saved again", _saved_again, Verdict.CHANGED),
    ("png", "saved again", _saved_again, Verdict.UNMARKED),
    ("png", "edited, texts kept", _saved_with_texts, Verdict.CHANGED),
    ("zip", "a picture exchanged", _packed_again, Verdict.CHANGED),
    ("ora", "a layer exchanged", _packed_again, Verdict.CHANGED),
]


CASES = [f"{ending}: {what}" for ending, what, *_ in TAMPERING]


@pytest.mark.parametrize(("ending", "what", "change", "verdict"), TAMPERING, ids=CASES)
def test_what_tampering_is_called(tmp_path, ending, what, change, verdict):
    target = tmp_path / f"changed.{ending}"
    change(made(tmp_path / f"a.{ending}"), target)
    assert verify(target).verdict is verdict


def test_a_folder_is_bound_by_its_timing_file(tmp_path):
    folder = made(tmp_path / "frames")
    assert verify(folder).verdict is Verdict.HOLDS
    assert verify(folder).painting == MARKED.provenance.painting
    first, second = folder / "0000.png", folder / "0001.png"
    assert verify(first).verdict is Verdict.HOLDS
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    assert verify(folder).verdict is Verdict.CHANGED
    assert "0000.png" in verify(folder).findings[-1].sentence
    first.write_bytes(held)
    (folder / "more.png").write_bytes(held)
    assert verify(folder).verdict is Verdict.CHANGED
    (folder / "more.png").unlink()
    assert verify(folder).verdict is Verdict.HOLDS
    (folder / "timing.json").write_text((folder / "timing.json").read_text(encoding="utf-8").replace("4711", "4712"))
    assert verify(folder).verdict is Verdict.CHANGED
    (folder / "timing.json").unlink()
    assert verify(folder).verdict is Verdict.UNMARKED


def test_a_sealed_png_is_a_sound_one(tmp_path):
    """Its checksums are right: a strict reader takes it, and an editor's crop is seen."""
    path = made(tmp_path / "a.png")
    with Image.open(path) as image:
        image.verify()
    strict = ["-xerror", "-err_detect", "explode"]
    subprocess.run(["ffmpeg", "-v", "error", *strict, "-i", path, "-f", "null", "-"], check=True)
    assert json.dumps(verify(path).as_dict())
    data = bytearray(path.read_bytes())
    end = b'<?xpacket end="w"?>'
    data[data.index(end) + len(end)] ^= 1
    path.write_bytes(data)
    assert verify(path).verdict is Verdict.CHANGED, "the checksum is not the one that its chunk has"


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(VerificationError, match="No such file"):
        verify(tmp_path / "none.mp4")
    (tmp_path / "empty").touch()
    assert verify(tmp_path / "empty").verdict is Verdict.UNMARKED

"""Signed exports, read by c2pa's own reader and asked by `verify`."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from export.full_disk import check_refused
from export.sources import PROVENANCE
from export.test_sound import tone
from export.test_verifying import ENDINGS, MARKED, TAMPERING
from PIL import Image, ImageSequence

from paints_undo_daemon import signing_key
from paints_undo_engine.export import Aspect, export, options_for
from paints_undo_engine.export.side_by_side import export_side_by_side
from paints_undo_engine.export.soundtrack import add_sound
from paints_undo_engine.provenance import signing
from paints_undo_engine.provenance.signing import SIDECAR, SigningKey
from paints_undo_engine.provenance.verifying import Mark, Verdict, verify

c2pa = pytest.importorskip("c2pa")

EMBEDDED = ("mp4", "gif", "webp", "apng", "png")
OFFLINE = {"verify": {"remote_manifest_fetch": False}}


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> SigningKey:
    return SigningKey(*signing_key.load_or_make(tmp_path_factory.mktemp("home")))


def made(path: Path, key: SigningKey, source=MARKED, **options) -> Path:
    for _ in export(source, path, options_for(path, **options), key):
        pass
    return path


def claim(path: Path) -> dict:
    """The report of c2pa's reader on a file, with its sidecar where there is one."""
    beside = path.with_name(path.name + SIDECAR)
    sidecar = beside.read_bytes() if beside.exists() else None
    kind = "application/octet-stream" if sidecar else None
    with path.open("rb") as file, c2pa.Reader(kind, file, sidecar, c2pa.Context.from_dict(OFFLINE)) as reader:
        return json.loads(reader.json())


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_claim_is_read_by_another_reader(tmp_path, key, ending):
    path = made(tmp_path / f"a.{ending}", key)
    assert (path.with_name(path.name + SIDECAR)).exists() == (ending not in EMBEDDED)
    found = claim(path)
    assert found["validation_state"] == "Valid"
    assert [each["code"] for each in found["validation_status"]] == ["signingCredential.untrusted"]
    manifest = found["manifests"][found["active_manifest"]]
    assert manifest["title"] == path.name
    assert manifest["claim_generator_info"][0]["name"] == "Paints-Undo"
    assertions = {each["label"]: each["data"] for each in manifest["assertions"]}
    (action,) = assertions["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("/algorithmicMedia")
    assert (action["parameters"]["seed"], action["softwareAgent"]["version"]) == (4711, "9.8.7")
    assert assertions[signing.ASSERTION]["painting"] == MARKED.provenance.painting
    (painting,) = manifest["ingredients"]
    assert painting["relationship"] == "inputTo"
    assert painting["instance_id"] == f"urn:sha256:{MARKED.provenance.painting}"
    assert "thumbnail" not in manifest
    assert "thumbnail" not in painting


@pytest.mark.parametrize("ending", ENDINGS)
def test_verify_believes_the_signature(tmp_path, key, ending):
    found = verify(made(tmp_path / f"a.{ending}", key))
    assert found.verdict is Verdict.HOLDS
    assert found.painting == MARKED.provenance.painting
    marks = [each.mark for each in found.findings if each.holds]
    assert marks == ([Mark.SIGNATURE] if ending in EMBEDDED else [Mark.SEAL, Mark.SIGNATURE])


def test_a_trained_engine_is_named_as_one(tmp_path, key):
    source = replace(MARKED, provenance=replace(PROVENANCE, engine="diffusion"))
    found = claim(made(tmp_path / "a.mp4", key, source))
    assertions = found["manifests"][found["active_manifest"]]["assertions"]
    (actions,) = (each["data"]["actions"] for each in assertions if each["label"].startswith("c2pa.actions"))
    source_type = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert [action["digitalSourceType"] for action in actions] == [source_type]


@pytest.mark.parametrize("ending", EMBEDDED)
def test_a_signed_file_plays_as_before(tmp_path, key, ending):
    plain, signed = made(tmp_path / f"a.{ending}", key, omit_provenance=True), made(tmp_path / f"b.{ending}", key)
    assert verify(plain).findings[-1].mark is Mark.SEAL
    if ending == "mp4":
        command = ["ffmpeg", "-v", "error", "-i"]
        films = [subprocess.check_output([*command, path, "-f", "md5", "-"]) for path in (plain, signed)]
        assert films[0] == films[1]
        return
    with Image.open(plain) as one, Image.open(signed) as other:
        frames = [[frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(each)] for each in (one, other)]
    assert frames[0] == frames[1]


@pytest.mark.parametrize("ending", ENDINGS)
def test_changed_bytes_break_the_signature(tmp_path, key, ending):
    path = made(tmp_path / f"a.{ending}", key)
    data = bytearray(path.read_bytes())
    data[data.index(b"is not a recording")] ^= 0x20
    path.write_bytes(data)
    assert verify(path).verdict is Verdict.CHANGED


CASES = [case for case in TAMPERING if case[1] not in ("the note of another", "edited, texts kept")]


@pytest.mark.parametrize(("ending", "what", "change", "verdict"), CASES, ids=[f"{a}: {b}" for a, b, *_ in CASES])
def test_tampering_is_called_the_same_with_a_signature(tmp_path, key, ending, what, change, verdict):
    target = tmp_path / f"changed.{ending}"
    change(made(tmp_path / f"a.{ending}", key), target)
    assert verify(target).verdict is verdict


def test_a_signature_that_was_taken_away_is_missed(tmp_path, key):
    """The note says that there is one."""
    signed = made(tmp_path / "a.png", key).read_bytes()
    start = signed.index(b"caBX") - 4
    end = start + 12 + int.from_bytes(signed[start : start + 4], "big")
    (tmp_path / "b.png").write_bytes(signed[:start] + signed[end:])
    assert verify(tmp_path / "b.png").verdict is Verdict.CHANGED


def test_a_sidecar_of_another_file_does_not_hold(tmp_path, key):
    one, other = made(tmp_path / "a.ora", key), made(tmp_path / "b.ora", key, aspect=Aspect.SQUARE)
    one.with_name("a.ora.c2pa").replace(other.with_name("b.ora.c2pa"))
    assert verify(other).verdict is Verdict.CHANGED
    assert verify(one).verdict is Verdict.HOLDS, "the seal still does"


def test_a_folder_is_signed_by_its_timing_file(tmp_path, key):
    folder = made(tmp_path / "frames", key)
    assert [each.mark for each in verify(folder).findings if each.holds] == [Mark.SEAL, Mark.SIGNATURE]
    (folder / "0003.png").write_bytes((folder / "0002.png").read_bytes())
    assert verify(folder).verdict is Verdict.CHANGED


def test_an_unsigned_file_takes_an_old_sidecar_away(tmp_path, key):
    path = made(tmp_path / "a.psd", key)
    made(path, key, omit_metadata=True)
    assert not path.with_name("a.psd.c2pa").exists()
    assert verify(path).verdict is Verdict.UNMARKED


def test_the_key_is_made_once_and_is_its_owner_s(tmp_path):
    first = signing_key.load_or_make(tmp_path)
    assert signing_key.load_or_make(tmp_path) == first
    assert signing_key.load_or_make(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "signing" / "key.pem").stat().st_mode) == 0o600
    assert repr(first[1].decode()) not in repr(SigningKey(*first))


def test_without_the_extra_a_signed_file_is_not_called_good(tmp_path, key, monkeypatch):
    path = made(tmp_path / "a.mp4", key)
    monkeypatch.setattr(signing, "is_available", lambda: False)
    found = verify(path)
    assert found.verdict is Verdict.UNCHECKED
    assert "paints-undo[provenance]" in found.findings[-1].sentence


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a.zip"])
def test_processes_side_by_side_are_signed_as_one(tmp_path, key, name):
    path = tmp_path / name
    for _ in export_side_by_side([MARKED, MARKED], path, options_for(path), key):
        pass
    assert verify(path).verdict is Verdict.HOLDS
    assert claim(path)["validation_state"] == "Valid"


def test_a_link_where_the_claim_goes_is_replaced_and_not_followed_when_a_film_gets_its_sound(tmp_path, key):
    path, claim = made(tmp_path / "a.webm", key), tmp_path / "claim"
    beside = path.with_name(path.name + SIDECAR)
    beside.rename(claim)
    beside.symlink_to(claim)
    before = claim.read_bytes()
    add_sound(path, tone(tmp_path / "tone.wav", 1), key)
    assert claim.read_bytes() == before
    assert not beside.is_symlink()
    assert verify(path).verdict is Verdict.HOLDS


def test_a_disk_that_is_full_when_a_file_is_signed_is_a_sentence(tmp_path, key):
    """There is less room than the file takes with its claim."""
    path = made(tmp_path / "a.mp4", key)
    before = path.read_bytes()
    (tmp_path / "key").write_bytes(key.key)
    (tmp_path / "certificates").write_bytes(key.certificates)
    prepare = f"""
from export.test_verifying import MARKED
from paints_undo_engine.export import export, options_for
from paints_undo_engine.provenance.signing import SigningKey
folder = Path({str(tmp_path)!r})
key = SigningKey((folder / "certificates").read_bytes(), (folder / "key").read_bytes())
"""
    work = 'list(export(MARKED, folder / "a.mp4", options_for(folder / "a.mp4"), key))'
    check_refused(len(before) - 1000, prepare, work)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mp4", "certificates", "key"]

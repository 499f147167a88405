"""Every export opened again by a reader that is not ours."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
from export.readers import decoded, expected, made, opened, probed
from export.sources import PROVENANCE, process
from PIL import Image

from paints_undo_engine.export import Aspect, Pace
from paints_undo_engine.export.encoding.encoders import Encoder

NAMES = [
    "a.mp4",
    "a.webm",
    "a.gif",
    "a.webp",
    "a.apng",
    "a.zip",
    "a.ora",
    "a.psd",
    "a.png",
    "a.html",
    "a.pdf",
    "a.sprites.zip",
]


@pytest.mark.parametrize(
    ("name", "codec", "gpl", "lacking"),
    [
        ("a.mp4", "h264", "", ""),
        ("a.mp4", "vp9", "", "libx264"),
        ("a.mp4", "vp9", "false", ""),
        ("a.webm", "vp9", "", ""),
    ],
)
def test_videos(tmp_path, monkeypatch, name, codec, gpl, lacking):
    monkeypatch.setattr(Encoder, "is_here", property(lambda encoder: encoder.name != lacking))
    monkeypatch.setenv("PAINTS_UNDO_GPL_ENCODERS", gpl)
    source = process(width=63, height=47)
    path = made(tmp_path / name, source, frames_per_second=10, hold_last_seconds=1, omit_end_card=True)
    stream, container = probed(path)

    assert (stream["codec_name"], stream["pix_fmt"]) == (codec, "yuv420p")
    assert (stream["width"], stream["height"]) == (62, 46)
    assert int(stream["nb_read_frames"]) == 20
    assert stream["avg_frame_rate"] == "10/1"
    assert float(container["duration"]) == pytest.approx(2.0, abs=0.02)
    tags = {key.lower(): value for key, value in container["tags"].items()}
    assert tags["comment"] == PROVENANCE.sentence
    shown = decoded(path, 62, 46)
    for number in (0, 5, 9, 19):
        original = source.frames[min(number, 9)].read().pixels[:46, :62]
        assert np.abs(shown[number].astype(int) - original).mean() < 6


def test_mp4_starts_fast(tmp_path):
    data = made(tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_target_length_sets_a_rate_in_which_each_frame_is_shown_as_often(tmp_path):
    stream, container = probed(made(tmp_path / "a.mp4", duration_seconds=4, hold_last_seconds=0, omit_end_card=True))
    assert stream["avg_frame_rate"] == "25/1"
    assert int(stream["nb_read_frames"]) == 100
    assert float(container["duration"]) == pytest.approx(4, abs=0.02)


@pytest.mark.parametrize("pace", list(Pace))
def test_a_pace_keeps_the_length(tmp_path, pace):
    source = process(40)
    given = {"pace": pace, "duration_seconds": 3, "hold_last_seconds": 1}
    stream, container = probed(made(tmp_path / "a.mp4", source, **given))
    assert float(container["duration"]) == pytest.approx(3, abs=0.1)
    _, durations, _ = opened(made(tmp_path / "a.webp", source, **given))
    assert sum(durations) == pytest.approx(3000, abs=5)
    if pace is Pace.EASED:
        assert stream["avg_frame_rate"] == "30/1"
        assert durations[0] > 3 * durations[20]


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("name", ["a.webp", "a.apng"])
def test_lossless_animations(tmp_path, name, channels):
    source = process(channels=channels)
    frames, durations, info = opened(made(tmp_path / name, source, frames_per_second=8, hold_last_seconds=1))

    assert len(frames) == 10
    assert durations == [125] * 9 + [1125]
    assert info["loop"] == 0
    for number, frame in enumerate(frames):
        assert np.array_equal(frame, expected(source, number))
    assert PROVENANCE.sentence in info["xmp"].decode()
    if name == "a.apng":
        assert info["Comment"] == PROVENANCE.sentence
        stream, _ = probed(tmp_path / name)
        assert int(stream["nb_read_frames"]) == 10


def test_gif(tmp_path):
    source = process()
    frames, durations, info = opened(made(tmp_path / "a.gif", source, frames_per_second=10, hold_last_seconds=1))

    assert len(frames) == 10
    assert durations == [100] * 9 + [1100]
    assert info["loop"] == 0
    assert info["comment"].decode() == PROVENANCE.sentence
    for number, frame in enumerate(frames):
        assert np.abs(frame.astype(int) - expected(source, number)).max() <= 8


def test_a_fast_gif_keeps_its_length_by_leaving_frames_out(tmp_path):
    frames, durations, _ = opened(made(tmp_path / "a.gif", process(100), frames_per_second=120, hold_last_seconds=0))
    assert len(frames) == 41
    assert min(durations) >= 20
    assert sum(durations) == pytest.approx(833, abs=10)


@pytest.mark.parametrize("name", ["frames", "a.zip"])
def test_png_sequences(tmp_path, name):
    source = process(channels=4)
    path = made(tmp_path / name, source, result_first_seconds=1)
    if path.is_dir():
        files = {file.name: file.read_bytes() for file in path.iterdir()}
    else:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            files = {file: archive.read(file) for file in archive.namelist()}
    timing = json.loads(files["timing.json"])

    assert sorted(files) == [f"{number:04d}.png" for number in range(11)] + ["timing.json"]
    assert [entry["frame"] for entry in timing["files"]] == [9, *range(10)]
    assert timing["seconds"] == pytest.approx(1 + 10 / 12 + 2)
    assert sum(entry["seconds"] for entry in timing["files"]) == pytest.approx(timing["seconds"])
    assert timing["provenance"]["seed"] == 4711
    for entry in timing["files"]:
        with Image.open(io.BytesIO(files[entry["file"]])) as image:
            assert np.array_equal(np.asarray(image), expected(source, entry["frame"]))
            assert image.info["Comment"] == PROVENANCE.sentence


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_videos_carry_xmp(tmp_path, name):
    path = made(tmp_path / name)
    command = ["exiftool", "-j", "-XMP:all", "-Matroska:all", str(path)]
    if path.suffix == ".mp4" and shutil.which("exiftool"):
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]
        assert "algorithmicMedia" in found["DigitalSourceType"]
    tags = {key.lower(): value for key, value in probed(path)[1]["tags"].items()}
    data = path.read_bytes()
    packet = data[data.index(b"<?xpacket begin") : data.index(b'<?xpacket end="w"?>')]
    assert b"digitalsourcetype/algorithmicMedia" in packet
    if path.suffix == ".webm":
        assert tags["xmp"].encode().startswith(packet)
    subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_metadata_can_be_left_out(tmp_path, name):
    data = made(tmp_path / name, omit_metadata=True).read_bytes()
    assert b"4711" not in data
    assert b"generated" not in data


@pytest.mark.parametrize("name", NAMES)
def test_a_single_pixel_is_exported_in_every_format(tmp_path, name):
    path = made(tmp_path / name, process(2, width=1, height=1))
    assert path.stat().st_size > 0
    if path.suffix in (".mp4", ".webm"):
        assert (probed(path)[0]["width"], probed(path)[0]["height"]) == (2, 2)


def test_crop_and_scale_reach_the_file(tmp_path):
    stream, _ = probed(made(tmp_path / "a.mp4", aspect=Aspect.TALL, max_side=128))
    assert (stream["width"], stream["height"]) == (72, 128)


def test_a_process_without_frames_shows_its_keyframes(tmp_path):
    source = process()
    stopped = type(source)(source.painting, source.provenance, (), source.keyframes)
    frames, _, _ = opened(made(tmp_path / "a.webp", stopped))
    assert len(frames) == 4
    assert frames[0].shape == (48, 64, 4)

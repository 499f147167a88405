"""Every export opened again by a reader that is not ours."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import numpy as np
import pytest
from export.sources import PROVENANCE, process
from PIL import Image, ImageFont
from psd_tools import PSDImage
from psd_tools.api.layers import Group
from pypdf import PdfReader
from pypdf.generic import StreamObject

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import Aspect, ExportOptions, LayerContent, Pace, export, options_for
from paints_undo_engine.export.budget import BUDGETS, check
from paints_undo_engine.export.encoding.encoders import Encoder
from paints_undo_engine.export.estimate import EncodedFrame, estimate
from paints_undo_engine.export.options import ExportFormat

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


def made(path: Path, source=None, **options) -> Path:
    source = source or process()
    steps = list(export(source, path, options_for(path, **options)))
    assert [step for step, _ in steps] == list(range(1, steps[0][1] + 1))
    assert not list(path.parent.glob(".*"))
    return path


def probed(path: Path) -> tuple[dict, dict]:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found["streams"][0], found["format"]


def decoded(path: Path, width: int, height: int) -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def opened(path: Path) -> tuple[list[np.ndarray], list[float], dict]:
    frames, durations = [], []
    with Image.open(path) as image:
        info = dict(image.info)
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
            durations.append(image.info["duration"])
        info |= image.info
    return frames, durations, info


def expected(source, number: int) -> np.ndarray:
    pixels = source.frames[number].read().pixels
    return pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


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


def flattened(archive: zipfile.ZipFile, size: tuple[int, int]) -> Image.Image:
    page = Image.new("RGBA", size)
    for layer in reversed(ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")):
        if layer.get("visibility") == "visible":
            with Image.open(io.BytesIO(archive.read(layer.attrib["src"]))) as image:
                page.alpha_composite(image.convert("RGBA"), (int(layer.attrib["x"]), int(layer.attrib["y"])))
    return page


@pytest.mark.parametrize("content", [LayerContent.KEYFRAMES, LayerContent.FRAMES, LayerContent.SPLIT])
def test_ora(tmp_path, content):
    source = process()
    path = made(tmp_path / "a.ora", source, layer_content=content)
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")
        merged = np.asarray(Image.open(io.BytesIO(archive.read("mergedimage.png"))))
        assert Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size == (64, 48)
        assert PROVENANCE.sentence in archive.read("stack.xml").decode()
        assert json.loads(archive.read("provenance.json"))["engine"] == "procedural"
        flat = np.asarray(flattened(archive, (64, 48)))

    assert len(layers) == {"keyframes": 4, "frames": 10, "split": 3}[content]
    assert np.array_equal(merged, source.painting.pixels)
    assert np.array_equal(flat, expected(source, 9))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("content", [LayerContent.KEYFRAMES, LayerContent.FRAMES, LayerContent.SPLIT])
def test_psd(tmp_path, content, channels):
    source = process(channels=channels)
    path = made(tmp_path / "a.psd", source, layer_content=content)
    document = PSDImage.open(path)
    layers = list(document)

    assert document.size == (64, 48)
    assert len(layers) == {"keyframes": 4, "frames": 10, "split": 3}[content]
    assert [layer.visible for layer in layers][-1]
    if content is LayerContent.FRAMES:
        for number, layer in enumerate(layers):
            page = Image.new("RGBA", document.size)
            picture = layer.topil()
            assert picture is not None
            page.paste(picture.convert("RGBA"), layer.offset)
            visible = expected(source, number)
            assert np.array_equal(np.asarray(page)[..., 3], visible[..., 3])
            assert np.array_equal(np.asarray(page)[visible[..., 3] > 0], visible[visible[..., 3] > 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        merged = np.asarray(document.topil())
    painted = expected(source, 9)[..., 3] > 0
    assert np.array_equal(merged[painted], source.painting.pixels[painted])
    assert PROVENANCE.sentence.encode() in path.read_bytes()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("split", [True, False])
def test_stages_lie_hidden_above_the_layers_of_the_painting(tmp_path, split, channels):
    source = process(channels=channels)
    source = source if split else replace(source, layers=())
    document = PSDImage.open(made(tmp_path / "a.psd", source, layer_content=LayerContent.STAGES))
    assert [(group.name, group.visible) for group in document] == [
        ("painting", True), ("1 · ink", False), ("2 · flats", False),
    ]  # fmt: skip
    painting, *stages = (cast(Group, each) for each in document)
    assert [layer.name for layer in painting] == (["sketch", "lower", "upper"] if split else ["painting"])
    assert [len(list(stage)) for stage in stages] == [3, 3]
    assert all(layer.visible for stage in stages for layer in stage)
    shown = np.asarray(document.composite(force=True).convert("RGBA"))
    wanted = expected(source, 9)
    assert np.array_equal(shown[wanted[..., 3] > 0], wanted[wanted[..., 3] > 0])

    with zipfile.ZipFile(made(tmp_path / "a.ora", source, layer_content=LayerContent.STAGES)) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml")).find("stack")
    assert stack is not None
    assert [(each.get("name"), each.get("visibility")) for each in stack] == [
        ("2 · flats", "hidden"), ("1 · ink", "hidden"), ("painting", "visible"),
    ]  # fmt: skip


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_what_is_above_the_budget_is_refused_with_the_size_that_fits(export_format):
    with pytest.raises(ExportError, match=r"longer side of (\d+) pixels") as caught:
        check(export_format, 40_000, 30_000, 16)
    fits = int(str(caught.value).split("longer side of ")[1].split()[0])
    check(export_format, fits, fits * 3 // 4, 16)
    with pytest.raises(ExportError):
        check(export_format, fits + 2, (fits + 2) * 3 // 4, 16)


@pytest.mark.parametrize("export_format", list(ExportFormat))
def test_what_is_above_the_budget_is_refused_before_a_picture_is_read(tmp_path, export_format):
    def read():
        raise AssertionError("A picture was read.")

    source = process(200)
    unread = replace(source, frames=[replace(still, read=read) for still in source.frames])
    options = ExportOptions(format=export_format, layer_content=LayerContent.FRAMES, max_side=16_384)
    with pytest.raises(ExportError, match="would fit"):
        next(export(unread, tmp_path / f"a{export_format.suffix}", options))
    assert not list(tmp_path.iterdir())
    frames = [EncodedFrame(64, 48, 3000)] * 200
    with pytest.raises(ExportError, match="would fit"):
        estimate(64, 48, frames, options)


def test_pictures_held_long_count_in_a_video(tmp_path):
    options = ExportOptions(format=ExportFormat.MP4, max_side=7000, frames_per_second=60, hold_last_seconds=60)
    with pytest.raises(ExportError, match="fewer frames"):
        next(export(process(10), tmp_path / "a.mp4", options))
    assert set(BUDGETS) == set(ExportFormat)


def test_a_printed_sheet_is_read_by_others(tmp_path):
    """One page no longer than A4, the very pixels of the sheet, and the XMP."""
    source = process(106, width=200, height=160)
    document = PdfReader(made(tmp_path / "a.pdf", source, max_side=320), strict=True)
    (page,) = document.pages
    assert max(page.mediabox[2:]) == pytest.approx(842, abs=0.1)
    assert document.metadata is not None
    assert document.metadata.title == PROVENANCE.sentence
    assert PROVENANCE.sentence in cast(StreamObject, document.root_object["/Metadata"]).get_data().decode()
    sheet = np.asarray(Image.open(made(tmp_path / "a.png", source, max_side=320)))
    image = page.images[0].image
    assert image is not None
    assert np.array_equal(np.asarray(image.convert("RGB")), sheet)


def test_contact_sheet(tmp_path):
    source = process(106, width=200, height=160)
    with Image.open(made(tmp_path / "a.png", source)) as sheet:
        assert sheet.info["Comment"] == PROVENANCE.sentence
        assert sheet.size == (4 * 336 + 16, 4 * (256 + 42) + 16 + 26)
        tile = sheet.crop((16 + 3 * 336, 16 + 3 * 298, 16 + 3 * 336 + 320, 16 + 3 * 298 + 256))
    wanted = Image.fromarray(source.painting.pixels).resize((320, 256), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(tile, int) - np.asarray(wanted)).mean() < 3


@pytest.mark.parametrize("channels", [3, 4])
def test_the_cells_of_a_sprite_sheet_are_the_states(tmp_path, channels):
    """Cut out where the description says, in its order, there and back again; each state lies in the sheet once."""
    source = process(12, 60, 44, channels)
    with zipfile.ZipFile(made(tmp_path / "a.sprites.zip", source, ping_pong=True, hold_last_seconds=1)) as archive:
        assert archive.namelist() == ["sprites.png", "sprites.json"]
        sheet = Image.open(io.BytesIO(archive.read("sprites.png"))).convert("RGBA")
        told = json.loads(archive.read("sprites.json"))
    assert told["meta"]["size"] == {"w": sheet.width, "h": sheet.height} == {"w": 180, "h": 176}
    assert len({(cell["frame"]["x"], cell["frame"]["y"]) for cell in told["frames"]}) == 12
    order = [*range(12), *range(10, -1, -1)]
    assert [cell["duration"] for cell in told["frames"]] == [1083 if number == 11 else 83 for number in order]
    for cell, number in zip(told["frames"], order, strict=True):
        x, y, w, h = (cell["frame"][name] for name in "xywh")
        assert np.array_equal(np.asarray(sheet.crop((x, y, x + w, y + h))), expected(source, number))


@pytest.mark.parametrize("size", [(20, 300), (200, 160), (600, 90)])
def test_the_note_on_a_contact_sheet_is_whole_in_every_shape(tmp_path, size):
    """Its last words are there: a longer note takes more lines instead of losing its end."""
    for frames, name in ((2, "narrow"), (20, "broad")):
        source = process(frames, *size)
        with Image.open(made(tmp_path / f"{name}.png", source)) as sheet:
            paper = np.asarray(sheet.convert("L"), int)
        with Image.open(made(tmp_path / f"{name} bare.png", source, omit_metadata=True)) as bare:
            foot = paper[bare.height :]
        font = ImageFont.load_default(14)
        lines = len(foot) // 26
        assert len(foot) == lines * 26
        assert (foot[:, -16:] > 200).all()
        inked = np.flatnonzero((foot < 150).any(axis=0))
        assert inked.size
        assert font.getlength(PROVENANCE.sentence) <= lines * (paper.shape[1] - 32)


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

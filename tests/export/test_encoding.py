"""Encoding by the machine's video hardware, with other encoders in its place: what works, and what goes wrong."""

from __future__ import annotations

import io
import sys
from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest
from export.readers import decoded, made, probed
from export.sources import process
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.export import export, options_for
from paints_undo_engine.export.encoding import hardware, messages
from paints_undo_engine.export.encoding.encoders import HARDWARE_VARIABLE, Encoder
from paints_undo_engine.export.encoding.hardware import Hardware
from paints_undo_engine.export.encoding.messages import Order
from paints_undo_engine.export.encoding.showing_again import shown_again

WORKS = Encoder("libx264", {"profile": "baseline", "qp": "15", "tune": "zerolatency"})
HARDWARE, SOFTWARE = "Constrained Baseline", "High"
"""The profiles of H.264 that tell who has encoded."""
CANNOT_OPEN = Encoder("h264_v4l2m2m", {"b": "there is none"})
SERVICE = """
import os, sys, time
from paints_undo_engine.export.encoding import service
from paints_undo_engine.export.encoding.encoders import Encoder

seen, before = 0, service._pictures

def pictures(incoming):
    global seen
    for ticks, planes in before(incoming):
        seen += 1
        if seen > 16:
            {then}
        yield ticks, planes

service._pictures = pictures
service.serve(sys.stdin.buffer, sys.stdout.buffer, [{candidates}])
"""
FAULTS = {
    "crashes": "os._exit(1)",
    "hangs": "time.sleep(600)",
    "fails": "raise ValueError('no more memory')",
    "writes rubbish": "planes = bytes(len(planes))",
    "loses pictures": "continue",
    "talks nonsense": "sys.stdout.buffer.write(b'nonsense' * 9000); sys.stdout.buffer.flush()",
}


@pytest.fixture
def replaced(monkeypatch):
    """Put encoders and a service into the place of this machine's."""
    made_here: list[Hardware] = []

    def replace(*candidates: Encoder, then: str = "pass") -> Hardware:
        listed = ", ".join(repr(each) for each in candidates)
        here = Hardware((sys.executable, "-c", SERVICE.format(then=then, candidates=listed)), candidates)
        monkeypatch.setattr(hardware, "_shared", [here])
        monkeypatch.setenv(HARDWARE_VARIABLE, "true")
        made_here.append(here)
        return here

    yield replace
    for each in made_here:
        each.give_up()


def profile_of(path) -> str:
    stream, _ = probed(path)
    assert int(stream["nb_read_frames"]) == 20
    assert stream["avg_frame_rate"] == "10/1"
    shown, source = decoded(path, 64, 48), process()
    for number in (0, 5, 9, 19):
        original = source.frames[min(number, 9)].read().pixels
        assert np.abs(shown[number].astype(int) - original).mean() < 6
    return str(stream["profile"])


def film(folder, name="a.mp4", **options):
    given = {"frames_per_second": 10, "hold_last_seconds": 1, "omit_end_card": True} | options
    return made(folder / name, process(), **given)


def test_the_first_encoder_that_works_makes_one_film_after_the_other(tmp_path, replaced):
    replaced(CANNOT_OPEN, WORKS)
    assert profile_of(film(tmp_path)) == HARDWARE
    assert profile_of(film(tmp_path, "b.mp4")) == HARDWARE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_film_that_goes_wrong_is_made_in_software(tmp_path, replaced, monkeypatch, fault):
    monkeypatch.setattr(hardware, "_PATIENCE", 3.0)
    here = replaced(WORKS, then=FAULTS[fault])
    steps = list(hardware_film(tmp_path / "a.mp4"))
    assert steps[-1][0] == steps[-1][1]
    assert profile_of(tmp_path / "a.mp4") == SOFTWARE
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    with here.lent() as encoder:
        assert encoder is None


def test_hardware_that_has_failed_is_tried_again_later(tmp_path, replaced, monkeypatch):
    here = replaced(WORKS)
    here.give_up()
    assert profile_of(film(tmp_path)) == SOFTWARE
    monkeypatch.setattr(hardware, "_AGAIN", 0.0)
    assert profile_of(film(tmp_path, "b.mp4")) == HARDWARE


def hardware_film(path):
    options = options_for(path, frames_per_second=10, hold_last_seconds=1, omit_end_card=True)
    return export(process(), path, options)


def test_a_cancelled_film_leaves_the_hardware_ready(tmp_path, replaced):
    replaced(WORKS)
    steps = hardware_film(tmp_path / "a.mp4")
    next(steps)
    steps.close()
    assert not list(tmp_path.iterdir())
    assert profile_of(film(tmp_path)) == HARDWARE


def test_what_nobody_allowed_is_not_used(tmp_path, replaced, monkeypatch):
    replaced(WORKS)
    monkeypatch.delenv(HARDWARE_VARIABLE)
    assert profile_of(film(tmp_path)) == SOFTWARE


def test_where_no_process_may_be_started_software_encodes(tmp_path, replaced, monkeypatch):
    replaced(WORKS)
    monkeypatch.setattr(hardware, "_shared", [Hardware((str(tmp_path / "none"),), [WORKS])])
    assert profile_of(film(tmp_path)) == SOFTWARE


def test_a_picture_that_stays_is_encoded_once_in_vp9(tmp_path):
    path = film(tmp_path, "a.webm", frames_per_second=0, duration_seconds=8, pace="eased", max_side=480)
    with av.open(str(path)) as opened:
        packets = [packet for packet in opened.demux(video=0) if packet.size]
    times = [packet.pts for packet in packets if packet.pts is not None]
    assert all(later - earlier in (33, 34) for earlier, later in pairwise(times))
    assert sum(packet.size > 1 for packet in packets) == 10
    shown = {decoder: decoded_by(decoder, path) for decoder in ("vp9", "libvpx-vp9")}
    assert len(shown["vp9"]) == len(packets) == 240
    assert all(np.array_equal(*pair) for pair in zip(*shown.values(), strict=True))
    for earlier, later, packet in zip(shown["vp9"], shown["vp9"][1:], packets[1:], strict=False):
        assert packet.size > 1 or np.array_equal(earlier, later)


def test_players_can_jump_in_a_film_of_pictures_that_stay(tmp_path):
    path = film(tmp_path, "a.webm", frames_per_second=0, duration_seconds=50, max_side=96)
    with av.open(str(path)) as opened:
        packets = [packet for packet in opened.demux(video=0) if packet.size]
    keys = [float((packet.pts or 0) * packet.time_base) for packet in packets if packet.is_keyframe]
    assert len(keys) > 1, keys
    assert all(later - earlier < 30 for earlier, later in pairwise([*keys, 50.0])), keys


def decoded_by(decoder, path):
    with av.open(str(path)) as film:
        context = av.CodecContext.create(decoder, "r")
        packets = [packet for packet in film.demux(video=0) if packet.size]
        frames = [frame for packet in [*packets, None] for frame in context.decode(packet)]
    return [frame.to_ndarray() for frame in frames]


@given(st.binary(max_size=4))
def test_only_a_picture_that_is_kept_can_be_shown_again(data):
    again = shown_again(data)
    assert again is None or (len(again) == 1 and again[0] >> 3 == 0b10001)


@given(st.binary(max_size=40))
def test_no_message_harms_the_service(data):
    with pytest.raises(ValueError, match=r"\w"):
        Order.unpacked(data)
    stream = io.BytesIO(data)
    try:
        while messages.read(stream) is not None:
            pass
    except ValueError:
        assert stream.tell() >= min(len(data), messages.LENGTH.size)


def test_an_order_is_read_again_and_checked():
    order = Order("h264_nvenc", 1080, 1920, 30)
    assert Order.unpacked(order.packed()) == order
    right: dict[str, Any] = {"encoder": "a", "width": 2, "height": 2, "ticks": 30}
    for wrong in ({"width": 3}, {"width": 10**6, "height": 10**6}, {"ticks": 0}, {"height": 2.5}):
        with pytest.raises(ValueError, match="film"):
            Order(**(right | wrong))

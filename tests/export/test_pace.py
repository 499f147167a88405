"""A pace that is drawn as a curve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export import ExportOptions, Pace
from paints_undo_engine.export.pace import by_curve, parse_curve
from paints_undo_engine.export.timeline import timeline

SHARES = st.lists(st.integers(1, 99), unique=True, max_size=10)


@given(SHARES, st.data(), st.integers(1, 300))
def test_a_curve_shares_out_all_of_the_time(times, data, count):
    done = sorted(data.draw(st.lists(st.integers(0, 100), min_size=len(times), max_size=len(times))))
    points = [(0, 0), *zip(sorted(times), done, strict=True), (100, 100)]
    curve = parse_curve(",".join(f"{time / 100}:{progress / 100}" for time, progress in points))
    shares = by_curve(curve, count)
    assert len(shares) == count
    assert min(shares) > 0
    assert sum(shares) == pytest.approx(1)
    passed = 0.0
    for number, share in enumerate(shares[:-1], 1):
        passed += share
        before = max(point for point in curve if point[0] <= passed + 1e-9)
        assert before[1] <= number / count + 1e-6


def test_a_straight_curve_is_the_linear_pace():
    assert by_curve(parse_curve("0:0,1:1"), 8) == pytest.approx([1 / 8] * 8)


def test_the_picture_stays_where_the_curve_is_flat():
    shares = by_curve(parse_curve("0:0,0.2:0.5,0.8:0.5,1:1"), 10)
    assert shares[4] == pytest.approx(0.04 + 0.6)
    assert [shares[number] for number in (0, 3, 5, 9)] == pytest.approx([0.04] * 4)


def test_it_reaches_the_timeline():
    options = ExportOptions(duration_seconds=10, hold_last_seconds=0, omit_end_card=True, pace_curve="0:0,0.5:0.25,1:1")
    shots = timeline(100, options).shots
    assert sum(float(shot.seconds) for shot in shots if shot.frame < 25) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(
    "text",
    ["0:0", "1:1", "0:0,0.5:0.6,0.4:0.7,1:1", "0:0,0.5:0.6,0.7:0.2,1:1", "0:0,1:0.9", "a", "0:0,nan:0.5,1:1", "0:0;1:1",
     "0:0,0.5:0.5,0.5:0.7,1:1", "0:0,0.5:inf,1:1"],
)  # fmt: skip
def test_what_is_no_curve_is_refused(text):
    with pytest.raises(InvalidRequestError, match="pace_curve"):
        ExportOptions(pace_curve=text)


def test_there_is_one_pace():
    with pytest.raises(InvalidRequestError, match="pace"):
        ExportOptions(pace_curve="0:0,1:1", pace=Pace.EASED)

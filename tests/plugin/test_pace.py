"""The pace that an artist draws: whatever is done to its curve, the engine takes it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core.export import Export
from krita_plugin.undo_painting.core.pace import MOST_POINTS, Curve, Pace, words
from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import export_options_from_proto
from paints_undo_engine.export.pace import parse_curve

ANYWHERE = st.floats(-3, 3)
HANDS = st.lists(st.tuples(st.sampled_from(["move", "add", "remove"]), st.integers(-2, 14), ANYWHERE, ANYWHERE))


@given(HANDS)
def test_a_curve_can_be_drawn_in_no_way_that_the_engine_refuses(hands: list[tuple[str, int, float, float]]) -> None:
    curve = Curve()
    for kind, place, time, work in hands:
        if kind == "move":
            curve = curve.moved(place, time, work)
        elif kind == "add":
            before = curve
            curve, added = curve.added(time, work)
            assert (added > 0) == (curve != before)
        else:
            curve = curve.removed(place)
    parsed = parse_curve(curve.text())
    assert len(parsed) == len(curve.points) <= MOST_POINTS
    assert all(later[0] > earlier[0] for earlier, later in pairwise(parsed))
    assert parse_curve(Export().paced(Pace.OWN, curve).options()["pace_curve"]) == parsed
    assert len(Curve.of(curve.text()).points) == len(parsed)


def test_a_new_point_lies_where_it_was_put_and_can_be_taken_away() -> None:
    curve, place = Curve().added(0.25, 0.4)
    assert (place, curve.points[1]) == (1, (0.25, 0.4))
    assert curve.removed(1) == Curve()


def test_the_ends_stay() -> None:
    assert Curve().moved(0, 0.5, 0.5) == Curve().moved(2, 0.5, 0.5) == Curve().removed(0) == Curve()


def test_the_daemon_takes_every_pace() -> None:
    made = [Export({"format": "EXPORT_FORMAT_MP4"}).paced(pace, Curve()) for pace in Pace]
    taken = [export_options_from_proto(jobs_pb2.ExportOptions(**each.options())) for each in made]
    assert [each.pace for each in made] == list(Pace)
    assert [(each.pace.value, each.pace_curve) for each in taken] == [
        ("linear", ""),
        ("eased", ""),
        ("phases", ""),
        ("operations", ""),
        ("faces", ""),
        ("linear", "0:0,0.5:0.5,1:1"),
    ]
    assert len({words(pace) for pace in Pace}) == len(Pace)

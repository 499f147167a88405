"""The judge sees the faults that it is there for, and lets pass what has none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from quality.bands import BANDS
from quality.edges import crumbs, edge_distance, edge_strength, patchwork
from quality.faces import eye_jump, eyes_half, find_cross
from quality.labels import LIST, UNSEEN, Half, Kind, read_list
from quality.measures import Frame
from quality.pace import Work, last_frame_change, time_shares, work_of
from quality.reversal import turned_back
from quality.sameness import arrival, drawings_alike, rank_correlation
from quality.surface import has_ground, posterised, smooth_gradients, stairs

EYES = ((0.4, 0.3), (0.6, 0.3))


def face(side: int = 300) -> Frame:
    """A round head with two eyes, anti-aliased."""
    big = np.full((side * 8, side * 8, 3), 255, np.uint8)
    cv2.ellipse(big, (side * 4, int(side * 2.8)), (int(side * 1.8), int(side * 2.2)), 0, 0, 360, (250, 220, 200), -1)
    for x, y in EYES:
        cv2.circle(big, (int(x * side * 8), int(y * side * 8)), int(side * 0.4), (40, 60, 150), -1)
    return np.asarray(cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA))


def textured(side: int = 320) -> Frame:
    """Fine drawing everywhere."""
    noise = np.random.default_rng(1).integers(0, 256, (side // 4, side // 4, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC))


def test_blank_paper_is_at_edge_distance_one_and_the_painting_at_none() -> None:
    painting = face()
    wanted = edge_strength(painting)
    assert edge_distance(np.full_like(painting, 255), wanted) == pytest.approx(1.0)
    assert edge_distance(painting, wanted) == pytest.approx(0.0)


def test_patchwork_is_finished_beside_raw() -> None:
    painting = textured()
    everything = np.full(painting.shape[:2], True)
    coarse = np.asarray(cv2.GaussianBlur(painting, (0, 0), 6), np.uint8)
    half = coarse.copy()
    half[:, :160] = painting[:, :160]
    assert patchwork(half, painting, everything) > 0.8
    assert patchwork(coarse, painting, everything) == 0.0
    assert patchwork(painting, painting, everything) == 0.0


def test_stairs_of_enlarged_labels_are_seen_and_smooth_borders_and_boxes_are_not() -> None:
    smooth = face()
    small = cv2.resize(smooth, (75, 75), interpolation=cv2.INTER_NEAREST)
    coarse = cv2.resize(small, (300, 300), interpolation=cv2.INTER_NEAREST)
    box = np.full((100, 100, 3), 255, np.uint8)
    box[20:80, 30:70] = 0
    assert stairs(np.asarray(coarse)) > 0.5
    assert stairs(smooth) <= BANDS["stairs"].high
    assert stairs(box) < 0.03


def test_a_gradient_in_steps_is_posterised() -> None:
    ramp = np.repeat(np.linspace(60, 200, 400)[None, :, None], 300, axis=0).repeat(3, axis=2)
    dithered = (ramp + np.random.default_rng(0).normal(0, 1, ramp.shape)).clip(0, 255).astype(np.uint8)
    stepped = (dithered // 32 * 32).astype(np.uint8)
    assert smooth_gradients(dithered).mean() > 0.5
    found = posterised(stepped, dithered)
    assert found is not None
    assert found > 0.7
    assert posterised(dithered, dithered) == pytest.approx(0.0, abs=0.05)
    assert posterised(face(), textured(300)) is None


def test_a_figure_on_white_has_no_ground_and_a_scene_has() -> None:
    assert not has_ground(face())
    assert has_ground(textured())


def test_a_cross_through_the_eyes_is_met_and_a_scribble_is_not() -> None:
    paper = np.full((300, 300, 3), 255, np.uint8)
    through, beside, scribble = paper.copy(), paper.copy(), paper.copy()
    cv2.line(through, (60, 92), (240, 92), (90, 120, 200), 2)
    cv2.line(beside, (60, 150), (240, 150), (90, 120, 200), 2)
    scribble[::2] = 90
    assert find_cross(through, EYES).within
    assert not find_cross(beside, EYES).within
    assert not find_cross(scribble, EYES).within
    assert not find_cross(paper, EYES).within


def test_eyes_that_are_switched_on_jump() -> None:
    painting = face()
    blank = np.full_like(painting, 255)
    switched = [blank] * 5 + [painting] * 5
    built = [np.asarray(cv2.addWeighted(painting, i / 10, blank, 1 - i / 10, 0), np.uint8) for i in range(1, 11)]
    assert eye_jump(switched, painting, EYES) > 0.95
    assert eye_jump(built, painting, EYES) < 0.3


def test_eyes_that_stay_blank_are_late() -> None:
    painting = face()
    blank = np.full_like(painting, 255)
    assert eyes_half([blank] * 8 + [painting] * 2, painting, EYES) == pytest.approx(0.8)
    assert eyes_half([painting] * 10, painting, EYES) == 0.0


def test_bits_of_ink_are_crumbs_and_lines_are_not() -> None:
    lines = np.full((200, 200, 3), 255, np.uint8)
    cv2.line(lines, (10, 10), (190, 150), (0, 0, 0), 2)
    bits = np.full((200, 200, 3), 255, np.uint8)
    bits[10:190:12, 10:190:12] = 0
    assert crumbs(lines) == 0.0
    assert crumbs(bits) == 1.0
    assert crumbs(np.full((50, 50, 3), 255, np.uint8)) == 0.0


def test_the_last_frame_counts_what_jumps() -> None:
    painting = np.full((10, 10, 3), 100, np.uint8)
    before = painting.copy()
    before[:2] += 11
    before[2:4] += 10
    assert last_frame_change(before, painting) == pytest.approx(0.2)


def coming_near(painting: Frame) -> list[Frame]:
    """100 frames from white to the painting, evenly."""
    shares = np.linspace(0, 1, 100)
    return [np.rint(255 + share * (painting.astype(float) - 255)).astype(np.uint8) for share in shares]


def test_colour_that_is_painted_away_from_the_painting_has_turned_back() -> None:
    painting = np.full((200, 100, 3), (180, 90, 60), np.uint8)
    straight = coming_near(painting)
    assert turned_back(straight, painting) == 0.0
    over = [frame.copy() for frame in straight]
    for frame in over[70:85]:
        frame[:50] = (200, 210, 90)
    assert turned_back(over, painting) == pytest.approx(0.25, abs=0.01)
    flashed = [frame.copy() for frame in straight]
    for frame in flashed[70:72]:
        frame[:] = 255
    assert turned_back(flashed, painting) == 0.0
    assert turned_back(straight, np.full_like(painting, 255)) is None


@pytest.mark.parametrize(
    ("phase", "work"),
    [
        ("construction", Work.ROUGH),
        ("sketch", Work.ROUGH),
        ("ink", Work.LINE),
        ("flats", Work.FLATS),
        ("hard shadow", Work.SHADING),
        ("soft shading", Work.SOFT),
        ("background", Work.BACKGROUND),
        ("adjustments", Work.EFFECTS),
        ("details", Work.PAINT),
    ],
)
def test_phases_are_known_by_their_words(phase: str, work: Work) -> None:
    assert work_of(phase) is work


def test_time_is_shared_out() -> None:
    shares = time_shares([(0.0, 0.3), (0.3, 0.9), (0.9, 1.0)], ["sketch", "ink", "flats"])
    assert shares[Work.ROUGH] == pytest.approx(0.3)
    assert shares[Work.LINE] == pytest.approx(0.6)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_a_drawing_is_like_itself_at_another_size_and_unlike_another_one() -> None:
    drawing = np.full((240, 240, 3), 255, np.uint8)
    cv2.circle(drawing, (120, 90), 60, (80, 80, 160), 2)
    larger = np.asarray(cv2.resize(drawing, (900, 900), interpolation=cv2.INTER_LINEAR), np.uint8)
    assert drawings_alike(drawing, larger) > 0.9
    assert drawings_alike(drawing, np.roll(drawing, 60, axis=0)) < 0.5
    assert drawings_alike(drawing, np.full_like(drawing, 255)) == 0.0


def test_order_is_compared_by_rank() -> None:
    painting = np.full((96, 96, 3), 60, np.uint8)
    left_to_right: list[Frame] = []
    top_down: list[Frame] = []
    for part in range(1, 13):
        for states, turn in ((left_to_right, False), (top_down, True)):
            canvas = np.full_like(painting, 255)
            canvas[:, : part * 8] = 60
            states.append(canvas.transpose(1, 0, 2).copy() if turn else canvas)
    across, down = arrival(left_to_right, painting), arrival(top_down, painting)
    assert rank_correlation(across, across) == pytest.approx(1.0)
    assert abs(rank_correlation(across, down)) < 0.1


def test_the_list_is_long_mixed_and_in_two_halves() -> None:
    rows = LIST.read_text().splitlines()[1:]
    hashes = {row.split("\t")[2] for row in rows}
    assert len(hashes) == len(rows) >= 60
    assert sum(bool(row.split("\t")[4]) for row in rows) >= 20
    held_out = sum(int(one[:2], 16) % 2 for one in hashes)
    assert 0.4 < held_out / len(rows) < 0.6


def test_no_list_repeats_a_picture_of_another_one_and_all_name_known_kinds() -> None:
    tables = {path.stem: path.read_text().splitlines()[1:] for path in sorted(LIST.parent.glob("*.tsv"))}
    rows = {name: [line.split("\t") for line in lines] for name, lines in tables.items()}
    hashes = [row[2] for of_one in rows.values() for row in of_one]
    assert len(set(hashes)) == len(hashes)
    assert all(Kind(word) for of_one in rows.values() for row in of_one for word in row[3].split("|"))
    assert sum(bool(row[4]) for row in rows[UNSEEN.stem]) >= 20


def test_a_table_finds_only_the_labelled_bytes(tmp_path: Path) -> None:
    picture = tmp_path / "a b.png"
    Image.fromarray(face(40)).save(picture)
    digest = hashlib.sha256(picture.read_bytes()).hexdigest()
    table = tmp_path / "labels.tsv"
    rows = [f"\ta b.png\t{digest}\tinked|flat\t0.4,0.3 0.6,0.3", f"\ta b.png\t{'0' * 64}\tflat\t"]
    table.write_text("package\tpath\tsha256\tkinds\teyes\n" + "\n".join(rows) + "\n")
    found, missing = read_list(table, [tmp_path / "nowhere", tmp_path])
    assert [(one.kinds, one.eyes) for one in found] == [((Kind.INKED, Kind.FLAT), EYES)]
    assert found[0].half in Half
    assert len(missing) == 1

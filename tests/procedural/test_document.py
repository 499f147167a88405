"""The document's promises: the same bytes in any order, an exact end, and nothing that is empty."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from procedural import pictures

from paints_undo_engine.procedural import Document, Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.request import Corrections, Method

Pixels = NDArray[np.uint8]

PICTURES = {
    "line": pictures.cartoon(),
    "paint": pictures.photo(),
    "alpha": pictures.sticker(),
    "outline": pictures.outlines(420, 340),
    "pixel": pictures.sprite(6),
}
DOCUMENTS: dict[str, Document] = {}


@pytest.fixture(params=PICTURES)
def document(request: pytest.FixtureRequest) -> Document:
    """The document of each picture; made once."""
    if request.param not in DOCUMENTS:
        options = Options(seed=3, corrections=Corrections.MANY, flip=True)
        DOCUMENTS[request.param] = make_document(PICTURES[request.param], options)
    return DOCUMENTS[request.param]


def on_grey(pixels: Pixels) -> NDArray[np.float64]:
    """What is seen of a picture on grey."""
    alpha = pixels[..., 3:] / 255 if pixels.shape[2] == 4 else 1.0
    return np.asarray(pixels[..., :3] * alpha + 128 * (1 - alpha), np.float64)


def digest(pixels: Pixels) -> bytes:
    """What tells pictures apart."""
    return blake2b(np.ascontiguousarray(pixels).data).digest()


def test_any_moment_in_any_order_gives_the_same_bytes(document: Document) -> None:
    moments = [document.count * share for share in np.linspace(0.013, 0.999, 33)]
    forward = [digest(document.render(moment)) for moment in moments]
    order = np.random.default_rng(5).permutation(len(moments))
    shuffled = {int(at): digest(document.render(moments[at])) for at in order}
    assert [shuffled[at] for at in range(len(moments))] == forward


def test_a_document_made_again_gives_the_same_bytes() -> None:
    one, other = (make_document(PICTURES["line"], Options(seed=9)) for _ in range(2))
    for share in (0.2, 0.55, 0.9):
        assert digest(one.render(one.count * share)) == digest(other.render(other.count * share))


def test_it_begins_with_nothing_and_ends_with_the_painting(document: Document) -> None:
    blank, end = document.render(0), document.render(document.count)
    assert (blank == (0 if blank.shape[2] == 4 else 255)).all()
    assert np.array_equal(end, document.picture)
    end[:] = 0
    assert np.array_equal(document.render(document.count), document.picture)


@pytest.mark.parametrize("share", [1 - 9.54 / 1000, 1 - 1e-5], ids=["a default video's last but one", "just before"])
def test_nothing_jumps_at_the_end(document: Document, share: float) -> None:
    almost, painting = (on_grey(frame) for frame in (document.render(document.count * share), document.picture))
    assert (np.abs(almost - painting).max(axis=2) > 10).mean() <= 0.02


def test_every_operation_has_words_and_a_place_on_the_canvas(document: Document) -> None:
    height, width = document.picture.shape[:2]
    assert 50 <= document.count <= 1400
    for index, operation in enumerate(document.operations):
        assert operation.index == index
        assert operation.label
        x, y, wide, high = operation.bounds
        assert 0 <= x < x + wide <= width
        assert 0 <= y < y + high <= height


def test_no_operation_is_empty(document: Document) -> None:
    before = document.render(0)
    empty = []
    for index in range(document.count):
        after = document.render(index + 1)
        if np.array_equal(before, after):
            empty.append((index, document.operations[index].label))
        before = after
    assert not empty


def test_a_layer_that_fades_below_paint_is_no_operation() -> None:
    path = Path(__file__).parents[2] / "assets" / "illustration.png"
    with Image.open(path) as image:
        document = make_document(np.asarray(image.convert("RGB").resize((256, 320))), Options())
    last = [at for at in range(document.count) if document.operations[at].phase is Phase.ADJUSTMENT]
    assert len(last) > 10
    assert not [at for at in last if digest(document.render(at)) == digest(document.render(at + 1))]


def test_transparent_paintings_stay_within_their_outline_at_the_end() -> None:
    document = make_document(PICTURES["alpha"], Options(seed=1))
    frame = document.render(document.count * 0.97)
    outside = document.picture[..., 3] == 0
    assert frame.shape[2] == 4
    assert (frame[..., 3][outside] > 8).mean() < 0.02
    assert frame[..., 3][document.picture[..., 3] == 255].mean() > 240


def test_line_art_spends_its_time_on_lines() -> None:
    document = make_document(PICTURES["outline"], Options(seed=2))
    assert document.method is Method.OUTLINE
    lines = sum(operation.phase in (Phase.SKETCH, Phase.LINE) for operation in document.operations)
    assert lines > 0.6 * document.count


def test_seeds_work_differently() -> None:
    one, other = (make_document(PICTURES["line"], Options(seed=seed)) for seed in (1, 2))
    assert digest(one.render(one.count * 0.04)) != digest(other.render(other.count * 0.04))


def test_no_corrections_means_none() -> None:
    document = make_document(PICTURES["line"], Options(seed=4, corrections=Corrections.NONE))
    words = " ".join(operation.label for operation in document.operations)
    assert "rubbed out" not in words
    assert "taken back" not in words
    assert "mirrored" not in words


@pytest.mark.parametrize("method", [method for method in Method if method is not Method.AUTO])
def test_every_method_works_on_any_picture(method: Method) -> None:
    picture = PICTURES["alpha" if method in (Method.PAINTER, Method.PARTS, Method.FLAT) else "line"]
    document = make_document(picture, Options(seed=1, method=method))
    assert document.method is method
    middle = document.render(document.count * 0.5)
    assert not np.array_equal(middle, document.render(document.count * 0.75))


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (1, 600, 3), (600, 1, 4), (3, 40, 3), (24, 24, 4), (10, 30000, 3), (7000, 2, 4)]
)
def test_thin_and_tiny_pictures(shape: tuple[int, int, int]) -> None:
    picture = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    document = make_document(picture)
    document.render(document.count * 0.4)
    assert np.array_equal(document.render(document.count), picture)

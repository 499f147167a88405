"""The tagger: guards, exclusions, and tags without torch. The published results are in the parity tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.tagger import MODEL_NAME, TABLE_NAME, Tagger, TagTable, choose, prepare, read_table

FOLDER = Path(__file__).parents[1] / "parity" / "golden" / "tagger"


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.of(FOLDER, accelerated=False)


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (90, 70, 3), np.uint8)


@given(width=st.integers(1, 3000), height=st.integers(1, 60), channels=st.sampled_from([0, 3, 4]), turn=st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_shape_is_prepared(width: int, height: int, channels: int, turn: bool) -> None:
    shape = (width, height) if turn else (height, width)
    given = prepare(np.zeros((*shape, channels) if channels else shape, np.uint8))
    assert given.shape == (1, 448, 448, 3)
    assert given.min() == 0
    assert given.max() <= 255


def test_transparency_is_dropped_not_composed() -> None:
    pixels = np.full((448, 448, 4), (200, 100, 50, 0), np.uint8)
    assert prepare(pixels)[0, 224, 224].tolist() == [50, 100, 200]


def test_the_result_lists_characters_first_and_escapes() -> None:
    table = TagTable(("general", "a_(b)", "1girl", ">_<", "who_(x)"), slice(1, 4), slice(4, 5))
    probabilities = np.array([1, 0.9, 0.35, 0.36, 0.86], np.float32)
    assert choose(probabilities, table, 0.35, 0.85) == "who \\(x\\), a \\(b\\), > <"
    assert choose(probabilities, table, 0.35, 0.85, "who_(x), A_(B) ") == "> <"
    assert choose(probabilities, table, 0.35, 0.85, "who (x)").startswith("who")


def test_a_table_without_characters_gives_no_ratings_and_nothing_twice(picture: np.ndarray) -> None:
    tagger = Tagger.of(FOLDER / "nochar", accelerated=False)
    tags = tagger(picture, 0.01, 0.01).split(", ")
    assert len(tags) == len(set(tags)) > 3
    assert not {"general", "sensitive", "questionable", "explicit"} & set(tags)


def test_a_table_without_general_tags_gives_characters_alone(tmp_path: Path) -> None:
    (tmp_path / TABLE_NAME).write_text("tag_id,name,category,count\n1,rating,9,1\n2,who,4,1\n")
    table = read_table(tmp_path / TABLE_NAME)
    assert choose(np.ones(2, np.float32), table, 0.3, 0.8) == "who"


@pytest.mark.parametrize("text", ["", "tag_id,name\n1\n", "tag_id,name,category,count\nx\n", "\udc80"])
def test_a_damaged_table_is_refused(text: str, tmp_path: Path, picture: np.ndarray) -> None:
    shutil.copy(FOLDER / MODEL_NAME, tmp_path)
    (tmp_path / TABLE_NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CheckpointError, match="tag"):
        Tagger.of(tmp_path, accelerated=False)(picture, 0.35, 0.85)


@pytest.mark.parametrize("data", [b"", b"no model", b"\x08\x07\x12"])
def test_a_damaged_model_is_refused(data: bytes, tmp_path: Path) -> None:
    shutil.copy(FOLDER / TABLE_NAME, tmp_path)
    (tmp_path / MODEL_NAME).write_bytes(data)
    with pytest.raises(CheckpointError, match="cannot be read"):
        Tagger.of(tmp_path, accelerated=False)


def test_another_kind_of_model_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"\.onnx"):
        Tagger(FOLDER / "tagger.pt", FOLDER / TABLE_NAME)


def test_it_needs_no_torch() -> None:
    code = (
        "import sys, numpy\nfrom pathlib import Path\nsys.modules['torch'] = None\n"
        "from paints_undo_engine.tagger import Tagger\n"
        f"print(Tagger.of(Path({str(FOLDER)!r}), accelerated=False)(numpy.zeros((9, 9, 3), 'uint8'), 0.1, 0.1))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2], capture_output=True)
    assert done.stdout.strip()

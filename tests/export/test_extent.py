"""What is said of an export's size before it is made is what it becomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.export.extent import extent_of
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, Fill, FrameSize
from paints_undo_engine.painting import Painting

SIDES = st.integers(1, 300)


@given(
    width=SIDES,
    height=SIDES,
    kind=st.sampled_from((ExportFormat.MP4, ExportFormat.GIF, ExportFormat.PNG_SEQUENCE, ExportFormat.PSD)),
    max_side=st.sampled_from((0, 16, 97, 256)),
    aspect=st.sampled_from(list(Aspect)),
    fill=st.sampled_from(list(Fill)),
)
def test_the_size_that_is_told_is_the_canvas(
    width: int, height: int, kind: ExportFormat, max_side: int, aspect: Aspect, fill: Fill
):
    options = ExportOptions(format=kind, max_side=max_side, aspect=aspect, fill=fill)
    painting = Painting(np.zeros((height, width, 3), np.uint8))
    canvas = canvas_for(painting, painting.picture(), options, even=options.is_video)
    told = extent_of(width, height, 106, options)
    assert told is not None
    assert (told.width, told.height) == (canvas.width, canvas.height)


@pytest.mark.parametrize(
    ("width", "options"),
    [
        (0, ExportOptions(format=ExportFormat.MP4)),
        (100, ExportOptions(format=ExportFormat.CONTACT_SHEET)),
        (100, ExportOptions(format=ExportFormat.MP4, size=FrameSize.MODEL)),
    ],
)
def test_what_is_not_known_before_is_not_told(width: int, options: ExportOptions):
    assert extent_of(width, width, 106, options) is None


def test_larger_pictures_take_more_memory():
    small, large = (extent_of(side, side, 106, ExportOptions(format=ExportFormat.PSD)) for side in (500, 1000))
    assert small is not None
    assert large is not None
    assert 2 * small.memory_bytes < large.memory_bytes

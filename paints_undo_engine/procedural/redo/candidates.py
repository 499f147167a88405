"""The candidates of a branch: eight other ends of one picture, by their number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from paints_undo_engine.descriptions import describe
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import Reading
from paints_undo_engine.procedural.redo.finishes import in_few_colours, in_flat_tones
from paints_undo_engine.procedural.redo.lights import Light, lit
from paints_undo_engine.procedural.redo.oklab import Floats, to_oklab, to_srgb
from paints_undo_engine.procedural.redo.palettes import Harmony, recoloured

Change = Callable[[Floats, Reading, np.random.Generator], Floats]

_CHANGES: Mapping[str, Change] = {
    "complementary palette": lambda lab, reading, chance: recoloured(lab, reading, Harmony.COMPLEMENTARY, chance),
    "dusk": lambda lab, reading, chance: lit(lab, reading, Light.DUSK, chance),
    "flat tones": lambda lab, reading, _: in_flat_tones(lab, reading),
    "night": lambda lab, reading, chance: lit(lab, reading, Light.NIGHT, chance),
    "analogous palette": lambda lab, reading, chance: recoloured(lab, reading, Harmony.ANALOGOUS, chance),
    "three colours": lambda lab, _, chance: in_few_colours(lab, 3, chance),
    "triad palette": lambda lab, reading, chance: recoloured(lab, reading, Harmony.TRIAD, chance),
    "morning": lambda lab, reading, chance: lit(lab, reading, Light.MORNING, chance),
}
"""By the names that the engine's description has for them, which also numbers them."""


def candidate(picture: Pixels, reading: Reading, number: int, seed: int) -> tuple[str, Pixels]:
    """The name and the picture of candidate `number`, 1 to 8: uint8, of the same size and alpha as `picture`."""
    name = describe("procedural").candidate(number)
    chance = np.random.default_rng((seed, number))
    colours = to_srgb(_CHANGES[name](to_oklab(np.ascontiguousarray(picture[..., :3])), reading, chance))
    return name, np.dstack([colours, picture[..., 3]]) if picture.shape[2] == 4 else colours

"""What decides a plan, beside the picture."""

from __future__ import annotations

from dataclasses import dataclass

from paints_undo_engine.request import OrderTemplate, PaintingMode


@dataclass(frozen=True, slots=True)
class ProceduralOptions:
    """`seed` varies the hand and the order, `mode` how the picture is taken apart, `order` who the artist is."""

    seed: int = 12345
    mode: PaintingMode = PaintingMode.AUTO
    order: OrderTemplate = OrderTemplate.AUTO

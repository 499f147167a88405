"""What tells tools apart: the numbers of a logistic regression on sixteen measures, legible rather than exact.

They were fitted to 414 pictures by 269 artists, each seen at 480 and at 1024 pixels, for which a person has named the
methods that an artist would choose; `docs/process_quality.md` says how well they tell pictures of other artists.
"""

from __future__ import annotations

import numpy as np

from paints_undo_engine.request import Method

METHODS = (Method.LINE, Method.LINELESS, Method.PAINTER, Method.OUTLINE, Method.PENCIL, Method.WATERCOLOUR)
"""The methods that are told apart: the columns of `WEIGHTS`. Pixel art and signs are told by other measures."""
STRAY = 3.0
"""How many spreads a measure may stray from its mean; what strays farther counts as that far."""

_TABLE = np.array(
    [
        # Mean, spread; then how much one spread more speaks for each method, in logarithms of odds.
        # lightness of the darkest tenth, 8-bit Lab
        (64.49, 50.05, -0.27, 0.04, -0.21, -0.16, -0.30, 0.89),
        # median lightness, 8-bit Lab
        (145.5, 65.3, -0.22, -0.39, -0.34, -0.20, 0.56, 0.58),
        # of the picture, calm: away from edges, and not white
        (0.4211, 0.2506, -1.24, -0.30, 0.43, 0.33, 0.29, 0.48),
        # mean chroma, 8-bit Lab
        (16.45, 11.32, 0.33, 0.39, -0.09, -0.35, -0.17, -0.11),
        # of the picture, without hue
        (0.3409, 0.3143, -0.05, -0.22, -0.53, 0.49, 0.31, -0.00),
        # number of colours of nearly all of it, logarithm
        (3.989, 1.073, 0.41, 0.04, 0.22, -0.78, -0.81, 0.93),
        # of the paint, like its neighbours
        (0.4786, 0.227, 0.71, -0.09, -0.31, -0.44, 0.32, -0.18),
        # of what is calm, clean gradients and flats
        (0.4682, 0.3334, 0.53, 0.21, -0.22, 0.05, -0.18, -0.39),
        # of the picture, edges
        (0.09945, 0.05578, -0.40, -0.42, -0.12, 0.26, 0.87, -0.19),
        # steepest pixel's share of an edge's step, upper quartile
        (0.2043, 0.03672, -0.32, 0.58, 0.16, -0.02, -0.30, -0.09),
        # of the edges, crisp
        (0.1115, 0.1282, 0.09, 0.09, 0.34, 0.44, -0.73, -0.22),
        # of the edges, soft
        (0.4361, 0.1636, -0.91, -0.17, 0.60, -0.46, 0.48, 0.46),
        # of the edges, along thin dark lines
        (0.5393, 0.2406, 0.07, -0.45, -1.25, 1.14, 0.18, 0.30),
        # dark by light lines thinner than 5 pixels, logarithm
        (0.3361, 0.5641, 0.46, -0.01, -0.63, 0.14, 0.17, -0.13),
        # the same of 9 pixels
        (0.1472, 0.3839, -0.57, -0.36, 0.31, 0.02, 0.40, 0.20),
        # of the picture, light lines thinner than 9 pixels
        (0.09565, 0.0813, 0.16, -0.05, 0.58, 0.08, -0.67, -0.10),
        # Nothing measured: how frequent each is
        (0, 1, 2.37, 1.20, 0.22, -1.35, -0.81, -1.62),
    ]
)
MEASURES = _TABLE[:-1, :2]
"""float64 [16, 2]: mean and spread of each measure over those pictures; shares of 0 to 1 where no unit is named."""
WEIGHTS = _TABLE[:, 2:]
"""float64 [17, 6]: the weight of each measure for each method, and what is added."""

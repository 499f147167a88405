"""What tells tools apart: the numbers of a logistic regression on 22 measures, legible rather than exact.

They were fitted to 555 pictures by 307 artists, each seen at 480 and at 1024 pixels, for which a person has named the
methods that an artist would choose; 94 of them, washes and oils that were sought, count by half.
`docs/process_quality.md` says how well they tell pictures of other artists.
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
        (66.52, 50.38, -0.14, 0.01, -0.40, -0.18, 0.08, 0.65),
        # median lightness, 8-bit Lab
        (145.6, 64.32, -0.40, -0.37, 0.03, -0.07, 0.58, 0.23),
        # of the picture, calm: away from edges, and not white
        (0.4174, 0.2529, -0.89, -0.31, 0.28, 0.25, 0.25, 0.43),
        # mean chroma, 8-bit Lab
        (16.24, 10.88, 0.33, 0.38, -0.11, -0.27, -0.21, -0.11),
        # of the picture, without hue
        (0.3411, 0.3022, -0.09, -0.18, -0.57, 0.54, 0.30, 0.00),
        # number of colours of nearly all of it, logarithm
        (4.083, 1.079, 0.22, 0.16, 0.40, -0.75, -0.79, 0.76),
        # of the paint, like its neighbours
        (0.4457, 0.2331, 0.50, 0.00, -0.16, -0.18, 0.41, -0.57),
        # of what is calm, clean gradients and flats
        (0.4038, 0.3399, 0.63, 0.16, -0.43, 0.17, -0.08, -0.47),
        # of the picture, edges
        (0.1039, 0.05934, -0.25, -0.37, 0.14, 0.16, 0.81, -0.47),
        # steepest pixel's share of an edge's step, upper quartile
        (0.1991, 0.03742, -0.18, 0.51, 0.10, -0.03, -0.43, 0.03),
        # of the edges, crisp
        (0.09969, 0.1222, -0.27, 0.09, 0.51, 0.34, -0.37, -0.31),
        # of the edges, soft
        (0.4622, 0.1665, -0.96, -0.13, 0.57, -0.41, 0.29, 0.64),
        # of the edges, along thin dark lines
        (0.5207, 0.2342, 0.15, -0.29, -1.24, 1.03, 0.38, -0.03),
        # dark by light lines thinner than 5 pixels, logarithm
        (0.3035, 0.5447, 0.48, 0.01, -0.53, -0.02, 0.19, -0.13),
        # the same of 9 pixels
        (0.1537, 0.3711, -0.81, -0.49, 0.39, 0.33, 0.32, 0.26),
        # of the picture, light lines thinner than 9 pixels
        (0.09665, 0.08421, -0.16, -0.09, 0.67, 0.33, -0.64, -0.12),
        # of the edges, darker at the rim of their dark side than within it
        (0.281, 0.06148, 0.37, 0.04, -0.36, -0.49, -0.13, 0.58),
        # of the edges, between two even colours
        (0.05956, 0.08195, 0.71, 0.64, 0.31, -0.35, -0.89, -0.41),
        # levels of blotches where it is calm, logarithm
        (2, 0.6174, 0.35, -0.12, -0.36, -0.04, 0.26, -0.09),
        # grain of the darkest third by that of the lightest, logarithm
        (0.1125, 0.8279, -0.05, -0.01, -0.25, -0.14, 0.11, 0.35),
        # of light bits, in the colour of the lightest places
        (0.07921, 0.08119, 0.14, 0.09, -0.28, 0.10, -0.26, 0.21),
        # lightness of the lightest places, 8-bit Lab
        (228.5, 27.3, 0.33, 0.06, -0.15, 0.02, -0.44, 0.19),
        # Nothing measured: how frequent each is
        (0, 1, 1.50, 0.67, 0.00, -2.03, -1.42, -1.44),
    ]
)
MEASURES = _TABLE[:-1, :2]
"""float64 [22, 2]: mean and spread of each measure over those pictures; shares of 0 to 1 where no unit is named."""
WEIGHTS = _TABLE[:, 2:]
"""float64 [23, 6]: the weight of each measure for each method, and what is added."""

"""What the segmenting network answers to points of a picture that it has looked at: masks, each with its quality.

It is the decoder of Segment Anything (Kirillov et al. 2023). Products of matrices are ordered so that the few tokens of
a point, not the many places of the picture, are multiplied by the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.convolving import Planes
from paints_undo_engine.procedural.reading.segmenter_encoder import bent, linear, normalized, share
from paints_undo_engine.procedural.reading.segmenter_numbers import Attention, Exchange, Linear, MaskDecoder

_HEADS = 8


@dataclass(frozen=True, slots=True)
class SeenPlaces:
    """A picture as the decoder takes it: places and their positions, both float32 [h * w, 256], and h and w."""

    places: Planes
    positions: Planes
    sides: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Three masks to a point, from its smallest part to the whole: float32 [3, 4 h, 4 w], above 0 inside, and how well
    each is expected to fit, float32 [3], 0 to 1. No masks where none is expected to fit well enough."""

    masks: Planes | None
    quality: Planes


def see(decoder: MaskDecoder, encoded: Planes) -> SeenPlaces:
    """An encoded picture [h, w, 256] with the position of each place, in a square like those that the network
    learned from."""
    height, width, count = encoded.shape
    rows, columns = ((np.arange(side, dtype=np.float32) + 0.5) / max(height, width) for side in (height, width))
    grid = np.stack(np.broadcast_arrays(columns[None, :], rows[:, None]), -1)
    positions = _placed(decoder, grid.reshape(-1, 2))
    return SeenPlaces(encoded.reshape(-1, count) + decoder.no_mask, positions, (height, width))


def answer(decoder: MaskDecoder, seen: SeenPlaces, point: NDArray[np.float32], least: float) -> Answer:
    """What belongs to a point, x and y as shares of the encoded picture's longer side, 0 to 1.

    Masks are drawn only where one of them is expected to fit by `least`.
    """
    prompt = np.stack([_placed(decoder, point[None])[0] + decoder.point, decoder.no_point])
    start = np.concatenate([decoder.tokens, prompt])
    tokens, places = start, seen.places
    for number, layer in enumerate(decoder.layers):
        tokens, places = _exchanged(layer, tokens, places, start, seen.positions, number == 0)
    tokens = tokens + _asked(decoder.last, tokens + start, places + seen.positions, places)
    tokens = normalized(tokens, decoder.last_norm)
    quality = _three(tokens[0], decoder.quality)[1:]
    if float(quality.max()) < least:
        return Answer(None, quality)
    drawn = _upscaled(decoder, places.reshape(*seen.sides, -1))
    kernels = np.stack([_three(token, mlp) for token, mlp in zip(tokens[2:5], decoder.masks[1:], strict=True)])
    masks = (drawn @ kernels.T).transpose(2, 0, 1)
    return Answer(np.ascontiguousarray(masks, np.float32), quality)


def _placed(decoder: MaskDecoder, places: NDArray[np.float32]) -> Planes:
    """Positions of places [n, 2], as sines and cosines of random frequencies: [n, 256]."""
    turned = (2 * places.astype(np.float32) - 1) @ decoder.frequencies * np.float32(2 * np.pi)
    return np.concatenate([np.sin(turned), np.cos(turned)], -1).astype(np.float32)


def _exchanged(
    layer: Exchange, tokens: Planes, places: Planes, start: Planes, positions: Planes, first: bool
) -> tuple[Planes, Planes]:
    asking = tokens if first else tokens + start
    among = _attended(layer.among, asking, asking, tokens)
    tokens = normalized(among if first else tokens + among, layer.norms[0])
    tokens = tokens + _asked(layer.to_picture, tokens + start, places + positions, places)
    tokens = normalized(tokens, layer.norms[1])
    inside = np.maximum(linear(tokens, layer.widened), 0)
    tokens = normalized(tokens + linear(inside, layer.narrowed), layer.norms[2])
    places = places + _told(layer.from_picture, places + positions, tokens + start, tokens)
    return tokens, normalized(places, layer.norms[3])


def _heads(values: Planes) -> Planes:
    """[n, c] as [heads, n, c / heads]."""
    return values.reshape(len(values), _HEADS, -1).swapaxes(0, 1)


def _attended(attention: Attention, asking: Planes, asked: Planes, values: Planes) -> Planes:
    queries, keys = _heads(linear(asking, attention.queries)), _heads(linear(asked, attention.keys))
    given = _heads(linear(values, attention.values))
    scores = queries @ keys.swapaxes(-1, -2) / np.float32(np.sqrt(queries.shape[-1]))
    answered = (share(scores) @ given).swapaxes(0, 1).reshape(len(asking), -1)
    return linear(answered, attention.out)


def _asked(attention: Attention, tokens: Planes, asked: Planes, places: Planes) -> Planes:
    """What tokens [t, 256] take from the picture's places [n, 256]: [t, 256]. A key's bias moves all scores of a token
    alike and is left out."""
    queries = _heads(linear(tokens, attention.queries))
    each = queries.shape[-1]
    weighted = queries @ attention.keys.weights.reshape(_HEADS, each, -1)
    scores = np.asarray(weighted.reshape(-1, weighted.shape[-1]) @ asked.T / np.sqrt(each), np.float32)
    gathered = (share(scores) @ places).reshape(_HEADS, len(tokens), -1)
    given = gathered @ attention.values.weights.reshape(_HEADS, each, -1).swapaxes(-1, -2)
    answered = given.swapaxes(0, 1).reshape(len(tokens), -1) + attention.values.bias
    return linear(np.asarray(answered, np.float32), attention.out)


def _told(attention: Attention, asking: Planes, tokens: Planes, values: Planes) -> Planes:
    """What the picture's places [n, 256] take from tokens [t, 256]: [n, 256]."""
    keys, given = _heads(linear(tokens, attention.keys)), _heads(linear(values, attention.values))
    each, count = keys.shape[-1], len(tokens)
    weighted = keys @ attention.queries.weights.reshape(_HEADS, each, -1)
    shift = keys @ attention.queries.bias.reshape(_HEADS, each, 1)
    scores: Planes = asking @ weighted.reshape(_HEADS * count, -1).T + shift.reshape(-1)
    scores = np.asarray(scores / np.sqrt(each), np.float32).reshape(-1, _HEADS, count)
    shares = share(scores).reshape(len(asking), -1)
    out = attention.out.weights.reshape(-1, _HEADS, each).transpose(1, 2, 0)
    return np.asarray(shares @ (given @ out).reshape(_HEADS * count, -1) + attention.out.bias, np.float32)


def _three(values: Planes, layers: tuple[Linear, Linear, Linear]) -> Planes:
    first, second, last = layers
    return linear(np.maximum(linear(np.maximum(linear(values, first), 0), second), 0), last)


def _upscaled(decoder: MaskDecoder, places: Planes) -> Planes:
    """Places [h, w, 256] at four times the size: [4 h, 4 w, 32]."""
    first, norm, second = decoder.upscaling
    return bent(_doubled(bent(normalized(_doubled(places, first), norm, 1e-6)), second))


def _doubled(places: Planes, line: Linear) -> Planes:
    """Each place [h, w, c] spread over two by two, [2 h, 2 w, o], by kernels [c, o, 2, 2]."""
    height, width, _ = places.shape
    outputs = line.weights.shape[1]
    taps = places @ line.weights.transpose(0, 2, 3, 1).reshape(len(line.weights), -1)
    spread = taps.reshape(height, width, 2, 2, outputs).swapaxes(1, 2).reshape(2 * height, 2 * width, outputs)
    return np.asarray(spread + line.bias, np.float32)

"""What the painter looks at: colours and the direction of every form, before any stroke."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from canvas import colour
from numpy.typing import NDArray

Map = NDArray[np.float32]


@dataclass
class View:
    """`colours` float32 [h, w, 3] 0..255, `angle` float32 [h, w] of the strokes in radians, `detail` 0..1."""

    colours: Map
    angle: Map
    detail: Map


def noise(h: int, w: int, cells: int, seed: int, octaves: int = 5, stretch: float = 1.0) -> Map:
    """Fractal value noise, float32 [h, w], mean 0, about -1..1; `stretch` > 1 makes it wide and low."""
    random = np.random.default_rng(seed)
    total = np.zeros((h, w), np.float32)
    for octave in range(octaves):
        across = max(2, round(cells * 2**octave / stretch))
        down = max(2, round(cells * 2**octave * h / w))
        grid = random.uniform(-1, 1, (down + 3, across + 3)).astype(np.float32)
        total += cv2.resize(grid, (w, h), interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return total / 1.4


def ridge(w: int, level: float, height: float, seed: int, peaks: int) -> Map:
    """A mountain range's outline, slopes between random summits and saddles: float32 [w], share of the height."""
    random = np.random.default_rng(seed)
    at = np.linspace(-0.05, 1.05, 2 * peaks + 1) + random.uniform(-0.25, 0.25, 2 * peaks + 1) / peaks / 2
    up = np.where(
        np.arange(2 * peaks + 1) % 2,
        random.uniform(0.55, 1.0, 2 * peaks + 1),
        random.uniform(0.05, 0.35, 2 * peaks + 1),
    )
    line = np.interp(np.linspace(0, 1, w), np.sort(at), up)
    return np.asarray(level - height * (line + 0.10 * noise(8, w, 14, seed, 5)[4]), np.float32)


def mix(one: Map, other: Map, share: Map) -> Map:
    """`other` over `one` by a share [h, w]."""
    return np.asarray(one + (other - one) * share[..., None], np.float32)


def look(h: int, w: int) -> View:
    """The whole view, from the sky to the near bank."""
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    down, across = rows / h, columns / w
    view = View(sky(h, w, down, across), 0.25 * noise(h, w, 3, 2, 3), np.full((h, w), 0.1, np.float32))
    mountains(view, down, ridge(w, 0.44, 0.30, 23, 3), 31, ("#f2d9c4", "#7f8fbd"), 0.6)
    mountains(view, down, ridge(w, 0.46, 0.17, 9, 5), 32, ("#b7a58f", "#4d658c"), 0.8)
    forest(view, down, across)
    lake(view, down, across)
    bank(view, down, across)
    return view


def sky(h: int, w: int, down: Map, across: Map) -> Map:
    stops = np.array([0.0, 0.16, 0.30, 0.42], np.float32)
    paints = np.stack([colour(paint) for paint in ("#4a74b4", "#84a8d2", "#f3cfae", "#fbe3b8")])
    ground = np.stack([np.interp(down, stops, paints[:, channel]) for channel in range(3)], axis=-1).astype(np.float32)
    billow = noise(h, w, 4, 5, 5, 1.7) + 0.25 - 1.6 * np.abs(down - 0.17)
    cover = np.clip(billow * 3.2, 0, 1)
    lit = np.clip((billow - np.roll(billow, -h // 22, axis=0)) * 3 + 0.5, 0, 1)
    cloud = mix(np.broadcast_to(colour("#9a97bd"), ground.shape), np.broadcast_to(colour("#fff0da"), ground.shape), lit)
    glow = np.exp(-(((across - 0.66) / 0.28) ** 2 + ((down - 0.36) / 0.14) ** 2))
    return mix(mix(ground, cloud, cover * 0.9), np.broadcast_to(colour("#fff3cf"), ground.shape), glow * 0.75)


def mountains(view: View, down: Map, line: Map, seed: int, paints: tuple[str, str], steep: float) -> None:
    """Facets lit from the right; the foot fades into the haze."""
    h, w = down.shape
    inside = np.clip((down - line[None]) * h / 1.5, 0, 1)
    rock = noise(h, w, 9, seed, 6)
    rising = cv2.GaussianBlur(np.gradient(line)[None] * w, (0, 0), w / 60)
    gullies = noise(h, w, 16, seed + 1, 4) - 0.5 * np.roll(rock, w // 60, axis=1)
    facet = np.clip(0.5 + 1.5 * (np.roll(rock, w // 70, axis=1) - rock) + 0.9 * np.tanh(1.6 * rising + gullies), 0, 1)
    depth = np.clip((down - line[None]) / 0.2, 0, 1)
    shape = (*down.shape, 3)
    body = mix(np.broadcast_to(colour(paints[1]), shape), np.broadcast_to(colour(paints[0]), shape), facet)
    body = mix(body, np.broadcast_to(colour("#c9cbd8"), shape), depth * 0.55)
    view.colours = mix(view.colours, body, inside)
    view.angle = np.where(inside > 0.5, np.where(facet > 0.5, -steep, steep) + 0.2 * rock, view.angle).astype(
        np.float32
    )
    view.detail = np.where(inside > 0.5, 0.45, view.detail).astype(np.float32)


def forest(view: View, down: Map, across: Map) -> None:
    """Fir trees along the far shore, and hills of them."""
    h, w = down.shape
    random = np.random.default_rng(6)
    for level, height, paint, light, count in (
        (0.47, 0.05, "#5d7f82", "#8aa292", 120),
        (0.505, 0.075, "#38584c", "#7a8f58", 110),
    ):
        crest = level - 0.03 * noise(8, w, 3, round(level * 1000), 3)[4]
        trees = (down > crest[None]).astype(np.uint8) * 255
        for x in random.uniform(0, w, count):
            foot, tall = crest[min(int(x), w - 1)] * h + 6, h * height * random.uniform(0.5, 1.2)
            half = tall * 0.2
            for part in (0.0, 0.3, 0.55):
                top, width = foot - tall * (1 - part), half * (0.4 + part)
                triangle = np.array([(x, top), (x - width, top + tall * 0.45), (x + width, top + tall * 0.45)])
                cv2.fillPoly(trees, [triangle.astype(np.int32)], 255)
        cover = cv2.GaussianBlur(trees, (0, 0), 0.8).astype(np.float32) / 255
        shape = (*down.shape, 3)
        lit = np.clip(noise(h, w, 30, 77, 3) * 1.5 + 0.3 + 0.6 * (across - 0.5), 0, 1)
        green = mix(np.broadcast_to(colour(paint), shape), np.broadcast_to(colour(light), shape), lit)
        view.colours = mix(view.colours, green, cover)
        view.angle = np.where(cover > 0.5, np.pi / 2 + 0.4 * noise(h, w, 20, 78, 2), view.angle).astype(np.float32)
        view.detail = np.where(cover > 0.5, 0.8, view.detail).astype(np.float32)


def lake(view: View, down: Map, across: Map) -> None:
    """Still water: the far shore upside down, ruffled, a little darker and bluer."""
    h, w = down.shape
    shore = 0.53
    inside = down > shore
    ruffle = noise(h, w, 26, 40, 4, 5.0)
    source_y = np.clip((2 * shore - down) * h + ruffle * h * 0.012 * (1 + 6 * (down - shore)), 0, h - 1)
    source_x = np.clip(across * w + ruffle * w * 0.006, 0, w - 1)
    mirror = cv2.remap(view.colours, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    water = mix(mirror * 0.86, np.broadcast_to(colour("#3f6a8c"), mirror.shape), np.clip((down - shore) * 1.8, 0, 0.5))
    glint = np.clip(ruffle * 2.2 - 0.9, 0, 1) * np.exp(-(((across - 0.66) / 0.16) ** 2))
    water = mix(water, np.broadcast_to(colour("#ffe9c0"), mirror.shape), glint)
    view.colours = np.where(inside[..., None], water, view.colours).astype(np.float32)
    view.angle = np.where(inside, 0.04 * ruffle, view.angle).astype(np.float32)
    view.detail = np.where(inside, 0.35 + 0.5 * glint, view.detail).astype(np.float32)


def bank(view: View, down: Map, across: Map) -> None:
    """The near meadow with a path, grass, flowers and stones."""
    h, w = down.shape
    line = (
        0.70
        + 0.13 * (across[0] - 0.45) ** 2 * 3
        - 0.05 * np.sin(across[0] * 5 + 0.6)
        + 0.012 * noise(8, w, 20, 51, 4)[4]
    )
    inside = np.clip((down - line[None]) * h / 2, 0, 1)
    patches = noise(h, w, 7, 52, 5, 2.0)
    near = np.clip((down - line[None]) / 0.3, 0, 1)
    shape = (*down.shape, 3)
    grass = mix(np.broadcast_to(colour("#8f9c4a"), shape), np.broadcast_to(colour("#3f6238"), shape), near)
    grass = mix(grass, np.broadcast_to(colour("#d8c266"), shape), np.clip(patches * 1.3, 0, 0.8) * (1 - 0.4 * near))
    grass = mix(grass, np.broadcast_to(colour("#27452f"), shape), np.clip(-patches * 1.2 - 0.1, 0, 0.8))
    middle = 0.42 + 0.16 * np.sin((down - 0.7) * 9) * near
    path = np.exp(-(((across - middle) / (0.015 + 0.10 * near)) ** 4))
    earth = mix(
        np.broadcast_to(colour("#d3b489"), shape),
        np.broadcast_to(colour("#8d6c50"), shape),
        np.clip(patches + 0.4, 0, 1),
    )
    view.colours = mix(view.colours, mix(grass, earth, path * 0.9), inside)
    blades = np.pi / 2 + 0.5 * noise(h, w, 12, 53, 3)
    view.angle = np.where(inside > 0.5, np.where(path > 0.5, 0.2, blades), view.angle).astype(np.float32)
    view.detail = np.where(inside > 0.5, 0.3 + 0.4 * near, view.detail).astype(np.float32)

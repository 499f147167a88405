"""The segmenting network: that it computes what PyTorch does, takes each tensor of its file for what it is, and reads
no other file than the known one. The published file is no part of this repository: the numbers here are random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from torch.nn import functional

from paints_undo_engine.procedural.reading import networks, segmenter_numbers
from paints_undo_engine.procedural.reading.segmenter_decoder import answer, see
from paints_undo_engine.procedural.reading.segmenter_encoder import encode
from paints_undo_engine.procedural.reading.segmenter_numbers import MaskDecoder, PictureEncoder, read_segmenter

TENSORS = 439
"""So many are in the published file."""
NAME = "mobile_sam_cpu/data/{}"


class Numbers(segmenter_numbers._Tensors):
    """Random tensors of any shape that is asked for, kept in their order."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self.taken: list[np.ndarray | None] = []

    def take(self, *shape: int) -> np.ndarray:
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 16
        made = self._chance.normal(0, 1, shape) / np.sqrt(fan)
        # What is one-dimensional is a scale, a shift or a variance: none may be 0.
        made = np.abs(made) + 0.5 if len(shape) == 1 else made
        self.taken.append(made.astype(np.float32))
        return made.astype(np.float32)

    def skip(self, count: int) -> None:
        self.taken += [None] * count


@pytest.fixture(scope="module")
def network() -> tuple[PictureEncoder, MaskDecoder, list[np.ndarray | None]]:
    numbers = Numbers(4)
    encoder = segmenter_numbers._encoder(numbers)
    return encoder, segmenter_numbers._decoder(numbers), numbers.taken


class Model:
    """The same network as its authors wrote it, from the file's tensors in their order."""

    def __init__(self, tensors: list[np.ndarray | None]) -> None:
        self._left: Iterator[np.ndarray | None] = iter(tensors)

    def next(self) -> torch.Tensor:
        found = next(self._left)
        assert found is not None
        return torch.from_numpy(found)

    def skip(self, count: int) -> None:
        assert all(next(self._left) is None for _ in range(count))

    def conv(self, value: torch.Tensor, stride: int = 1, *, each: bool = False) -> torch.Tensor:
        """A convolution with batch normalization."""
        kernels = self.next()
        if kernels.ndim == 2:
            kernels = kernels[:, :, None, None]
        if each:
            kernels = kernels[:, None] if kernels.ndim == 3 else kernels
        groups = len(kernels) if each else 1
        value = functional.conv2d(value, kernels, None, stride, kernels.shape[-1] // 2, groups=groups)
        scale, shift, mean, variance = (self.next() for _ in range(4))
        self.skip(1)
        return functional.batch_norm(value, mean, variance, scale, shift, False, 0.0, 1e-5)

    def norm(self, value: torch.Tensor, epsilon: float = 1e-5) -> torch.Tensor:
        return functional.layer_norm(value, value.shape[-1:], self.next(), self.next(), epsilon)

    def linear(self, value: torch.Tensor) -> torch.Tensor:
        return functional.linear(value, self.next(), self.next())

    def encoded(self, value: torch.Tensor) -> torch.Tensor:
        value = self.conv(functional.gelu(self.conv(value, 2)), 2)
        for _ in range(2):
            inside = functional.gelu(self.conv(value))
            inside = functional.gelu(self.conv(inside, each=True))
            value = functional.gelu(self.conv(inside) + value)
        value = self.merged(value, 2)
        for heads, side, depth, stride in ((4, 7, 2, 2), (5, 14, 6, 1), (10, 7, 2, 0)):
            for _ in range(depth):
                value = self.block(value, heads, side)
            value = self.merged(value, stride) if stride else value
        for _ in range(4):
            self.next()
        value = functional.conv2d(value, self.next()[:, :, None, None])
        value = self.norm(value.permute(0, 2, 3, 1), 1e-6).permute(0, 3, 1, 2)
        value = functional.conv2d(value, self.next(), padding=1)
        return self.norm(value.permute(0, 2, 3, 1), 1e-6)

    def merged(self, value: torch.Tensor, stride: int) -> torch.Tensor:
        value = functional.gelu(self.conv(value))
        return self.conv(functional.gelu(self.conv(value, stride, each=True)))

    def block(self, value: torch.Tensor, heads: int, side: int) -> torch.Tensor:
        _, width, height, breadth = value.shape
        offsets = self.next()
        framed = functional.pad(value, (0, -breadth % side, 0, -height % side))
        rows, columns = framed.shape[2] // side, framed.shape[3] // side
        windows = framed.reshape(width, rows, side, columns, side).permute(1, 3, 2, 4, 0).reshape(-1, side**2, width)
        asked = self.linear(self.norm(windows)).reshape(len(windows), side**2, heads, -1).permute(0, 2, 1, 3)
        queries, keys, values = asked.chunk(3, -1)
        numbers: dict[tuple[int, int], int] = {}
        table = torch.zeros(side**2, side**2, dtype=torch.long)
        for one in range(side**2):
            for other in range(side**2):
                away = (abs(one // side - other // side), abs(one % side - other % side))
                table[one, other] = numbers.setdefault(away, len(numbers))
        mask = offsets[:, table][None].expand(len(windows), -1, -1, -1)
        found = functional.scaled_dot_product_attention(queries, keys, values, mask)
        found = self.linear(found.permute(0, 2, 1, 3).reshape(len(windows), side**2, width))
        found = found.reshape(rows, columns, side, side, width).permute(4, 0, 2, 1, 3)
        value = value + found.reshape(1, width, rows * side, columns * side)[:, :, :height, :breadth]
        # The two layers for each place come before the neighbours in the file, and after them in the network.
        layers = [self.next() for _ in range(6)]
        value = self.conv(value, each=True).permute(0, 2, 3, 1)
        inside = functional.layer_norm(value, (width,), layers[0], layers[1])
        inside = functional.linear(
            functional.gelu(functional.linear(inside, layers[2], layers[3])), layers[4], layers[5]
        )
        return (value + inside).permute(0, 3, 1, 2)

    def answered(self, places: torch.Tensor, point: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Masks and their quality for places [h, w, 256] and a point x, y as shares of the longer side."""
        frequencies = self.next()

        def placed(at: torch.Tensor) -> torch.Tensor:
            turned = 2 * torch.pi * ((2 * at - 1) @ frequencies)
            return torch.cat([turned.sin(), turned.cos()], -1)

        height, width, _ = places.shape
        self.skip(1)
        label = self.next()
        self.skip(2)
        none = self.next()
        self.skip(10)
        keys = (places + self.next()).reshape(1, height * width, 256)
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        grid = (torch.stack([columns, rows], -1) + 0.5) / max(height, width)
        positions = placed(grid).reshape(1, height * width, 256)
        layers = [self.exchange() for _ in range(2)]
        last, norm = [self.next() for _ in range(8)], [self.next(), self.next()]
        tokens = torch.cat([self.next(), self.next(), (placed(point) + label)[None], none[None]])[None]
        start = tokens
        for number, (among, to, mlp, back, norms) in enumerate(layers):
            asking = tokens if number == 0 else tokens + start
            found = attended(among, asking, asking, tokens)
            tokens = normed(found if number == 0 else tokens + found, norms[0])
            tokens = tokens + attended(to, tokens + start, keys + positions, keys)
            tokens = normed(tokens, norms[1])
            inside = functional.linear(tokens, mlp[0], mlp[1]).relu()
            tokens = normed(tokens + functional.linear(inside, mlp[2], mlp[3]), norms[2])
            keys = keys + attended(back, keys + positions, tokens + start, tokens)
            keys = normed(keys, norms[3])
        tokens = normed(tokens + attended(last, tokens + start, keys + positions, keys), norm)
        drawn = functional.conv_transpose2d(
            keys.reshape(1, height, width, 256).permute(0, 3, 1, 2), self.next(), self.next(), 2
        )
        drawn = functional.gelu(self.norm(drawn.permute(0, 2, 3, 1), 1e-6)).permute(0, 3, 1, 2)
        drawn = functional.gelu(functional.conv_transpose2d(drawn, self.next(), self.next(), 2))[0]
        kernels = [self.three(tokens[0, 1 + mask]) for mask in range(4)]
        masks = torch.einsum("mc,chw->mhw", torch.stack(kernels), drawn)
        return masks[1:], self.three(tokens[0, 0])[1:]

    def three(self, value: torch.Tensor) -> torch.Tensor:
        return self.linear(self.linear(self.linear(value).relu()).relu())

    def exchange(
        self,
    ) -> tuple[
        list[torch.Tensor], list[torch.Tensor], list[torch.Tensor], list[torch.Tensor], list[list[torch.Tensor]]
    ]:
        def some(count: int) -> list[torch.Tensor]:
            return [self.next() for _ in range(count)]

        among, first = some(8), some(2)
        to, second = some(8), some(2)
        mlp, third, fourth = some(4), some(2), some(2)
        return among, to, mlp, some(8), [first, second, third, fourth]


def normed(value: torch.Tensor, norm: list[torch.Tensor]) -> torch.Tensor:
    return functional.layer_norm(value, value.shape[-1:], norm[0], norm[1])


def attended(
    layers: list[torch.Tensor], asking: torch.Tensor, asked: torch.Tensor, values: torch.Tensor
) -> torch.Tensor:
    """Attention of eight heads."""
    parts = [
        functional.linear(value, layers[2 * at], layers[2 * at + 1]).unflatten(-1, (8, -1)).transpose(1, 2)
        for at, value in enumerate((asking, asked, values))
    ]
    found = functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
    return functional.linear(found, layers[6], layers[7])


def test_it_computes_what_pytorch_does(network: tuple[PictureEncoder, MaskDecoder, list[np.ndarray | None]]) -> None:
    encoder, decoder, taken = network
    planes = np.random.default_rng(1).normal(0, 1, (3, 80, 144)).astype(np.float32)
    model = Model(taken)
    with torch.no_grad():
        places = model.encoded(torch.from_numpy(planes)[None])[0]
        point = np.array([0.4, 0.3], np.float32)
        masks, quality = model.answered(places, torch.from_numpy(point))
    found = encode(encoder, planes)
    assert np.allclose(found, places.numpy(), atol=1e-3 * float(places.std()))
    reply = answer(decoder, see(decoder, places.numpy()), point, -np.inf)
    assert reply.masks is not None
    assert reply.masks.shape == (3, 20, 36)
    assert np.allclose(reply.quality, quality.numpy(), atol=1e-3 * float(quality.abs().max()))
    assert np.allclose(reply.masks, masks.numpy(), atol=1e-3 * float(masks.std()))


def test_masks_that_do_not_fit_are_not_drawn(
    network: tuple[PictureEncoder, MaskDecoder, list[np.ndarray | None]],
) -> None:
    _, decoder, _ = network
    seen = see(decoder, np.random.default_rng(2).normal(0, 1, (5, 7, 256)).astype(np.float32))
    assert answer(decoder, seen, np.array([0.5, 0.5], np.float32), np.inf).masks is None


def test_each_tensor_of_the_file_is_taken_or_left_out(
    network: tuple[PictureEncoder, MaskDecoder, list[np.ndarray | None]],
) -> None:
    assert len(network[2]) == TENSORS


def test_another_file_than_the_known_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(tmp_path))
    assert read_segmenter() is None
    place = tmp_path / "figures" / networks.SEGMENTER.name
    place.parent.mkdir()
    numbers = Numbers(5)
    segmenter_numbers._encoder(numbers)
    decoder = segmenter_numbers._decoder(numbers)
    with ZipFile(place, "w") as archive:
        for at, tensor in enumerate(numbers.taken):
            archive.writestr(NAME.format(at), b"" if tensor is None else tensor.astype("<f4").tobytes())
    assert read_segmenter() is None
    data = place.read_bytes()
    known = replace(networks.SEGMENTER, size=len(data), sha256=sha256(data).hexdigest())
    monkeypatch.setattr(segmenter_numbers, "SEGMENTER", known)
    read = read_segmenter()
    assert read is not None
    assert np.array_equal(read[1].quality[2].bias, decoder.quality[2].bias)

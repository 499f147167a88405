"""Edges that a network sees: that it computes what PyTorch does, and reads no other file than the known one. The
published file is no part of this repository: the numbers here are random."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from paints_undo_engine.procedural.reading import edge_network, networks
from paints_undo_engine.procedural.reading.edge_network import Layers, answer_of, find_likely_edges

GREY = np.full((45, 61, 3), 120, np.uint8)


def random_numbers(seed: int) -> bytes:
    """A file with numbers in all places, as small as trained ones."""
    numbers = np.random.default_rng(seed).normal(0, 0.1, networks.EDGES.size // 4 + 1).astype("<f4")
    return numbers.tobytes()[: networks.EDGES.size]


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = random_numbers(3)
    place = folder / "figures" / networks.EDGES.name
    place.parent.mkdir()
    place.write_bytes(data)
    monkeypatch.setattr(edge_network, "EDGES", replace(networks.EDGES, sha256=sha256(data).hexdigest()))
    return place


def by_torch(layers: Layers, planes: np.ndarray) -> np.ndarray:
    """The same network as its authors wrote it."""
    held = {
        name: (torch.from_numpy(np.ascontiguousarray(weight)), torch.from_numpy(np.ascontiguousarray(bias)))
        for name, (weight, bias) in layers.items()
    }

    def smish(value: torch.Tensor) -> torch.Tensor:
        return value * torch.tanh(torch.log(1 + torch.sigmoid(value)))

    def conv(name: str, value: torch.Tensor, stride: int = 1, padding: int = 0, groups: int = 1) -> torch.Tensor:
        weight, bias = held[name]
        return functional.conv2d(value, weight, bias, stride=stride, padding=padding, groups=groups)

    def up(name: str, value: torch.Tensor, layers_of: tuple[int, ...], padding: int) -> torch.Tensor:
        for at in layers_of:
            value = smish(conv(f"{name}.{at}", value))
            weight, bias = held[f"{name}.{at + 2}"]
            value = functional.conv_transpose2d(value, weight, bias, stride=2, padding=padding)
        return value

    first = smish(conv("block_1.conv2", smish(conv("block_1.conv1", torch.from_numpy(planes[None]), 2, 1)), 1, 1))
    second = conv("block_2.conv2", smish(conv("block_2.conv1", first, 1, 1)), 1, 1)
    half = functional.max_pool2d(second, 3, 2, 1)
    dense = smish(half + conv("side_1.conv", first, 2))
    dense = conv("dblock_3.denselayer1.conv2", smish(conv("dblock_3.denselayer1.conv1", dense, 1, 2)))
    third = 0.5 * (dense + conv("pre_dense_3.conv", half))
    answers = [up("up_block_1.features", first, (0,), 0), up("up_block_2.features", second, (0,), 0)]
    joined = torch.cat([*answers, up("up_block_3.features", third, (0, 3), 1)], 1)
    once = conv("block_cat.DWconv1", smish(joined), 1, 1, 3)
    return np.asarray(smish((once + conv("block_cat.DWconv2", smish(once), 1, 1, 24)).sum(1))[0])


def test_it_computes_what_pytorch_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch)
    layers = edge_network._layers()
    assert layers is not None
    planes = np.random.default_rng(1).normal(0, 60, (3, 48, 64)).astype(np.float32)
    expected = by_torch(layers, planes)
    assert float(np.ptp(expected)) > 0.1
    assert np.allclose(answer_of(layers, planes), expected, atol=1e-4)


def test_another_file_than_the_known_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_likely_edges(GREY) is None
    place = installed(tmp_path, monkeypatch)
    likely = find_likely_edges(GREY)
    assert likely is not None
    assert likely.shape == (45, 61)
    assert float(likely.min()) >= 0
    assert float(likely.max()) <= 1
    place.write_bytes(random_numbers(4))
    assert find_likely_edges(GREY) is None

"""A network of our own in ONNX that stands in for U²-Net: what is redder than blue is what a picture is about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from paints_undo_engine.procedural.reading import subject_network
from paints_undo_engine.procedural.reading.networks import SUBJECTS

SIDE = 320


def red_subject(gain: float = 20.0) -> bytes:
    """`sigmoid(gain * (red - blue))` of float32 [1, 3, 320, 320], whose output has the published one's name."""
    weights = numpy_helper.from_array(np.array([gain, 0, -gain], np.float32).reshape(1, 3, 1, 1), "weights")
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input.1", "weights"], ["redder"]),
            helper.make_node("Sigmoid", ["redder"], ["1959"]),
        ],
        "redder than blue",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("1959", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def install_red_subject(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put our network into a folder of models, and make it the one that is known; its file."""
    network = red_subject()
    file = models / "figures" / SUBJECTS.name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(network)
    known = replace(SUBJECTS, size=len(network), sha256=hashlib.sha256(network).hexdigest())
    monkeypatch.setattr(subject_network, "SUBJECTS", known)
    return file

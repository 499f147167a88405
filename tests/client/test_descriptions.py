"""What the clients give of the daemon itself, as plain values."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor

from paints_undo.v1 import admin_pb2, jobs_pb2, models_pb2, server_pb2
from paints_undo_daemon.client import (
    Client,
    ClientUsage,
    EngineInfo,
    EngineState,
    JobState,
    ModelProgress,
    ModelState,
    NodeState,
    ServerInfo,
    descriptions,
)
from paints_undo_daemon.client.reading import read
from paints_undo_engine.stages import Stage


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (JobState, jobs_pb2.JobState.DESCRIPTOR),
        (EngineState, server_pb2.EngineState.DESCRIPTOR),
        (ModelState, models_pb2.ModelState.DESCRIPTOR),
        (NodeState, server_pb2.NodeState.DESCRIPTOR),
    ],
)
def test_the_words_of_states_are_those_of_the_protocol(words: type[StrEnum], enum: EnumDescriptor):
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    assert [prefix + word.name for word in words] == [value.name for value in enum.values[1:]]
    assert [word.value for word in words] == [word.name.lower() for word in words]


RENAMED: dict[str, Any] = {
    "ParameterInfo": server_pb2.Parameter,
    "EngineInfo": server_pb2.Engine,
    "DeviceInfo": server_pb2.Device,
    "MemoryPlanInfo": server_pb2.MemoryPlan,
    "LimitsInfo": server_pb2.Limits,
    "NodeInfo": server_pb2.Node,
    "ExportPresetInfo": server_pb2.ExportPreset,
    "ServerInfo": server_pb2.ServerInfo,
    "ServedModel": models_pb2.Model,
    "ModelProgress": models_pb2.DownloadModelResponse,
    "ClientUsage": admin_pb2.ClientUsage,
    "ClientJob": admin_pb2.ClientJob,
}
NOT_TOLD = {"ParameterInfo": {"enum_names"}, "ClientJob": {"priority"}}
"""What only a program needs that writes the protocol itself."""


def own_kinds() -> list[type[Any]]:
    found = vars(descriptions).values()
    return [kind for kind in found if is_dataclass(kind) and kind.__module__ == descriptions.__name__]  # type: ignore[misc]


@pytest.mark.parametrize("kind", own_kinds(), ids=lambda kind: kind.__name__)
def test_a_value_has_every_field_of_its_message(kind: type[Any]):
    message: Descriptor = RENAMED[kind.__name__].DESCRIPTOR
    told = {item.name for item in fields(kind)} | NOT_TOLD.get(kind.__name__, set())
    assert told == set(message.fields_by_name)


def test_words_of_a_newer_daemon_are_left_out():
    engine = server_pb2.Engine(name="new", state=99, stages=[jobs_pb2.STAGE_TAGS, 99])  # type: ignore[arg-type, list-item]
    info = read(server_pb2.ServerInfo(engines=[engine], jobs_waiting=3), ServerInfo)
    assert info.engines == (EngineInfo(name="new", stages=(Stage.TAGS,)),)
    assert info.jobs_waiting == 3


def test_what_is_absent_is_none():
    usage = admin_pb2.ClientUsage(client="ann")
    usage.last_seen.FromDatetime(datetime(2026, 5, 4, tzinfo=UTC))
    assert read(usage, ClientUsage) == ClientUsage(client="ann", last_seen=datetime(2026, 5, 4, tzinfo=UTC))
    assert read(models_pb2.VerifyModelResponse(file="a", done_bytes=1), ModelProgress) == ModelProgress("a", 1)


def test_a_daemon_describes_itself(client: Client):
    info, models = client.info(), client.models()
    engines = {engine.name: engine for engine in info.engines}
    procedural = engines["procedural"]
    assert (procedural.state, procedural.stages) == (EngineState.READY, tuple(Stage))
    assert {known.name for known in procedural.parameters} >= {"keyframes.seed", "procedural.method"}
    assert info.recommended_engine in engines
    assert {preset.name for preset in info.export_presets if preset.options} >= {"phone"}
    assert info.limits.max_picture_pixels > 0
    assert {model.model_id: model.state for model in models}["paints_undo_single_frame"] in set(ModelState)

"""Clients that have nothing of ours: Node with the .proto files, and a generic one that asks the daemon itself."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from paints_undo_daemon.home import endpoint_file

from .conftest import Client, RunningDaemon, small_painting

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "tests" / "node"


@pytest.mark.node
@pytest.mark.parametrize("listen", ["auto", "127.0.0.1:0"])
def test_node_drives_a_job_from_the_proto_files_alone(listen: str, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(small_painting(seed=11))
    daemon = RunningDaemon(tmp_path / "home", {"listen": listen}).start()
    environment = {**os.environ, "ENDPOINT": str(endpoint_file(daemon.home))}
    environment |= {"PICTURE": str(picture), "PROTO": str(ROOT / "proto")}
    result = subprocess.run(
        ["node", "client.mjs"], cwd=NODE, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert daemon.stop() == 0
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert seen["client"] == "account"
    assert seen["sequences"] == list(range(1, len(seen["sequences"]) + 1))
    assert (seen["kinds"][0], seen["kinds"][-1]) == ("accepted", "finished")
    assert (seen["frames"], seen["intact"], seen["state"]) == (10, True, "JOB_STATE_FINISHED")
    assert (seen["fileName"], seen["exported"] > 100) == ("process.gif", True)
    assert seen["refusal"]["code"] == "INVALID_ARGUMENT"
    assert "keyframes.steps" in seen["refusal"]["details"]
    assert seen["refusal"]["rich"] == 1


@pytest.mark.node
@pytest.mark.parametrize("script", ["lint", "breaking"])
def test_the_protocol_keeps_to_its_style_and_to_what_it_was(script: str) -> None:
    result = subprocess.run(["npm", "run", "-s", script], cwd=NODE, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


class Generic:
    """Knows only how to ask for descriptors."""

    def __init__(self, client: Client) -> None:
        self._channel = client.authorized
        self._reflection = reflection_pb2_grpc.ServerReflectionStub(client.authorized)
        self._pool = descriptor_pool.DescriptorPool()
        self._known: set[str] = set()

    def services(self) -> list[str]:
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answer = next(self._reflection.ServerReflectionInfo(iter([request])))
        return [service.name for service in answer.list_services_response.service]

    def call(self, service: str, method: str, *messages: dict[str, Any]) -> list[Any]:
        self._load(reflection_pb2.ServerReflectionRequest(file_containing_symbol=service))
        described = self._pool.FindServiceByName(service).methods_by_name[method]
        make, answer = (message_factory.GetMessageClass(kind) for kind in (described.input_type, described.output_type))
        path = f"/{service}/{method}"
        requests = [make(**fields) for fields in messages]
        serializers: dict[str, Any] = {
            "request_serializer": make.SerializeToString,
            "response_deserializer": answer.FromString,
        }
        if described.client_streaming:
            return [self._channel.stream_unary(path, **serializers)(iter(requests), timeout=60)]
        if described.server_streaming:
            return list(self._channel.unary_stream(path, **serializers)(requests[0], timeout=60))
        return [self._channel.unary_unary(path, **serializers)(requests[0], timeout=60)]

    def _load(self, request: reflection_pb2.ServerReflectionRequest) -> None:
        answer = next(self._reflection.ServerReflectionInfo(iter([request])))
        for data in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
            if file.name in self._known:
                continue
            self._known.add(file.name)
            for needed in file.dependency:
                self._load(reflection_pb2.ServerReflectionRequest(file_by_filename=needed))
            self._pool.Add(file)


def test_a_generic_client_drives_a_job_by_reflection(client: Client) -> None:
    generic = Generic(client)
    assert {"paints_undo.v1.JobService", "paints_undo.v1.PictureService", "grpc.health.v1.Health"} <= set(
        generic.services()
    )
    data = small_painting(seed=12)
    digest = hashlib.sha256(data).hexdigest()
    generic.call(
        "paints_undo.v1.PictureService",
        "UploadPicture",
        {"header": {"hash": digest, "size_bytes": len(data)}},
        {"chunk": data},
    )
    parameters = {"keyframes": {"operation_steps": [500]}, "interpolation": {"frames": 3}}
    job = generic.call(
        "paints_undo.v1.JobService",
        "CreateJob",
        {"request_id": "generic", "painting_hash": digest, "parameters": parameters},
    )[0]
    events = generic.call("paints_undo.v1.JobService", "WatchJob", {"job_id": job.job_id})
    assert events[-1].event.WhichOneof("kind") == "finished"
    parts = generic.call("paints_undo.v1.JobService", "DownloadFrames", {"job_id": job.job_id})
    assert sum(part.HasField("header") for part in parts) == 5


def test_health_tells_of_the_server_and_of_each_engine(client: Client) -> None:
    stub = health_pb2_grpc.HealthStub(client.authorized)
    serving = health_pb2.HealthCheckResponse.SERVING
    for name in ("", "paints_undo.v1.JobService", "paints_undo.engine.procedural"):
        assert stub.Check(health_pb2.HealthCheckRequest(service=name)).status == serving
    diffusion = stub.Check(health_pb2.HealthCheckRequest(service="paints_undo.engine.diffusion")).status
    assert diffusion in (serving, health_pb2.HealthCheckResponse.NOT_SERVING)
    with pytest.raises(grpc.RpcError) as error:
        stub.Check(health_pb2.HealthCheckRequest(service="nothing"))
    assert error.value.code() is grpc.StatusCode.NOT_FOUND
    watching = stub.Watch(health_pb2.HealthCheckRequest(service=""), timeout=60)
    assert next(iter(watching)).status == serving
    watching.cancel()

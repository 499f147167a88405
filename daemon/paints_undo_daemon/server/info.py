"""ServerService: what this daemon is and can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from paints_undo.v1 import jobs_pb2, server_pb2, server_pb2_grpc
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.access.tokens import OWN_CLIENT
from paints_undo_daemon.cluster.node import Node
from paints_undo_daemon.convert import number_of_word
from paints_undo_daemon.convert_parameters import export_parameters, export_presets, request_parameters
from paints_undo_daemon.errors import NotFoundError
from paints_undo_daemon.home import PROTOCOL_VERSION
from paints_undo_daemon.model_states import memory_plans
from paints_undo_daemon.server.caller import caller, most_bytes, require_account
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.devices import Devices
from paints_undo_daemon.server.readiness import READY, EngineReadiness, Readiness
from paints_undo_daemon.server.reports import failure_error
from paints_undo_engine import __version__
from paints_undo_engine.descriptions import ENGINES, Ability, Description, describe
from paints_undo_engine.errors import UnknownEngineError
from paints_undo_engine.export.presets import FILE_NAME


class ServerService(server_pb2_grpc.ServerServiceServicer):
    """See `proto/paints_undo/v1/server.proto`."""

    def __init__(self, core: Core, readiness: Readiness) -> None:
        self._core = core
        self._readiness = readiness
        self._devices = Devices(core)

    async def GetServerInfo(self, request: server_pb2.GetServerInfoRequest, context: Any) -> server_pb2.ServerInfo:
        """Versions, engines, devices, limits."""
        settings = self._core.settings
        ready = await self._readiness.look()
        devices = self._devices.known()
        recommended, reason = _recommend(ready, devices)
        return server_pb2.ServerInfo(
            version=__version__,
            protocol_version=PROTOCOL_VERSION,
            client=caller.get().client,
            engines=[self._engine(engine, ready[engine.name]) for engine in ENGINES],
            devices=devices,
            memory_plans=memory_plans(),
            limits=server_pb2.Limits(
                max_picture_bytes=settings.max_picture_bytes,
                max_picture_pixels=settings.max_picture_pixels,
                max_picture_side=settings.max_picture_side,
                max_message_bytes=settings.max_message_bytes,
                max_uploads_in_flight=settings.max_uploads_per_connection,
                max_streams=settings.max_streams_per_connection,
                max_queued_jobs=settings.max_queued_jobs_per_client,
                max_client_bytes=most_bytes(settings),
            ),
            jobs_waiting=self._core.dispatcher.jobs_waiting,
            recommended_engine=recommended,
            recommendation_reason=reason,
            free_disk_bytes=self._core.free_disk_bytes(),
            export_parameters=export_parameters(),
            export_presets=await asyncio.to_thread(export_presets, settings.home / FILE_NAME),
            nodes=[_node(node) for node in self._core.nodes()] if caller.get().client == OWN_CLIENT else [],
        )

    async def WarmUp(self, request: server_pb2.WarmUpRequest, context: Any) -> server_pb2.WarmUpResponse:
        """Load an engine in a worker of its lane."""
        try:
            describe(request.engine)
        except UnknownEngineError as error:
            raise NotFoundError(str(error), field="engine") from None
        await self._readiness.require(request.engine, "engine")
        failures: list[worker_pb2.Failure] = []

        def on_report(report: worker_pb2.Report) -> None:
            if report.HasField("failure"):
                failures.append(report.failure)

        who = caller.get()
        task = worker_pb2.Task(load_engine=worker_pb2.LoadEngine(engine=request.engine))
        await self._core.dispatcher.call(task, who.client, who.connection, on_report, request.engine)
        if failures:
            raise failure_error(failures[0])
        return server_pb2.WarmUpResponse()

    async def Unload(self, request: server_pb2.UnloadRequest, context: Any) -> server_pb2.UnloadResponse:
        """End idle workers; only for the account itself, for others wait for them."""
        require_account("unload its engines")
        return server_pb2.UnloadResponse(workers_ended=await self._core.dispatcher.unload())

    async def StopServer(self, request: server_pb2.StopServerRequest, context: Any) -> server_pb2.StopServerResponse:
        """Only for the account itself."""
        require_account("stop it")
        self._core.stopping.set()
        return server_pb2.StopServerResponse()

    def _engine(self, engine: Description, found: EngineReadiness) -> server_pb2.Engine:
        return server_pb2.Engine(
            name=engine.name,
            state=found.state,
            message=found.message,
            parameters=request_parameters(engine),
            default_operation_steps=engine.operation_steps,
            has_layers=Ability.LAYERS in engine.abilities,
            has_operations=Ability.OPERATIONS in engine.abilities,
            can_redo=Ability.REDO in engine.abilities and found.redo,
            has_variants=Ability.VARIANTS in engine.abilities,
            joins_keyframes=Ability.KEYFRAMES in engine.abilities,
            loaded=any(engine.name in executor.loaded for executor in self._core.dispatcher.executors),
            summary=engine.summary,
            stages=[number_of_word(stage, jobs_pb2.Stage.DESCRIPTOR) for stage in engine.stages],
            memory_plans=[plan.name for plan in engine.memory_plans],
            candidates=engine.candidates,
        )


def _node(node: Node) -> server_pb2.Node:
    return server_pb2.Node(
        name=node.name,
        state=number_of_word(node.state, server_pb2.NodeState.DESCRIPTOR),
        message=node.message,
        engines=sorted(node.engines),
        processors=node.processors,
        accelerators=node.accelerators,
        units=node.units,
        lost_units=node.failures,
        sent_bytes=node.sent_bytes,
    )


def _recommend(ready: Mapping[str, EngineReadiness], devices: Sequence[server_pb2.Device]) -> tuple[str, str]:
    """The last engine of the list that suits this machine, and in words why it is not a later one, or why it is."""
    reason = ""
    for engine in reversed(ENGINES):
        found = ready[engine.name]
        problem = found.message if found.state != READY else _lacking_device(engine, devices)
        if not problem:
            return engine.name, reason or "The models and a device for them are here."
        reason = reason or problem
    return ENGINES[0].name, reason


def _lacking_device(engine: Description, devices: Sequence[server_pb2.Device]) -> str:
    """What an engine misses among the devices, in words; empty when one suits it."""
    if not engine.needs_accelerator:
        return ""
    accelerators = [device for device in devices if device.device_id != "cpu"]
    if not accelerators:
        return f"There is no accelerator here, on which the engine {engine.name} would take minutes, not hours."
    least = min((plan.needs for plan in engine.memory_plans if plan.exact), default=0)
    if all(0 < device.memory_bytes < least for device in accelerators):
        return f"No device here has the memory that the engine {engine.name} needs."
    return ""

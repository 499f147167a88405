"""All services of the daemon: ours, gRPC health and reflection."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from paints_undo.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    models_pb2,
    models_pb2_grpc,
    pictures_pb2,
    pictures_pb2_grpc,
    server_pb2,
    server_pb2_grpc,
)
from paints_undo_daemon.server.admin import AdminService
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.health import Health
from paints_undo_daemon.server.info import ServerService
from paints_undo_daemon.server.jobs import JobService
from paints_undo_daemon.server.models import ModelService
from paints_undo_daemon.server.pictures import PictureService
from paints_undo_daemon.server.readiness import Readiness


async def add_services(server: grpc.aio.Server, core: Core, readiness: Readiness) -> Health:
    """Register everything; returns the health service."""
    admin_pb2_grpc.add_AdminServiceServicer_to_server(AdminService(core), server)
    jobs_pb2_grpc.add_JobServiceServicer_to_server(JobService(core, readiness), server)
    models_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(core), server)
    pictures_pb2_grpc.add_PictureServiceServicer_to_server(PictureService(core), server)
    server_pb2_grpc.add_ServerServiceServicer_to_server(ServerService(core, readiness), server)
    names = [
        module.DESCRIPTOR.services_by_name[service].full_name
        for module, service in (
            (admin_pb2, "AdminService"),
            (jobs_pb2, "JobService"),
            (models_pb2, "ModelService"),
            (pictures_pb2, "PictureService"),
            (server_pb2, "ServerService"),
        )
    ]
    servicer = Health(core, readiness, names)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await servicer.begin()
    reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    return servicer

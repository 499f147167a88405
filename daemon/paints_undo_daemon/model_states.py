"""The engine's knowledge of models as the service's messages. Neither torch nor a network is needed for it."""

from __future__ import annotations

from paints_undo.v1 import models_pb2, server_pb2
from paints_undo_daemon.convert import number_of_word
from paints_undo_daemon.privacy import without_folders
from paints_undo_engine.checkpoints import ModelInfo, list_models
from paints_undo_engine.descriptions import ENGINES


def model_to_proto(info: ModelInfo) -> models_pb2.Model:
    """One model."""
    return models_pb2.Model(
        model_id=info.id,
        description=info.description,
        repository=info.repository,
        state=number_of_word(info.state, models_pb2.ModelState.DESCRIPTOR),
        size_bytes=info.size_bytes,
        total_bytes=info.total_bytes,
        revision=info.revision,
        message=without_folders(info.message),
        use=info.use,
        licence=info.licence,
    )


def all_models() -> list[models_pb2.Model]:
    """All models with their state on this machine; looks at the disk."""
    return [model_to_proto(info) for info in list_models()]


def memory_plans() -> list[server_pb2.MemoryPlan]:
    """The memory plans, from the richest to the leanest."""
    plans = {plan.name: plan for engine in ENGINES for plan in engine.memory_plans}
    return [server_pb2.MemoryPlan(name=plan.name, exact=plan.exact, budget_bytes=plan.needs) for plan in plans.values()]

"""Memory plans: what they need, how they are chosen, how components move, 8-bit weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from diffusion.interpolation.networks import conditions, noise, small_unet
from paints_undo_engine.diffusion.float8 import store_in_float8
from paints_undo_engine.diffusion.interpolation.transformers import Context
from paints_undo_engine.diffusion.residency.accounting import peak_activations
from paints_undo_engine.diffusion.residency.budget import Budget
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.devices import choose_device, choose_dtype, free_memory, memory_errors
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS, Plan, choose_plan, plan_named
from paints_undo_engine.errors import EngineUnavailableError, InvalidRequestError, OutOfMemoryError
from paints_undo_engine.request import MEMORY_PLANS


@pytest.fixture(scope="module")
def budget() -> Budget:
    return Budget()


def test_the_vocabulary_is_the_requests() -> None:
    assert ("auto", *(plan.name for plan in PLANS)) == MEMORY_PLANS


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_each_plan_keeps_within_what_it_says(budget: Budget, plan: Plan) -> None:
    peak = budget.peak(plan)
    assert peak <= plan.needs <= plan.budget
    assert peak > 0.8 * plan.needs


def test_leaner_plans_need_less(budget: Budget) -> None:
    peaks = [budget.peak(plan) for plan in PLANS]
    assert peaks == sorted(peaks, reverse=True)


def test_activations_are_a_little_less_than_the_published_models_measured_ones(budget: Budget) -> None:
    phases = {phase.name: phase.activations for phase in budget.phases(plan_named("6gb"))}
    assert 0.75 * 868_953_354 < phases["interval steps"] < 868_953_354


@pytest.mark.parametrize(
    ("free", "name"), [(80, "resident"), (13, "16gb"), (10.5, "12gb"), (7.2, "8gb"), (5.4, "6gb"), (3, "4gb")]
)
def test_the_richest_plan_that_fits_is_chosen(free: float, name: str) -> None:
    assert choose_plan("auto", int(free * GIB)).name == name


def test_nothing_leaves_exact_by_itself() -> None:
    with pytest.raises(OutOfMemoryError, match="allow_fp8"):
        choose_plan("auto", int(2.6 * GIB))
    assert choose_plan("auto", int(2.6 * GIB), allow_fp8=True).name == "4gb-fp8"
    with pytest.raises(InvalidRequestError):
        choose_plan("4gb-fp8", 80 * GIB)


def test_devices() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_dtype(torch.device("cpu")) == torch.float32
    assert choose_dtype(torch.device("cuda")) == torch.float16
    assert free_memory(torch.device("cpu")) > 0
    with pytest.raises(EngineUnavailableError):
        choose_device("abacus")
    with pytest.raises(EngineUnavailableError):
        choose_device("cuda:77")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("no"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    ],
    ids=lambda error: str(error)[:20],
)
def test_running_out_of_memory_names_the_plan(error: RuntimeError) -> None:
    with pytest.raises(OutOfMemoryError, match="8gb"), memory_errors("8gb", torch.device("cpu")):
        raise error


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="same device"), memory_errors("8gb", torch.device("cpu")):
        raise RuntimeError("Expected all tensors to be on the same device")


def test_lean_plans_hold_one_component_at_a_time() -> None:
    device = torch.device("meta")  # a device without memory: moving there and back is all that happens
    parts = {name: Component(lambda: nn.Linear(3, 3)) for name in ("a", "b")}
    lean = Residency(device, plan_named("6gb"), parts)
    home = {}
    for name in ("a", "b", "a"):
        with lean.use(name, nn.Linear) as layer:
            assert layer.weight.device == device
            assert [part.on_device for part in parts.values()] == [key == name for key in parts]
        home.setdefault(name, layer)
        assert home[name] is layer
    lean.clear()
    assert all(layer.weight.device.type == "cpu" for layer in home.values())


def test_rich_plans_keep_what_was_there() -> None:
    parts = {name: Component(lambda: nn.Linear(3, 3)) for name in ("a", "b")}
    rich = Residency(torch.device("meta"), plan_named("resident"), parts)
    for name in parts:
        with rich.use(name, nn.Linear):
            pass
    assert all(part.on_device for part in parts.values())
    rich.change(plan_named("6gb"))
    assert not any(part.on_device for part in parts.values())


def test_tracing_counts_what_lives_at_one_time() -> None:
    def compute() -> torch.Tensor:
        x = torch.zeros(1000, device="meta")
        for _ in range(5):
            x = x + 1
        return x

    assert peak_activations(compute) == 2 * 4000


def test_8_bit_weights_stay_close() -> None:
    exact, stored = small_unet(), small_unet()
    store_in_float8(stored)
    guides = conditions()
    x, t = noise(1, 4, 4, 4, 6, seed=9), torch.tensor([321.0])
    outputs = [model(x, t, Context(guides.text, guides.image), guides.concat) for model in (exact, stored)]
    difference = (outputs[0] - outputs[1]).std() / outputs[0].std()
    assert 0 < difference < 0.2
    shrunk = sum(p.numel() * p.element_size() for p in stored.parameters())
    assert shrunk < 0.3 * sum(p.numel() * p.element_size() for p in exact.parameters())


def test_an_apple_gpu_that_is_full_counts_as_out_of_memory() -> None:
    """Its error is a plain `RuntimeError`."""
    device = torch.device("cpu")
    words = "MPS backend out of memory (MPS allocated: 9.00 GB, other allocations: 1.00 GB, max allowed: 9.07 GB)."
    with pytest.raises(OutOfMemoryError, match="memory plan 6gb"), memory_errors("6gb", device):
        raise RuntimeError(words)
    with pytest.raises(RuntimeError, match="shapes"), memory_errors("6gb", device):
        raise RuntimeError("shapes differ")

"""Memory plans: what they need, how they are chosen, how components move, 8-bit weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from diffusion.interpolation.networks import conditions, noise, small_unet
from paints_undo_engine.descriptions import MEMORY_PLANS
from paints_undo_engine.diffusion import attention, models
from paints_undo_engine.diffusion.attention import attend, sliced_on, slicing
from paints_undo_engine.diffusion.estimate import JobEstimate, job_work
from paints_undo_engine.diffusion.float8 import store_in_float8
from paints_undo_engine.diffusion.full_size.budget import INTERPOLATION_SIZE, Accounting
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.residency.accounting import peak_activations, weight_bytes
from paints_undo_engine.diffusion.residency.choosing import choose_plan, leaner_plan, settle
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.devices import choose_device, choose_dtype, free_memory, memory_errors
from paints_undo_engine.diffusion.residency.needs import MARGIN, OVERHEAD, SLICES, Demand, needs, redo_bytes, table
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS, ResidencyPlan, plan_named
from paints_undo_engine.errors import EngineUnavailableError, InvalidRequestError, OutOfMemoryError, SlowJobError
from paints_undo_engine.request import (
    Branch,
    ExecutionParameters,
    KeyframeParameters,
    ProceduralParameters,
    ProcessRequest,
)
from paints_undo_engine.stages import Stage

DEFAULT = Demand()
EDGES = [
    pytest.param({"frames": 2}, id="2 frames"),
    pytest.param({"frames": 64}, id="64 frames"),
    pytest.param({"keyframes": 1}, id="1 operation step"),
    pytest.param({"keyframes": 64}, id="64 operation steps"),
    pytest.param({"keyframes": 64, "keyframe_pixels": 1024 * 1024}, id="64 keyframes of 1024 x 1024"),
    pytest.param({"frames": 64, "materialises": True}, id="64 frames, scores materialised"),
    pytest.param({"redoes": True}, id="a redo"),
    pytest.param({"redoes": True, "keyframe_pixels": 1024 * 1024, "materialises": True}, id="the largest redo"),
    pytest.param(
        {"frames": 64, "keyframes": 64, "keyframe_pixels": 1024 * 1024, "redoes": True}, id="the largest request"
    ),
]


def test_the_vocabulary_is_the_requests() -> None:
    assert ("auto", *(plan.name for plan in PLANS)) == MEMORY_PLANS


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
@pytest.mark.parametrize("changes", [pytest.param({}, id="default"), *EDGES])
def test_every_request_stays_below_its_plans_name(plan: ResidencyPlan, changes: dict[str, int]) -> None:
    demand = Demand(**changes)  # type: ignore[arg-type]
    settled = settle(plan, demand)
    assert settled is not None
    assert needs(settled, demand) <= settled.budget == plan.budget
    assert (settled.name, settled.fp8) == (plan.name, plan.fp8)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_default_job_runs_as_the_plan_says(plan: ResidencyPlan) -> None:
    assert settle(plan, DEFAULT) == plan


def test_leaner_plans_need_less() -> None:
    sizes = [needs(plan, DEFAULT) for plan in PLANS]
    assert sizes == sorted(sizes, reverse=True)


def test_float32_takes_twice_the_memory_and_still_has_plans() -> None:
    wide = Demand(value_bytes=4)
    assert needs(PLANS[3], wide) > 1.8 * (needs(PLANS[3], DEFAULT) - OVERHEAD)
    assert [plan.name for plan in PLANS if settle(plan, wide) is not None][:3] == ["resident", "16gb", "12gb"]


@given(frames=st.integers(2, 64), keyframes=st.integers(1, 64), sides=st.tuples(*[st.integers(4, 16)] * 2))
def test_what_is_chosen_fits_what_is_free(frames: int, keyframes: int, sides: tuple[int, int]) -> None:
    demand = Demand(keyframes, 64 * 64 * sides[0] * sides[1], frames)
    for free in (24, 12, 8, 6):
        plan = choose_plan("auto", free * GIB, demand)
        assert needs(plan, demand) <= min(plan.budget, free * GIB)


def test_activations_are_a_little_less_than_the_published_models_measured_ones(accounting: Accounting) -> None:
    assert 0.75 * 868_953_354 < accounting.interval_step(1, 16, INTERPOLATION_SIZE) < 868_953_354


@pytest.fixture(scope="module")
def accounting() -> Accounting:
    return Accounting()


def test_the_table_is_what_accounting_gives(accounting: Accounting) -> None:
    """Between the two points of a part lies no larger value: there the peak is less than the straight line."""
    for frames, sides in ((16, 2), (40, 1)):
        traced = accounting.interval_step(sides, frames, INTERPOLATION_SIZE)
        pixels = sides * frames * 448 * 384
        assert 0.8 * table().activations("interval step", pixels) < traced
        assert traced <= MARGIN * table().activations("interval step", pixels)
    traced = accounting.decoding(16, 1, INTERPOLATION_SIZE, streamed=True)
    assert 0.8 < traced / table().activations("interval decoding streamed", 16 * 448 * 384) <= 1
    assert accounting.passing() == table().passing
    assert weight_bytes(accounting.redo_networks) == table().redo
    size = (640, 512)
    traced = accounting.redo_step(2, size)
    assert 0.8 < traced / table().activations("redo step", 2 * 640 * 512) <= MARGIN


def test_a_redo_in_float32_is_refused_where_it_would_not_fit() -> None:
    redo = Demand(redoes=True, value_bytes=4)
    assert redo_bytes(redo) > 5 * GIB
    with pytest.raises(OutOfMemoryError, match="4gb cannot hold"):
        choose_plan("4gb", 80 * GIB, redo)
    assert redo_bytes(Demand(redoes=True)) < 4 * GIB


def test_attention_of_other_libraries_networks_is_cut_into_slices_as_well() -> None:
    """A guided step for one keyframe has 3 GiB of scores, with their softmax, on its uppermost level."""
    plain = Accounting(materialised=True)
    batch, size = 2, (640, 512)
    known = table().activations("keyframe step", batch * size[0] * size[1])
    assert plain.keyframe_step(batch, size) <= MARGIN * known + SLICES
    assert plain.redo_step(2, size) <= MARGIN * table().activations("redo step", 2 * size[0] * size[1]) + SLICES
    largest = 1024 * 1024
    assert plain.keyframe_decoding((1024, 1024)) <= table().activations("keyframe decoding", largest) + SLICES


def test_slices_of_torchs_attention_give_what_the_whole_gives() -> None:
    draw = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(3, 2, length, 8, generator=draw) for length in (70, 50, 50))
    mask = torch.ones(70, 50, dtype=torch.bool)
    whole, masked = scaled_dot_product_attention(q, k, v), scaled_dot_product_attention(q, k, v, attn_mask=mask)
    with pytest.MonkeyPatch.context() as patch, sliced_on("cpu"), slicing(torch.device("cpu")):
        patch.setattr(attention, "SLICE_BYTES", 2 * 50 * 2 * 4 * 7)
        torch.testing.assert_close(scaled_dot_product_attention(q, k, v, attn_mask=None, dropout_p=0.0), whole)
        torch.testing.assert_close(scaled_dot_product_attention(q, k, v, attn_mask=mask), masked)


def test_materialised_scores_stay_within_what_slices_are_given() -> None:
    """Attention at the decoder's second level has 10,752 queries and 21,504 keys of 8 heads for every frame."""
    q = torch.zeros(16, 10752, 8, 64, dtype=torch.float16, device="meta")
    k = torch.zeros(16, 21504, 8, 64, dtype=torch.float16, device="meta")
    with sliced_on("meta"):
        sliced = peak_activations(lambda: attend(q, k, k), materialised=True)
    whole = peak_activations(lambda: attend(q, k, k), materialised=True)
    assert whole > 100 * GIB
    given, result = 2 * (q.numel() + k.numel()), 2 * q.numel()
    assert sliced <= given + 2 * result + SLICES


def test_slices_give_what_the_whole_gives() -> None:
    draw = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(3, length, 2, 8, generator=draw) for length in (70, 50, 50))
    whole = attend(q, k, v)
    with pytest.MonkeyPatch.context() as patch, sliced_on("cpu"):
        patch.setattr(attention, "SLICE_BYTES", 2 * 50 * 2 * 4 * 7)
        torch.testing.assert_close(attend(q, k, v), whole)


@pytest.mark.parametrize(
    ("free", "name"), [(80, "resident"), (12.5, "16gb"), (10.2, "12gb"), (7.2, "8gb"), (4.8, "6gb"), (3, "4gb")]
)
def test_the_richest_plan_that_fits_is_chosen(free: float, name: str) -> None:
    assert choose_plan("auto", int(free * GIB), DEFAULT).name == name


def test_nothing_leaves_exact_by_itself() -> None:
    with pytest.raises(OutOfMemoryError, match="allow_fp8"):
        choose_plan("auto", 2 * GIB, DEFAULT)
    with pytest.raises(InvalidRequestError):
        choose_plan("4gb-fp8", 80 * GIB, DEFAULT)
    exact, inexact = (leaner_plan("4gb", DEFAULT, allow_fp8=allowed) for allowed in (False, True))
    assert exact is None
    assert inexact is not None
    assert inexact.fp8


def test_a_plan_that_cannot_hold_a_request_is_refused() -> None:
    with pytest.raises(OutOfMemoryError, match="4gb cannot hold"):
        choose_plan("4gb", 80 * GIB, Demand(frames=64, value_bytes=4))


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
    home: dict[str, nn.Linear] = {}
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


def test_a_default_job_costs_what_its_parts_cost() -> None:
    """The counts of `docs/performance.md`: 645 TFLOP for keyframes, 1370 for each of seven intervals."""
    work = job_work(ProcessRequest(engine="diffusion"), DEFAULT)
    assert work.keyframes == pytest.approx(645, rel=0.01)
    assert work.intervals == pytest.approx(7 * 1370, rel=0.01)
    keyframes_alone = job_work(ProcessRequest(engine="diffusion", stop_after=Stage.KEYFRAMES), DEFAULT)
    assert (keyframes_alone.keyframes, keyframes_alone.intervals) == (work.keyframes, 0)
    branches = ProceduralParameters(branches=(Branch(500, 1), Branch(300, 2)))
    branched = job_work(ProcessRequest(engine="diffusion", procedural=branches), DEFAULT)
    assert work.redo == 0
    assert branched.redo == pytest.approx(2 * 75, rel=0.01)


@pytest.mark.parametrize(
    ("seconds", "words"), [(20, "less than a minute"), (240, "4 minutes"), (2 * 86400, "2 days"), (7200, "2 hours")]
)
def test_an_estimate_in_words(seconds: float, words: str) -> None:
    assert JobEstimate(int(9.8 * GIB), seconds).words() == f"about 9.8 GB of memory and {words}"


def test_a_job_of_many_hours_of_a_processor_runs_only_when_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """At full size; estimated from the processor's own rate, so that figures vary, but not that they are long."""

    def nowhere(model: str) -> Path:
        raise EngineUnavailableError(f"{model} is not here.")

    monkeypatch.setattr(models, "available_memory", lambda _: 64 * GIB)
    here = models.ModelComponents(nowhere, "cpu")
    request = ProcessRequest(engine="diffusion", keyframes=KeyframeParameters(operation_steps=tuple(range(64))))
    demand = here.demand(request, (1024, 1024), INTERPOLATION_SIZE)
    with pytest.raises(SlowJobError, match=r"takes about .* GB of memory and \d+ (hours|days)\. Allow it \(--yes"):
        list(here.prepare(request, demand))
    allowed = replace(request, execution=ExecutionParameters(allow_slow=True))
    (change,) = here.prepare(allowed, demand)
    assert change.plan == "resident"
    assert "hours" in change.reason or "days" in change.reason

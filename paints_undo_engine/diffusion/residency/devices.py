"""Which device and dtype, how much memory is free, and what happens when it does not suffice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from paints_undo_engine.errors import EngineUnavailableError, OutOfMemoryError


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name` (``cuda``, ``cuda:1``, ``mps``, ``xpu``, ``cpu``), or the best there is for ``auto``.

    ROCm appears as ``cuda``, as in torch itself. Raises `EngineUnavailableError` when the device is not there.
    """
    if name == "auto":
        return next(torch.device(kind) for kind in ("cuda", "xpu", "mps", "cpu") if _present(torch.device(kind)))
    try:
        device = torch.device(name)
    except RuntimeError:
        raise EngineUnavailableError(f"{name!r} is no device; use auto, cuda, cuda:0, xpu, mps or cpu.") from None
    if not _present(device):
        raise EngineUnavailableError(f"The device {name} is not available here; use auto, or install torch for it.")
    return device


def _present(device: torch.device) -> bool:
    if device.type == "cpu":
        return True
    if device.type == "mps":
        return torch.backends.mps.is_available()
    if device.type not in ("cuda", "xpu"):
        return False
    module = torch.get_device_module(device.type)
    return bool(module.is_available()) and (device.index or 0) < int(module.device_count())


def choose_dtype(device: torch.device) -> torch.dtype:
    """float16 on accelerators, as published; float32 on the CPU."""
    return torch.float32 if device.type == "cpu" else torch.float16


def widest(device: torch.device) -> torch.dtype:
    """The most exact floating-point type of a device: Apple's GPUs have no float64."""
    return torch.float32 if device.type == "mps" else torch.float64


def free_memory(device: torch.device) -> int:
    """Bytes that this process may still take on `device` (of the machine's memory for cpu and mps)."""
    if device.type in ("cuda", "xpu"):
        free, _ = torch.get_device_module(device.type).mem_get_info(device)
        return int(free)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return _machine_memory()


def _machine_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 16 * 2**30


def release(device: torch.device) -> None:
    """Give cached memory that nothing uses back to the device."""
    if device.type in ("cuda", "xpu", "mps"):
        torch.get_device_module(device.type).empty_cache()


@contextmanager
def memory_errors(plan: str, device: torch.device) -> Iterator[None]:
    """Turn the device's out-of-memory error into the engine's own, which names the plan.

    torch gives that error a type of its own, but for Apple's GPUs.
    """
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, torch.OutOfMemoryError) or "MPS backend out of memory" in str(error)):
            raise
        release(device)
        raise OutOfMemoryError(
            f"{device} has too little free memory for the memory plan {plan}; use a leaner one or close other programs."
        ) from error

"""Which device and dtype, how much memory is free, and what happens when it does not suffice."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

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


def device_name(device: torch.device) -> str:
    """What the device is called, such as ``NVIDIA GeForce RTX 3060``; a processor by its architecture."""
    if device.type in ("cuda", "xpu"):
        return str(torch.get_device_module(device.type).get_device_name(device))
    return platform.processor() or platform.machine()


class Precision(StrEnum):
    """The number format that the models compute in; samplers compute in float32 always."""

    AUTO = "auto"
    FP16 = "fp16"
    BF16 = "bf16"
    FP32 = "fp32"


def choose_dtype(device: torch.device, precision: Precision = Precision.AUTO) -> torch.dtype:
    """The dtype of a precision; `auto` is float16 on accelerators, as published, and float32 on the CPU.

    Raises `EngineUnavailableError` for bf16 on a device that does not have it.
    """
    if precision is Precision.AUTO:
        return torch.float32 if device.type == "cpu" else torch.float16
    if precision is Precision.BF16 and not has_bfloat16(device):
        raise EngineUnavailableError(f"{device} does not compute in bf16; choose the precision fp16 or fp32.")
    return _DTYPES[precision]


def has_bfloat16(device: torch.device) -> bool:
    """Whether `device` computes in bfloat16 by itself; what emulates it is slow, or refuses convolutions."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "mps":
        return torch.backends.mps.is_macos_or_newer(14, 0)
    return _processor_has_bfloat16() if device.type == "cpu" else True


def _processor_has_bfloat16() -> bool:
    """Whether the processor multiplies matrices in bfloat16: AMX or AVX-512 BF16 of x86, or ARM's instructions."""
    if platform.machine().lower() in ("x86_64", "amd64"):
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def keyframe_vae_dtype(device: torch.device, dtype: torch.dtype) -> torch.dtype:
    """The keyframe VAE's dtype beside networks in `dtype`: it overflows in float16, and is published in bfloat16."""
    if dtype != torch.float16:
        return dtype
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


_DTYPES = {Precision.FP16: torch.float16, Precision.BF16: torch.bfloat16, Precision.FP32: torch.float32}


def free_memory(device: torch.device) -> int:
    """Bytes that this process may still take on `device` (of the machine's memory for cpu and mps)."""
    if device.type in ("cuda", "xpu"):
        free, _ = torch.get_device_module(device.type).mem_get_info(device)
        return int(free)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return _machine_memory()


def available_memory(device: torch.device) -> int:
    """Bytes that the models may take on `device` in all: what is free, and what this process holds already.

    On the CPU no more than half of the machine's memory: the rest is the artist's.
    """
    if device.type in ("cuda", "xpu"):
        return free_memory(device) + int(torch.get_device_module(device.type).memory_reserved(device))
    return free_memory(device) if device.type == "mps" else min(total_memory() // 2, free_memory(device) + _held())


def hold_to(device: torch.device, budget: int) -> None:
    """Let torch's allocator take no more than `budget` bytes of `device`; beyond it memory has run out.

    Without this, drivers on Windows go on in the machine's own memory, at a tenth of the speed.
    """
    if device.type != "cuda":
        return
    total = torch.cuda.get_device_properties(device).total_memory
    share = (budget - _OUTSIDE_THE_ALLOCATOR) / total
    torch.cuda.set_per_process_memory_fraction(min(1.0, share), device)


def total_memory() -> int:
    """Bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return _UNKNOWN_MEMORY


def _machine_memory() -> int:
    """What programs can still get: what is free, and what the system would give back of its caches."""
    return _kibibytes("/proc/meminfo", "MemAvailable") or total_memory()


def _held() -> int:
    """Bytes of the machine's memory that this process has to itself, as far as the system tells."""
    return _kibibytes("/proc/self/status", "RssAnon")


def _kibibytes(file: str, name: str) -> int:
    """Bytes of a figure that Linux lists in kB; 0 where it does not."""
    try:
        lines = Path(file).read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def release(device: torch.device) -> None:
    """Give cached memory that nothing uses back to the device."""
    if device.type in ("cuda", "xpu", "mps"):
        torch.get_device_module(device.type).empty_cache()


def ran_out(error: BaseException) -> bool:
    """Whether `error` says that memory did not suffice.

    Torch's own allocators for accelerators have a class for that; drivers and their libraries, Apple's allocator and
    the CPU's say it in words.
    """
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _RAN_OUT)
    )


@contextmanager
def memory_errors(plan: str, device: torch.device) -> Iterator[None]:
    """Turn a lack of memory into the engine's own error, which names the plan, and give back what the work held."""
    try:
        yield
    except RuntimeError as error:
        if not ran_out(error):
            raise
        traceback.clear_frames(error.__traceback__)  # their tensors would live as long as the error does
        release(device)
        raise OutOfMemoryError(
            f"{device} has too little free memory for the memory plan {plan}; use a leaner one or close other programs."
        ) from error


_OUTSIDE_THE_ALLOCATOR = 500 * 2**20
"""Bytes of a plan's overhead that torch's allocator does not know of: the context and the kernels."""
_UNKNOWN_MEMORY = 16 * 2**30
_RAN_OUT = ("out of memory", "OUT_OF_DEVICE_MEMORY", "ALLOC_FAILED", "not enough memory", "can't allocate memory")

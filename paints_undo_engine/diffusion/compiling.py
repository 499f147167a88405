"""Compiled blocks (`torch.compile`), made beside the work and never in front of it (docs/performance.md).

A network repeats a few kinds of blocks: each kind is compiled once for every shape, which takes seconds instead of the
minutes of a whole network. The first unit runs uncompiled and shows which shapes there are; a thread compiles
imitations of the blocks, with weights and inputs of its own; the unit that begins after the last one is ready uses
them. Nothing changes within a unit. Where compiling fails, everything goes on uncompiled, with the same results.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn

from paints_undo_engine.diffusion.compile_state import CompileState, forget_cache, use_cache, write_state
from paints_undo_engine.diffusion.interpolation.attention_blocks import SpatialTransformer, TemporalTransformer
from paints_undo_engine.diffusion.interpolation.layers import ResBlock
from paints_undo_engine.diffusion.residency.devices import free_memory, ran_out, release

Signature = tuple[Any, ...]
"""What compiled code depends on: a block's kind, constants and weights, and its inputs; of tensors only their form."""

_REPEATED = (ResBlock, SpatialTransformer, TemporalTransformer, ResnetBlock2D, BasicTransformerBlock)
_ROOM = 2 * 2**30
"""Bytes that must be free on an accelerator: an imitation of the largest block takes about half of that."""
_PROCESSES = 4
"""The artist works on the same machine."""
_NO_ROOM = "Too little device memory is free to compile beside the work."
_SHAPES = 256
_REASON = 300
"""Characters of a compiler's message that are kept."""

_log = logging.getLogger(__name__)


def repeated_blocks(model: nn.Module) -> Iterator[nn.Module]:
    """The blocks that occur many times with few different shapes: what is worth compiling."""
    return (module for module in model.modules() if isinstance(module, _REPEATED))


class Compiler:
    """Compiles the repeated blocks of the models that are attached to it. `state` says how far it is."""

    def __init__(self, device: torch.device, *, on: bool = True, backend: Any = "inductor") -> None:
        """Touches nothing before the first block runs. `backend` as for `torch.compile`."""
        self._device = device
        self._backend = backend
        self._on = on
        self.state = CompileState(*(("waiting", "Nothing has been computed yet.") if on else ("off", "Not asked for.")))
        self._waiting: dict[Signature, Callable[[], Any]] = {}
        self._ready: set[Signature] = set()
        self._active: frozenset[Signature] = frozenset()
        self._compiled: dict[type[nn.Module], Any] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._seconds = 0.0

    @property
    def active(self) -> bool:
        """Whether compiled blocks are in use since the last `begin`."""
        return bool(self._active)

    def attach(self, model: nn.Module) -> None:
        """Watch a model's repeated blocks."""
        if self._on:
            for block in repeated_blocks(model):
                block.__dict__["forward"] = partial(self._forward, weakref.ref(block), {})

    def begin(self) -> None:
        """A unit begins: use what is ready, if nothing is still to be compiled; go on compiling otherwise."""
        with self._lock:
            if self._on and not self._waiting and self._ready:
                torch._dynamo.config.recompile_limit = 1  # this thread's: it fails rather than waits for a compiler
                self._active = frozenset(self._ready)
        self._start()

    def wait(self, seconds: float | None = None) -> None:
        """Until everything that is known is compiled, or has failed, but not longer than `seconds`."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def close(self) -> None:
        """Compile nothing more; what runs is left to end by itself."""
        self._on = False
        with self._lock:
            self._waiting.clear()
        self._active = frozenset()

    def _forward(self, reference: weakref.ref[nn.Module], kept: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        block = reference()
        assert block is not None
        kind = type(block)
        if not self._on or not torch.is_inference_mode_enabled():  # for which alone the code is compiled
            return kind.forward(block, *args, **kwargs)
        if "block" not in kept:
            kept["block"] = tuple(_constants(module) for module in block.modules())
        signature = (kept["block"], _describe(args), _describe(kwargs))
        if signature not in self._active:
            self._want(signature, block, args, kwargs)
            return kind.forward(block, *args, **kwargs)
        try:
            return self._compiled[kind](block, *args, **kwargs)
        except Exception as error:
            if ran_out(error):
                raise
            self._fail(error)
        return kind.forward(block, *args, **kwargs)

    def _want(self, signature: Signature, block: nn.Module, args: Any, kwargs: Any) -> None:
        with self._lock:
            if signature in self._ready or signature in self._waiting:
                return
            self._waiting[signature] = partial(
                self._compile, partial(_imitation, _skeleton(block)), _describe(args), _describe(kwargs)
            )
        self._start()

    def _start(self) -> None:
        with self._lock:
            if not self._on or not self._waiting or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="compiler", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            if self._backend == "inductor":
                use_cache()
            with _beside(self._device):
                while self._on:
                    if self._device.type != "cpu" and free_memory(self._device) < _ROOM:
                        self._tell("waiting", _NO_ROOM)
                        return
                    with self._lock:
                        entry = next(iter(self._waiting.items()), None)
                    if entry is None:
                        break
                    self._tell("compiling", f"{len(self._ready)} block shapes are ready, {len(self._waiting)} are not.")
                    started = time.monotonic()
                    entry[1]()
                    self._seconds += time.monotonic() - started
                    with self._lock:
                        self._ready.add(entry[0])
                        self._waiting.pop(entry[0], None)
            if self._on:
                self._tell("ready", "Blocks are compiled.")
        except Exception as error:
            if ran_out(error):
                self._tell("waiting", _NO_ROOM)
            else:
                self._fail(error)
        finally:
            release(self._device)  # what this stream has held is of no use to the others

    def _compile(self, imitate: Callable[[torch.device], nn.Module], args: Any, kwargs: Any) -> None:
        block = imitate(self._device)
        kind = type(block)
        if kind not in self._compiled:
            self._compiled[kind] = torch.compile(kind.forward, backend=self._backend, dynamic=False, fullgraph=True)
        self._compiled[kind](block, *_made(args, self._device), **dict(_made(kwargs, self._device)))

    def _fail(self, error: Exception) -> None:
        self.close()
        text = " ".join(str(error).partition("\n\nSet TORCH")[0].split())
        reason = f"{type(error).__name__}: {text[:_REASON]}"
        _log.warning("Compiling is not possible here; everything runs uncompiled. %s", reason)
        self._tell("failed", reason)
        if self._backend == "inductor":
            forget_cache()

    def _tell(self, state: str, text: str) -> None:
        device = str(self._device)
        self.state = CompileState(state, text, len(self._ready), self._seconds, torch.__version__, device)
        if self._backend == "inductor":
            with contextlib.suppress(OSError):
                write_state(self.state)


@contextlib.contextmanager
def _beside(device: torch.device) -> Iterator[None]:
    """Inference in this thread, on an accelerator in a stream of its own."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        stack.enter_context(torch._dynamo.config.patch(recompile_limit=_SHAPES, accumulated_recompile_limit=_SHAPES))
        stack.enter_context(torch._inductor.config.patch(compile_threads=_processes()))
        if device.type == "cuda":
            stack.enter_context(torch.cuda.device(device))
            stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            stack.enter_context(torch.cuda.stream(stream))
        yield


def _processes() -> int:
    """How many processes torch's compiler may have, unless its own variable says so."""
    own = int(torch._inductor.config.decide_compile_threads())
    return own if "TORCHINDUCTOR_COMPILE_THREADS" in os.environ else min(_PROCESSES, own)


def _constants(module: nn.Module) -> tuple[Any, ...]:
    tensors = (_describe(tensor) for tensor in (*module._parameters.values(), *module._buffers.values()))
    plain = ((name, type(v), v) for name, v in vars(module).items() if isinstance(v, bool | int | float | str))
    return (type(module), *tensors, *plain)


class _Shape(tuple[Any, ...]):
    """A tensor's shape, strides and dtype, and whether it was made for inference only, which compiled code heeds."""

    __slots__ = ()


def _describe(value: Any) -> Any:
    match value:
        case Tensor():
            return _Shape((tuple(value.shape), value.stride(), value.dtype, value.is_inference()))
        case tuple():
            return tuple(_describe(part) for part in value)
        case dict():
            return tuple((name, _describe(part)) for name, part in value.items())
    return value


def _made(value: Any, device: torch.device) -> Any:
    """What `_describe` has described, with new tensors of any values; dicts have become tuples of pairs."""
    match value:
        case _Shape():
            shape, strides, dtype, inference = value
            with torch.inference_mode(inference):
                return torch.empty_strided(shape, strides, dtype=dtype, device=device)
        case tuple():
            return tuple(_made(part, device) for part in value)
    return value


def _skeleton(block: nn.Module) -> nn.Module:
    """A copy of a block on the meta device."""
    own = block.__dict__.pop("forward")
    try:
        return _imitation(block, torch.device("meta"))
    finally:
        block.__dict__["forward"] = own


def _imitation(block: nn.Module, device: torch.device) -> nn.Module:
    """A copy of a block with weights of any values on `device`."""
    memo: dict[int, Any] = {id(t): _like(t, device) for t in (*block.parameters(), *block.buffers())}
    return copy.deepcopy(block, memo)


def _like(tensor: Tensor, device: torch.device) -> Tensor:
    made: Tensor = _made(_describe(tensor), device)
    with torch.inference_mode(tensor.is_inference()):
        return nn.Parameter(made, requires_grad=False) if isinstance(tensor, nn.Parameter) else made

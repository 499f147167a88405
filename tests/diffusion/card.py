"""A graphics card that is none: what is said to lie on it lies on the CPU, and is treated as strictly as on a card.

Every operation is computed for real, and fails where a card fails: when its tensors lie in two places, or when memory
does not suffice. `faults` tells of work in two streams without an order between them, of memory that is freed while
another stream uses it, and of pinned memory that is changed while it is copied. For that each stream, and the program
itself, has a clock: what it has done, and what it knows of the others.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CUDA = torch.device("cuda", 0)
CPU = torch.device("cpu")

Clock = dict[int, int]


class Line:
    """Who does one thing after the other: a stream, or the program itself. Stands for `torch.cuda.Stream` too."""

    def __init__(self, _device: object = None) -> None:
        self.clock: Clock = {id(self): 0}

    def advance(self) -> tuple[int, int]:
        """The moment of the next thing that is done here."""
        self.clock[id(self)] += 1
        return id(self), self.clock[id(self)]

    def learn(self, clock: Clock) -> None:
        """Everything before `clock` is done."""
        for line, moment in clock.items():
            self.clock[line] = max(self.clock.get(line, 0), moment)

    def knows(self, moment: tuple[int, int]) -> bool:
        return self.clock.get(moment[0], 0) >= moment[1]

    def record_event(self) -> Clock:
        return dict(self.clock)

    def wait_event(self, event: Clock) -> None:
        self.learn(event)

    def wait_stream(self, other: Line) -> None:
        self.learn(other.clock)


class Memory:
    """One storage: where it is, in whose order it was made, and who has read and written it last."""

    def __init__(self, size: int, on_card: bool, maker: Line) -> None:
        self.size = size
        self.on_card = on_card
        self.maker = maker
        self.pinned = False
        self.written: tuple[int, int] | None = None
        self.read: Clock = {}


class Card:
    """The card's memory and streams. `limit` is how many bytes it has; `used` and `peak` are those in use."""

    def __init__(self, limit: int = 2**40) -> None:
        self.limit = limit
        self.used = 0
        self.peak = 0
        self.faults: list[str] = []
        self.allocations = 0
        self.fail_at: int | None = None
        self.program = Line()
        self.default = Line()
        self.current = self.default
        self._streams = [self.default]
        self._known: dict[int, Memory] = {}

    def memory(self, tensor: Tensor) -> Memory:
        """What is known of a tensor's storage."""
        storage = tensor.untyped_storage()
        known = self._known.get(storage._cdata)
        return known if known is not None else self.place(tensor, on_card=False)

    def is_here(self, tensor: Tensor) -> bool:
        return self.memory(tensor).on_card

    def place(self, tensor: Tensor, *, on_card: bool) -> Memory:
        """Note a new storage. Raises `torch.OutOfMemoryError` when the card has no room for it."""
        storage = tensor.untyped_storage()
        size = storage.nbytes()
        if on_card and tensor.dtype == torch.float64:
            self.faults.append("a float64 is on the card; some have none")
        if on_card:
            self.allocations += 1
            if self.used + size > self.limit or self.allocations == self.fail_at:
                raise torch.OutOfMemoryError(f"The card has no {size} bytes left.")
            self.used += size
            self.peak = max(self.peak, self.used)
        made = Memory(size, on_card, self.current if on_card else self.program)
        if storage._cdata not in self._known:
            weakref.finalize(storage, self._free, storage._cdata)
        self._known[storage._cdata] = made
        return made

    def _free(self, key: int) -> None:
        memory = self._known.pop(key)
        if memory.on_card:
            self.used -= memory.size
            moments = [*memory.read.items(), *([memory.written] if memory.written else [])]
            if not all(memory.maker.knows(moment) for moment in moments):
                self.faults.append("memory was freed while another stream used it")

    def use(self, line: Line, reads: list[Tensor], writes: list[Tensor], what: str) -> None:
        """Something is done in a line: check that it comes after what it depends on."""
        line.learn(self.program.clock)
        moment = line.advance()
        for tensor in reads:
            memory = self.memory(tensor)
            if memory.written and not line.knows(memory.written):
                self.faults.append(f"{what} reads what is still being written")
            memory.read[moment[0]] = moment[1]
        for tensor in writes:
            memory = self.memory(tensor)
            others = [*memory.read.items(), *([memory.written] if memory.written else [])]
            if not all(line.knows(other) for other in others):
                self.faults.append(f"{what} writes over what is still in use")
            memory.written = moment

    def copied(self, source: Tensor, target: Tensor, *, waits: bool) -> None:
        """A copy to, from or on the card; the program `waits` for it, but for copies of memory that is pinned."""
        both_here = self.is_here(source) and self.is_here(target)
        self.use(self.current, [source], [target], "a copy")
        host = target if self.is_here(source) else source
        if not both_here and (waits or not self.memory(host).pinned):
            self.program.learn(self.current.clock)

    def synchronize(self, _device: object = None) -> None:
        for stream in self._streams:
            self.program.learn(stream.clock)
        for stream in self._streams:
            stream.learn(self.program.clock)

    def stream(self, _device: object = None) -> Line:
        made = Line()
        made.learn(self.program.clock)
        self._streams.append(made)
        return made

    @contextlib.contextmanager
    def within(self, stream: Line) -> Iterator[None]:
        before, self.current = self.current, stream
        try:
            yield
        finally:
            self.current = before


class Python(TorchFunctionMode):
    """Lets programs speak of the card: devices in calls, and a tensor's own."""

    def __init__(self, card: Card) -> None:
        super().__init__()
        self._card = card

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if func == Tensor.device.__get__:
            return CUDA if self._card.is_here(args[0]) else func(*args)
        if func == Tensor.is_cuda.__get__:  # type: ignore[attr-defined]
            return self._card.is_here(args[0])
        if func is Tensor.cpu:
            return self._moved(args[0], CPU, {})
        if func is Tensor.cuda:
            return self._moved(args[0], CUDA, {})
        if func is Tensor.to:
            return self._to(args[0], args[1:], named)
        if func is Tensor.pin_memory:
            return self._made(torch.clone, args, {"pin_memory": True})
        if func is Tensor.numpy and self._card.is_here(args[0]):
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        device = named.get("device")
        if device is None or torch.device(device).type != "cuda":
            return self._made(func, args, named)
        if named.get("generator") is not None:
            raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")
        out = func(*args, **{**named, "device": CPU})
        self._card.place(out, on_card=True)
        return out

    def _made(self, func: Any, args: Any, named: dict[str, Any]) -> Any:
        pinned = named.pop("pin_memory", False)
        out = func(*args, **named)
        if pinned:
            self._card.memory(out).pinned = True
        return out

    def _to(self, tensor: Tensor, args: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
        device = CUDA if self._card.is_here(tensor) else tensor.device
        rest: list[Any] = []
        for argument in args:
            match argument:
                case Tensor():
                    device = CUDA if self._card.is_here(argument) else argument.device
                    named["dtype"] = argument.dtype
                case str() | torch.device():
                    device = torch.device(argument)
                case torch.dtype():
                    named["dtype"] = argument
                case _:
                    rest.append(argument)
        if rest:
            named["non_blocking"] = rest[0]
        device = torch.device(named.pop("device", None) or device)
        return self._moved(tensor, device, named)

    def _moved(self, tensor: Tensor, device: torch.device, named: dict[str, Any]) -> Tensor:
        here, there = self._card.is_here(tensor), device.type == "cuda"
        waits = not named.pop("non_blocking", False)
        if here == there:
            return tensor.to(**named) if named else tensor
        if device.type == "meta":
            return tensor.to(device, **named)
        with Quiet():  # type: ignore[no-untyped-call]
            out = tensor.to(**{**named, "copy": True})
        self._card.place(out, on_card=there)
        self._card.copied(tensor, out, waits=waits)
        return out


class Quiet(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside of it nothing is noted."""

    on = 0

    def __enter__(self) -> Quiet:
        Quiet.on += 1
        return super().__enter__()  # type: ignore[no-any-return, no-untyped-call]

    def __exit__(self, *error: Any) -> None:
        Quiet.on -= 1
        super().__exit__(*error)  # type: ignore[no-untyped-call]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}))


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Lets every operation run where its tensors lie."""

    def __init__(self, card: Card) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._card = card

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if Quiet.on:
            return func(*args, **(kwargs or {}))
        with torch._C.DisableTorchFunction():
            return self._run(func, args, dict(kwargs or {}))

    def _run(self, func: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        card = self._card
        given = [leaf for leaf in tree_leaves((args, named)) if isinstance(leaf, Tensor)]
        if any(tensor.device.type != "cpu" for tensor in given):
            return func(*args, **named)
        here = [card.is_here(tensor) for tensor in given]
        copies = func.overloadpacket is torch.ops.aten.copy_
        anywhere = copies or func is torch.ops.aten._has_compatible_shallow_copy_type.default
        anywhere = anywhere or (func is torch.ops.aten.index.Tensor and here[0])  # places may be told by the CPU
        numbers = [tensor.dim() == 0 for tensor in given]
        if any(here) and not anywhere and not all(h or number for h, number in zip(here, numbers, strict=True)):
            raise RuntimeError(
                "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! "
                f"({func})"
            )
        out = _computed(func, args, named)
        written = [tensor for tensor, changed in zip(*_written(func, args, named), strict=True) if changed]
        known = {tensor.untyped_storage()._cdata for tensor in given}
        made = [t for t in tree_leaves(out) if isinstance(t, Tensor) and t.untyped_storage()._cdata not in known]
        if copies and here[0] != here[1]:
            card.copied(given[1], given[0], waits=not (len(args) > 2 and args[2]))
            return out
        for tensor in made:
            if tensor.device.type == "cpu":
                card.place(tensor, on_card=any(here))
        line = card.current if any(here) else card.program
        if not func.is_view:
            card.use(line, given, [*written, *made], str(func))
        if func is torch.ops.aten._local_scalar_dense.default and any(here):
            card.program.learn(line.clock)
        return out


def _computed(func: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What cards compute in 16 bits and processors do not is computed in 32."""
    try:
        return func(*args, **named)
    except NotImplementedError:
        wide = tree_map(lambda v: v.float() if isinstance(v, Tensor) and v.dtype == torch.half else v, (args, named))
        return tree_map(lambda v: v.half() if isinstance(v, Tensor) else v, func(*wide[0], **wide[1]))


def _written(func: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Tensor], list[bool]]:
    tensors: list[Tensor] = []
    changed: list[bool] = []
    for number, argument in enumerate(func._schema.arguments):
        value = args[number] if number < len(args) else named.get(argument.name)
        writes = argument.alias_info is not None and argument.alias_info.is_write
        for leaf in tree_leaves(value):
            if isinstance(leaf, Tensor):
                tensors.append(leaf)
                changed.append(writes)
    return tensors, changed


@contextlib.contextmanager
def plugged_in(patch: pytest.MonkeyPatch, limit: int = 2**40) -> Iterator[Card]:
    """A card in this machine, as `torch.cuda` tells of it."""
    card = Card(limit)
    stand_ins: dict[str, Callable[..., Any]] = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "mem_get_info": lambda *_: (card.limit - card.used, card.limit),
        "memory_allocated": lambda *_: card.used,
        "max_memory_allocated": lambda *_: card.peak,
        "max_memory_reserved": lambda *_: card.peak,
        "is_bf16_supported": lambda **_: True,
        "get_device_properties": lambda *_: SimpleNamespace(total_memory=24 * 2**30),
        "set_per_process_memory_fraction": lambda *_: None,
        "memory_reserved": lambda *_: card.used,
        "reset_peak_memory_stats": lambda *_: setattr(card, "peak", card.used),
        "get_device_name": lambda *_: "a card that is none",
        "empty_cache": lambda: None,
        "synchronize": card.synchronize,
        "current_stream": lambda *_: card.current,
        "Stream": card.stream,
        "stream": card.within,
    }
    for name, stand_in in stand_ins.items():
        patch.setattr(torch.cuda, name, stand_in)
    patch.setattr(torch.backends.cuda, "can_use_flash_attention", lambda *_: True)
    with Operations(card), Python(card):
        yield card

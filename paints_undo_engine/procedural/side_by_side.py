"""Independent pieces of work at the same time: numpy and OpenCV let other threads run while they compute."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def side_by_side(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """What both return. Neither may change what the other reads, and each draws from its own random generator."""
    with ThreadPoolExecutor(1) as thread:
        elsewhere = thread.submit(one)
        here = other()
        return elsewhere.result(), here

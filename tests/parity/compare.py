"""How results are compared with a golden file: the rules of the golden set's README, one line for each comparison."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from parity.golden import Golden

ABSOLUTE = 1e-6
_ABSOLUTE_NAMES = re.compile(r"(^|\.)(sigmas|dir_radicand)_")

Value = torch.Tensor | NDArray[np.generic] | str | list[int] | int


@dataclass(frozen=True)
class Line:
    """One comparison: `measure` says what `error` and `tolerance` count."""

    file: str
    what: str
    measure: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "ok  " if self.passed else "FAIL"
        where = f"{self.file:<44} {self.what:<44}"
        return f"{verdict} {where} {self.measure:<12} {self.error:9.3g}  (tolerance {self.tolerance:g})"


class Compare:
    """Collects the comparisons of one golden file; `tolerance` is relative to the reference's standard deviation."""

    def __init__(self, golden: Golden, report: Callable[[Line], None]) -> None:
        self._golden = golden
        self._report = report
        self.lines: list[Line] = []

    def output(self, name: str, got: torch.Tensor | NDArray[np.generic], tolerance: float = 0.0) -> None:
        """Compare `got` with the stored output `name`: integers exactly, floats by `tolerance` in standard deviations.

        Tensors of one element, constant ones and the tables of sigmas are compared absolutely, within 1e-6.
        """
        expected = self._golden.expected(name)
        got = torch.as_tensor(got)
        if got.shape != expected.shape:
            self._add(f"{name} {list(got.shape)} != {list(expected.shape)}", "shape", float("inf"), 0)
        elif not expected.is_floating_point():
            self._add(name, "exact", _distance(got, expected), tolerance if tolerance >= 1 else 0)
        elif expected.numel() == 1 or _ABSOLUTE_NAMES.search(name) or bool((expected == expected.flatten()[0]).all()):
            self._add(name, "absolute", _distance(got, expected), ABSOLUTE)
        else:
            self.relative(name, got, expected, tolerance)

    def relative(self, what: str, got: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
        """max|a-b| over the reference's unbiased standard deviation."""
        scale = expected.double().std().item()
        self._add(what, "of std", _distance(got, expected) / scale, tolerance)

    def levels(self, name: str, got: torch.Tensor | NDArray[np.generic], most: int, mean: float | None = None) -> None:
        """Pixels that may differ by `most` grey levels, and by `mean` on average."""
        expected = self._golden.expected(name)
        got = torch.as_tensor(got)
        if got.shape != expected.shape or got.dtype != expected.dtype:
            self._add(f"{name} {list(got.shape)} {got.dtype}", "shape", float("inf"), 0)
            return
        self._add(name, "levels", _distance(got, expected), most)
        if mean is not None:
            self._add(name, "mean levels", (got.double() - expected.double()).abs().mean().item(), mean)

    def equal(self, what: str, got: object, expected: object) -> None:
        """Text, lists and numbers from the metadata: exactly equal."""
        self._add(what if got == expected else f"{what}: {got!r} != {expected!r}", "exact", float(got != expected), 0)

    def finish(self) -> None:
        """Fail unless something was compared, all of it within tolerance, and no stored output was left out."""
        left = sorted(set(self._golden.outputs) - self._golden.used)
        assert self.lines, f"{self._golden.name}: nothing was compared"
        assert not left, f"{self._golden.name}: not compared: {left}"
        failed = [str(line) for line in self.lines if not line.passed]
        assert not failed, "\n" + "\n".join(failed)

    def _add(self, what: str, measure: str, error: float, tolerance: float) -> None:
        line = Line(self._golden.name, what, measure, error if error == error else float("inf"), tolerance)
        self.lines.append(line)
        self._report(line)


def _distance(got: torch.Tensor, expected: torch.Tensor) -> float:
    if expected.numel() == 0:
        return 0.0
    return (got.double() - expected.double()).abs().max().item()

"""Which solver a preset should use: a model whose answer is known, sampled as the engine samples.

python benchmarks/solvers.py

The data are Gaussian in bands of different spread, the text moves their mean, and the network is the exact one, so that
all error is the solver's. Without guidance the aim is the data; with it the published algorithm at 50 steps, and its
limit at 1000. Distances are between distributions: the mean over bands of the 2-Wasserstein distance, in units in which
the widest band has the spread 1.4. It needs seconds and no weights, and says nothing about pictures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from paints_undo_engine.diffusion import solvers
from paints_undo_engine.diffusion.interpolation import sampler
from paints_undo_engine.diffusion.interpolation.schedule import levels, predict_x0, schedule, timesteps
from paints_undo_engine.diffusion.keyframes import sampler as keyframes
from paints_undo_engine.diffusion.keyframes.schedule import published_schedule

SPREAD = torch.tensor([0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4])[:, None].expand(8, 128)
MEAN = torch.randn(SPREAD.shape, generator=torch.Generator().manual_seed(7)) * 0.6 * SPREAD
UNKNOWN = SPREAD * (1 + 0.6**2) ** 0.5
"""The spread of the data without the text."""
DRAWS = 48
COUNTS = (5, 8, 10, 16, 20, 25, 50)

Law = tuple[Tensor, Tensor]
Sample = Callable[[sampler.Velocity, Tensor, sampler.Noise, int], Tensor]


def posterior(x: Tensor, alpha: float, sigma: float, mean: Tensor | float, spread: Tensor) -> Tensor:
    """The exact network: E[x0 | x]."""
    return mean + alpha * spread**2 / (alpha**2 * spread**2 + sigma**2) * (x - alpha * mean)


def network(guidance: float, guided: tuple[int, int] = (0, 999)) -> sampler.Velocity:
    """Its velocity, guided by the engine's own function at timesteps from the first of `guided` to the last."""
    tables = schedule()

    def velocity(x: Tensor, t: int) -> Tensor:
        alpha, sigma = tables.sqrt_alphas_cumprod[t].item(), tables.sqrt_one_minus_alphas_cumprod[t].item()
        scale = tables.scale[t].item()

        def side(mean: Tensor | float, spread: Tensor) -> Tensor:
            return (alpha * x - scale * posterior(x, alpha * scale, sigma, mean, spread)) / sigma

        wanted = side(MEAN, SPREAD)
        return sampler.guide(wanted, side(0.0, UNKNOWN), guidance) if guided[0] <= t <= guided[1] else wanted

    return velocity


def law(x: Tensor) -> Law:
    """How much of the mean is in each band, and the spread around it."""
    share = (x * MEAN).sum((0, 2)) / (DRAWS * (MEAN**2).sum(1))
    rest = (x - share[:, None] * MEAN).square().mean((0, 2)).sqrt()
    return share * MEAN.square().mean(1).sqrt(), rest


def distance(a: Law, b: Law) -> float:
    """Root mean square over the bands."""
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2).mean().sqrt())


def interval(sample: Sample, steps: int, velocity: sampler.Velocity, seed: int = 0) -> Law:
    """What comes out of an interval sampler."""
    generator = torch.Generator().manual_seed(seed)

    def noise() -> Tensor:
        return torch.randn(DRAWS, *SPREAD.shape, generator=generator)

    return law(sample(velocity, noise(), noise, steps))


def ended(
    sample: Callable[[sampler.Velocity, Tensor, sampler.Noise, int], sampler.Sampling],
) -> Sample:
    """A sampler that is run to its end."""

    def run(velocity: sampler.Velocity, x: Tensor, noise: sampler.Noise, steps: int) -> Tensor:
        sampling = sample(velocity, x, noise, steps)
        while True:
            try:
                next(sampling)
            except StopIteration as end:
                result: Tensor = end.value
                return result

    return run


def unipc(velocity: sampler.Velocity, x: Tensor, _noise: sampler.Noise, steps: int) -> Tensor:
    """UniPC for intervals, which no preset uses."""
    at = [*reversed(timesteps(steps)), 0]

    def denoise(x: Tensor, i: int) -> Tensor:
        return predict_x0(x, velocity(x, at[i]), at[i]) / schedule().scale[at[i]].item()

    *_, (x, _) = solvers.unipc(denoise, x, *levels(at))
    return x


SAMPLERS: dict[str, Sample] = {
    "trailing DDIM, eta 1 (published)": ended(sampler.sample_ddim),
    "SDE-DPM-Solver++(2M)": ended(sampler.sample_sde_dpmpp_2m),
    "UniPC": unipc,
}


def row(name: str, values: Sequence[float]) -> None:
    """A line of the table."""
    print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |", flush=True)


def heading(text: str) -> None:
    """A table's head."""
    print(f"\n{text}\n\n| steps | " + " | ".join(map(str, COUNTS)) + " |\n|---|" + "---|" * len(COUNTS))


def keyframe(solver: keyframes.Solver, steps: int) -> Law:
    """What comes out of a keyframe solver, guided by 3."""
    sigmas = published_schedule().karras(steps)

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        wanted, unwanted = (
            posterior(x, 1.0, float(sigma), *side) for side in ((MEAN, SPREAD), (torch.zeros(()), UNKNOWN))
        )
        return unwanted + 3 * (wanted - unwanted)

    x = torch.randn(DRAWS, *SPREAD.shape, generator=torch.Generator().manual_seed(0)) * sigmas[0]
    *_, last = solver(denoise, x, sigmas)
    return law(last.x)


def main() -> None:
    """Print all tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    torch.set_num_threads(1)
    (alpha,), (sigma,) = levels([0])
    data = (alpha * MEAN.square().mean(1).sqrt(), (alpha**2 * SPREAD[:, 0] ** 2 + sigma**2).sqrt())
    heading("Intervals without guidance, to the data")
    for name, sample in SAMPLERS.items():
        row(name, [distance(interval(sample, steps, network(1)), data) for steps in COUNTS])
    published = SAMPLERS["trailing DDIM, eta 1 (published)"]
    exact, limit = (interval(published, steps, network(7.5), seed) for steps, seed in ((50, 1), (1000, 2)))
    for aim, text in ((exact, "the published algorithm at 50 steps"), (limit, "its limit")):
        heading(f"Intervals guided by 7.5, to {text}")
        for name, sample in SAMPLERS.items():
            row(name, [distance(interval(sample, steps, network(7.5)), aim) for steps in COUNTS])
    heading("Intervals guided in a part of the timesteps, SDE-DPM-Solver++(2M), to the published algorithm at 50 steps")
    for name, guided in (("all", (0, 999)), ("the first 60 %", (400, 999)), ("the last 70 %", (0, 700))):
        velocity = network(7.5, guided)
        row(name, [distance(interval(SAMPLERS["SDE-DPM-Solver++(2M)"], steps, velocity), exact) for steps in COUNTS])
    heading("Keyframes guided by 3, to the limit")
    aim = keyframe(keyframes.dpmpp_2m, 1000)
    for name, solver in (("DPM-Solver++(2M) (published)", keyframes.dpmpp_2m), ("UniPC", keyframes.unipc)):
        row(name, [distance(keyframe(solver, steps), aim) for steps in COUNTS])


if __name__ == "__main__":
    main()

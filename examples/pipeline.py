"""The Paints-Undo models step by step: tags, two keyframes, the frames between them, and one keyframe from a start.

    python examples/pipeline.py painting.png --models models --out out

On a CPU the published models take hours; with a small checkpoint (`--keyframe-size 256 --steps 2`) it is seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.solvers import SampledStep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--models", type=Path, help="a folder of models; default: where downloads are kept")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=Path("out"))
    parser.add_argument("--keyframe-size", type=int, default=0, help="0: by the painting's aspect")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--frames", type=int, default=16)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)

    pipeline = PaintsUndoPipeline.from_pretrained(asked.models, device=asked.device)
    tags = pipeline.tags(asked.picture)
    print(f"tags: {tags}")

    size = {"width": asked.keyframe_size, "height": asked.keyframe_size, "steps": asked.steps}
    states = pipeline.keyframes(asked.picture, tags, operation_steps=(400, 800), on_step=tell, **size)
    for step, pixels in zip(states.operation_steps, states.pictures, strict=True):
        Image.fromarray(pixels).save(asked.out / f"keyframe-{step}.png")

    earlier, later = states.pictures[1], states.pictures[0]
    frames = pipeline.interpolate(earlier, later, frames=asked.frames, steps=asked.steps)
    for number, pixels in enumerate(frames.pictures):
        Image.fromarray(pixels).save(asked.out / f"frame-{number:02}.png")

    again = pipeline.keyframes(
        asked.picture, tags, operation_steps=(600,), initial=states.pictures[0], strength=0.5, **size
    )
    Image.fromarray(again.pictures[0]).save(asked.out / "keyframe-from-a-start.png")
    pipeline.close()


def tell(step: SampledStep) -> None:
    """Show how far the sampler is, and the spread of its clean estimate."""
    print(f"step {step.step} of {step.of}: {float(step.denoised.std()):.3f}")


if __name__ == "__main__":
    main()

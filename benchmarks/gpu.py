"""The diffusion engine on this machine's accelerator: every component, the default job, the memory plans.

    python benchmarks/gpu.py [--json FILE] [--packages DIR] [--device cuda] [--minutes 8.5] [--tiny]

The models are the published ones at full size with random weights, which cost the same. `--tiny` runs all of it in
little time on any machine. Rows are printed and written as they come; what cannot be measured is a row with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import zipfile
from functools import partial
from pathlib import Path

STARTED = time.monotonic()
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]


def add_packages(folder: Path) -> None:
    """Put the wheels in `folder` on the path, unpacked for this run."""
    unpacked = Path(tempfile.mkdtemp(prefix="paints-undo-wheels-"))
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
    sys.path[:0] = [*map(str, unpacked.glob("*.data/*lib")), str(unpacked), str(folder)]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the table here, after every row")
    parser.add_argument("--packages", type=Path, help="a folder of wheels for packages that are missing here")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--minutes", type=float, default=8.5, help="what does not fit in is left out")
    parser.add_argument("--tiny", action="store_true", help="tiny models on the CPU")
    return parser.parse_args()


def main() -> int:
    options = parse()
    if options.packages is not None:
        add_packages(options.packages)
    with tempfile.TemporaryDirectory(prefix="paints-undo-compiled-", ignore_cleanup_errors=True) as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        return measure(options)


def measure(options: argparse.Namespace) -> int:
    import gpu_compiled
    import gpu_sections
    import gpu_techniques
    import torch
    from gpu_models import FULL, SMALL, Bench
    from gpu_rows import Row, Table

    from paints_undo_engine.diffusion.residency.devices import choose_device, choose_dtype

    torch.set_grad_enabled(False)
    if options.tiny:
        torch.set_num_threads(1)
    device = choose_device("cpu" if options.tiny else options.device)
    table = Table(device, options.json, STARTED + 60 * options.minutes, repeats=1 if options.tiny else 3)
    flops = {} if options.tiny else json.loads((Path(__file__).parent / "flops.json").read_text(encoding="utf-8"))
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    stamp = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    table.add(Row("machine", name, note=f"torch {torch.__version__}, {stamp}{', tiny' if options.tiny else ''}"))
    bench = partial(Bench, device, choose_dtype(device), SMALL if options.tiny else FULL, options.tiny)
    table.guarded("machine", "matrix products", lambda: gpu_sections.matrix_products(table, options.tiny))
    for section, needs in (
        (gpu_sections.kernels_for_time, 2),
        (gpu_sections.agreement, 5),
        (gpu_sections.unet_steps, 20),
        (gpu_sections.default_job, 20),
        (gpu_sections.published_job, 30),
        (gpu_sections.memory_plans, 50),
        (gpu_compiled.compiled, 100),
        (gpu_compiled.against_the_published, 0),
        (gpu_techniques.whole_step, 20),
        (gpu_techniques.presets, 25),
        (gpu_techniques.attention_kernels, 10),
        (gpu_techniques.layers, 10),
        (gpu_sections.keyframe_components, 15),
        (gpu_sections.interpolation_components, 20),
        (gpu_techniques.moving, 15),
        (gpu_compiled.compiled_again, 60),
    ):
        work = partial(section, table, bench, flops)
        table.guarded("section", section.__name__.replace("_", " "), work, 0 if options.tiny else needs)
    failed = [row for row in table.rows if row.note.startswith("failed")]
    return 1 if failed and options.tiny else 0


if __name__ == "__main__":
    sys.exit(main())

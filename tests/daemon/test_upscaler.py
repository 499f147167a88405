"""The upscaler in the daemon's confined workers, on a small network with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import save_file  # noqa: E402

from paints_undo.v1 import jobs_pb2  # noqa: E402
from paints_undo_daemon.convert import placement_from_proto  # noqa: E402
from paints_undo_engine import painting, png  # noqa: E402
from paints_undo_engine.picture import Picture  # noqa: E402
from paints_undo_engine.restoring import calibrate, restore  # noqa: E402
from paints_undo_engine.upscaling import installed  # noqa: E402

from .conftest import RunningDaemon, few, small_painting  # noqa: E402

pytestmark = pytest.mark.extra("diffusion")


def test_frames_at_the_paintings_size_come_from_the_upscaler(tmp_path: Path):
    models = tmp_path / "models"
    (models / "upscaler").mkdir(parents=True)
    torch.manual_seed(1)
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.PReLU(4), torch.nn.Conv2d(4, 12, 3))
    weights = {f"body.{name}": 0.3 * tensor for name, tensor in layers.state_dict().items()}
    save_file(weights, models / "upscaler" / "network.safetensors")
    data = small_painting(width=400, height=300)
    daemon = RunningDaemon(tmp_path).start()
    try:
        client = daemon.client()
        parameters = few(procedural=jobs_pb2.ProceduralParameters(max_side=100))
        job, _ = client.finish(client.upload(data), parameters=parameters)
        small = [(header.frame, png.decode(sent)) for header, sent in client.frames(job.job_id)]
        large = client.frames(job.job_id, size=jobs_pb2.FRAME_SIZE_PAINTING)
        made = [png.decode(sent) for _, sent in large]
    finally:
        daemon.stop()
    whole = painting.decode(data)
    frames = [Picture(pixels, placement_from_proto(frame.placement)) for frame, pixels in small[:-1]]
    nearly = [number for number, (frame, _) in enumerate(small[:-1]) if 0 < frame.operation_step <= 300][-1]
    calibration = calibrate(frames[nearly], whole)
    away = [
        [np.abs(shown.astype(int) - restore(frame, whole, calibration, upscaler=one).pixels).mean() for one in ways]
        for frame, shown in zip(frames, made[:-1], strict=True)
        for ways in [(installed(models), None)]
    ]
    assert max(learned for learned, _ in away) < 0.1
    assert max(plain for _, plain in away) > 1
    np.testing.assert_array_equal(made[-1], whole.rgb8())

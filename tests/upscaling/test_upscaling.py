"""The upscaler on small networks with random weights, in the published files' layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import save_file  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from paints_undo_engine.checkpoints import catalogue  # noqa: E402
from paints_undo_engine.errors import CheckpointError  # noqa: E402
from paints_undo_engine.painting import Painting, resize  # noqa: E402
from paints_undo_engine.picture import Picture  # noqa: E402
from paints_undo_engine.restoring import restore  # noqa: E402
from paints_undo_engine.upscaling import find_folder, installed  # noqa: E402
from paints_undo_engine.upscaling.upscaler import load  # noqa: E402

pytestmark = pytest.mark.extra("diffusion")


def random_weights(features: int = 8, inner: int = 2, scale: int = 4) -> dict[str, Tensor]:
    """A network of this kind, small; what it adds to a picture is small, too, as after training."""
    torch.manual_seed(5)
    body: list[nn.Module] = [nn.Conv2d(3, features, 3), nn.PReLU(features)]
    for _ in range(inner):
        body += [nn.Conv2d(features, features, 3), nn.PReLU(features)]
    body.append(nn.Conv2d(features, 3 * scale**2, 3))
    state = {f"body.{name}": tensor for name, tensor in nn.Sequential(*body).state_dict().items()}
    last = f"body.{2 * inner + 2}"
    return state | {f"{last}.{part}": state[f"{last}.{part}"] * 0.1 for part in ("weight", "bias")}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models with an upscaler."""
    (tmp_path / "upscaler").mkdir()
    save_file(random_weights(), tmp_path / "upscaler" / "any-name.safetensors")
    return tmp_path


def values(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).random((height, width, channels), np.float32)


def as_published(weights: dict[str, Tensor], picture: np.ndarray, scale: int = 4) -> np.ndarray:
    """The network by torch's functions alone, on the whole picture."""
    given = x = torch.from_numpy(picture).permute(2, 0, 1)[None]
    for number in range(0, 2 * len(weights), 2):
        if f"body.{number}.weight" not in weights:
            break
        if number:
            x = torch.where(x > 0, x, x * weights[f"body.{number - 1}.weight"][:, None, None])
        x = nn.functional.conv2d(x, weights[f"body.{number}.weight"], weights[f"body.{number}.bias"], padding=1)
    _, _, height, width = x.shape
    x = x.reshape(1, 3, scale, scale, height, width).permute(0, 1, 4, 2, 5, 3).reshape(1, 3, scale * height, -1)
    repeated = given.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    return (x + repeated)[0].permute(1, 2, 0).clamp(0, 1).numpy()


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("prefix", ["", "params."])
@pytest.mark.parametrize("size", [(24, 17), (170, 331)])
def test_it_gives_the_networks_values_without_seams(tmp_path: Path, scale: int, prefix: str, size: tuple[int, int]):
    weights = random_weights(scale=scale)
    file = tmp_path / "network.safetensors"
    save_file({f"{prefix}{name}": tensor for name, tensor in weights.items()}, file)
    made = load(file)(values(*size))
    assert made.shape == (size[0] * scale, size[1] * scale, 3)
    np.testing.assert_allclose(made, as_published(weights, values(*size), scale), atol=1e-5)


def test_alpha_is_enlarged_too_and_colours_stay_below_it(models: Path):
    upscaler = load(models / "upscaler")
    picture = values(20, 30, 4)
    picture[..., :3] *= picture[..., 3:]
    made = upscaler(picture)
    assert made.shape == (80, 120, 4)
    assert (made[..., :3] <= made[..., 3:]).all()


@pytest.mark.parametrize(
    "weights",
    [
        {"conv_first.weight": torch.zeros(4, 3, 3, 3)},
        {"body.0.weight": torch.zeros(4, 3, 3, 3)},
        random_weights() | {"body.6.weight": torch.zeros(7, 8, 3, 3)},
        {name: tensor for name, tensor in random_weights().items() if name != "body.2.bias"},
    ],
)
def test_weights_of_another_network_are_refused_and_frames_are_made_without(tmp_path: Path, weights: dict):
    (tmp_path / "upscaler").mkdir()
    save_file(weights, tmp_path / "upscaler" / "network.safetensors")
    with pytest.raises(CheckpointError):
        load(tmp_path / "upscaler")
    assert installed(tmp_path) is None


def test_it_is_found_where_its_weights_are_and_not_elsewhere(models: Path, tmp_path: Path):
    assert find_folder(models) == models / "upscaler"
    assert installed(models) is not None
    assert find_folder(tmp_path / "nowhere") is None
    assert installed(tmp_path / "nowhere") is None
    (models / "upscaler" / "second.safetensors").write_bytes(b"")
    assert find_folder(models) is None


def test_only_one_file_of_a_repository_makes_it_up():
    found = catalogue.wanted(catalogue.UPSCALER, ["README.md", "network.pth", "network.safetensors"])
    assert found == ("network.safetensors",)
    with pytest.raises(CheckpointError, match="has 0"):
        catalogue.wanted(catalogue.UPSCALER, ["network.pth"])


def test_restored_with_it_a_finished_frame_is_the_painting_and_a_blank_one_shows_nothing_of_it(models: Path):
    upscaler = load(models / "upscaler")
    small = np.random.default_rng(2).integers(0, 255, (30, 40, 3), np.uint8)
    painting = Painting(resize(np.kron(small, np.ones((4, 4, 1), np.uint8)), 200, 150))
    finished = Picture(resize(painting.rgb8(), 50, 38), painting.placement)
    blank = Picture(np.full((38, 50, 3), 255, np.uint8), painting.placement)
    away = np.abs(restore(finished, painting, upscaler=upscaler).pixels.astype(int) - painting.rgb8())
    assert away.mean() < 2
    other = Painting(255 - painting.rgb8())
    shown = restore(blank, painting, upscaler=upscaler).pixels
    np.testing.assert_array_equal(shown, restore(blank, other, upscaler=upscaler).pixels)
    assert (shown != restore(blank, painting).pixels).any()

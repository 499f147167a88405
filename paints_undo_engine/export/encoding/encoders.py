"""The encoders that a film may be made with, and which of them this machine may and can use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import av

from paints_undo_engine.export.options import ExportFormat

GPL_VARIABLE = "PAINTS_UNDO_GPL_ENCODERS"
"""In the environment: `false` where no encoder under the GPL may be used."""
HARDWARE_VARIABLE = "PAINTS_UNDO_HARDWARE_ENCODERS"
"""In the environment: `true` where an MP4 may be encoded by video hardware."""
BT709 = 1
"""FFmpeg's number of the colours' primaries, transfer and matrix alike (ITU-R BT.709)."""
_GPL = frozenset({"libx264"})


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder by FFmpeg's name, with its own settings and the layout of pictures that it takes."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    layout: str = "yuv420p"

    @property
    def is_here(self) -> bool:
        """Whether this FFmpeg was built with it; its hardware may be missing all the same."""
        try:
            av.codec.Codec(self.name, "w")
        except av.codec.codec.UnknownCodecError:
            return False
        return True


X264 = Encoder(
    "libx264",
    {
        "preset": "superfast",
        "qp": "19",
        "bf": "0",
        "x264-params": "scenecut=0:rc-lookahead=0:sync-lookahead=0:weightp=0:mbtree=0:aq-mode=0:subme=0",
    },
)
VP9 = Encoder(
    "libvpx-vp9",
    {
        **{"deadline": "realtime", "cpu-used": "8", "static-thresh": "100"},
        **{"crf": "19", "b": "0", "row-mt": "1", "lag-in-frames": "0"},
    },
)
HARDWARE = (
    Encoder("h264_nvenc", {"preset": "p4", "rc": "constqp", "qp": "21", "bf": "0"}),
    Encoder("h264_qsv", {"preset": "faster", "global_quality": "21", "bf": "0"}, "nv12"),
    Encoder("h264_amf", {"usage": "transcoding", "quality": "speed", "rc": "cqp", "qp_i": "21", "qp_p": "21"}),
    Encoder("h264_videotoolbox", {"flags": "+qscale", "global_quality": "7670", "bf": "0"}),
    Encoder("h264_mf", {"hw_encoding": "1", "rate_control": "quality", "quality": "80"}, "nv12"),
    Encoder("h264_v4l2m2m", {"b": "12000000"}),
)
"""H.264 by NVIDIA, Intel, AMD, Apple, whatever Windows knows, and boards such as the Raspberry Pi; the first that works
is taken. VA-API is not among them: PyAV has no way to hand it pictures."""


def software(export_format: ExportFormat) -> Encoder:
    """What a video of this format is encoded with, as far as it may be used and this FFmpeg has it: H.264 by x264, VP9
    in WebM and in an MP4 without x264."""
    wanted = X264 if export_format is ExportFormat.MP4 else VP9
    allowed = wanted.name not in _GPL or _is_on(GPL_VARIABLE, default=True)
    return wanted if allowed and wanted.is_here else VP9


def hardware_is_allowed() -> bool:
    """Whether the environment allows video hardware. It does not by itself."""
    return _is_on(HARDWARE_VARIABLE, default=False)


def _is_on(variable: str, *, default: bool) -> bool:
    value = os.environ.get(variable, "").strip().lower()
    return default if not value else value not in ("false", "0", "no", "off")

"""A web page that holds the whole process and a slider: one file, for a portfolio, without any network.

The page's own policy allows nothing but its one script, its one style (by their digests) and the pictures inside of it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.export import budget
from paints_undo_engine.export.end_card import words_of
from paints_undo_engine.export.geometry import canvas_for, channels_of
from paints_undo_engine.export.options import ExportOptions, Fill, Language
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline

_QUALITY, _LAST_QUALITY = 80, 92
_WORDS = {
    Language.EN: ("Painting process", "Play or pause", "Moment"),
    Language.DE: ("Malprozess", "Abspielen oder anhalten", "Zeitpunkt"),
    Language.ES: ("Proceso de pintura", "Reproducir o pausar", "Momento"),
    Language.FR: ("Processus de peinture", "Lire ou mettre en pause", "Instant"),
    Language.JA: ("制作過程", "再生・一時停止", "時点"),
    Language.ZH: ("绘画过程", "播放或暂停", "时刻"),
}
"""The page's title, and what a screen reader calls its button and its slider."""


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the page; each picture is a WebP inside of it. Raises `ExportError` above its `budget`."""
    if options.fill is Fill.FOLLOW:  # each state is held once, whenever it is seen
        options = replace(options, fill=Fill.BLUR)
    plan = timeline(len(source.states), options, source.phases, source.operations)
    canvas = canvas_for(source.painting, source.sample(), options)
    frames = sorted({shot.frame for shot in plan.shots})
    budget.check(options.format, canvas.width, canvas.height, len(frames))
    channels = channels_of(source.painting)
    shots = [[frames.index(shot.frame), round(float(shot.seconds) * 1000)] for shot in plan.shots]
    with target.open("wb") as file:
        file.write(_head(source, options, canvas.width, canvas.height).encode())
        for step, frame in enumerate(frames, 1):
            still = source.states[frame]
            last = step == len(frames)
            _write_picture(file, canvas.show(still.read(), channels), still.label, last=last)
            yield step, len(frames)
        file.write(_foot(shots, options).encode())


def _write_picture(file: BinaryIO, pixels: NDArray[np.uint8], label: str, *, last: bool) -> None:
    """One picture as an element of the list; the last, which is the painting, is there without a script, too."""
    with io.BytesIO() as buffer:
        quality = _LAST_QUALITY if last else _QUALITY
        Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "WEBP", quality=quality, method=2)
        data = base64.b64encode(buffer.getvalue())
    hidden = b"" if last else b" hidden"
    alt = escape(label, quote=True).encode()
    file.write(b'<img alt="' + alt + b'"' + hidden + b' src="data:image/webp;base64,' + data + b'">\n')


def _head(source: ProcessSource, options: ExportOptions, width: int, height: int) -> str:
    title = _WORDS[options.language][0]
    style = _resource("page.css")
    allowed = f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(_script())}'"
    note = (
        "" if options.omit_metadata else f'<meta name="description" content="{escape(source.provenance.sentence)}">\n'
    )
    packet = "" if options.omit_metadata else f'<script type="application/rdf+xml">{source.provenance.xmp()}</script>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="{options.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"{note}{packet}<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f'<div id="pictures" data-width="{width}" data-height="{height}">\n'
    )


def _foot(shots: list[list[int]], options: ExportOptions) -> str:
    _, play, moment = _WORDS[options.language]
    note = (
        ""
        if options.omit_end_card
        else "<p>" + escape("".join(word.text for word in words_of(options.language))) + "</p>\n"
    )
    last = len(shots) - 1
    return (
        f'</div>\n<div id="controls" hidden><button id="play" aria-label="{play}">▶</button>'
        f'<input id="moment" type="range" min="0" max="{last}" value="{last}" aria-label="{moment}">'
        f'<output id="label"></output></div>\n{note}</main>\n'
        f'<script type="application/json" id="shots">{json.dumps(shots)}</script>\n'
        f"<script>{_script()}</script>\n</body>\n</html>\n"
    )


def _script() -> str:
    return _resource("page.js")


def _resource(name: str) -> str:
    return (files("paints_undo_engine.export") / "page_parts" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a Content-Security-Policy names a script or style that is allowed."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

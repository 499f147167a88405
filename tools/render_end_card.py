"""Render the words of a video's end card, so that no font is needed where a video is made.

    python tools/render_end_card.py [--font NotoSansCJK-Bold.ttc]

Each language gets one strip of words (white on black, the height of a line), and `words.json` says where in its strip
each word lies. A line may be broken between two of them. Rendered with Noto Sans CJK Bold (SIL Open Font License 1.1,
which does not extend to what is written with a font).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).resolve().parent.parent / "paints_undo_engine" / "export" / "end_card_words"
SIZE = 72
JAPANESE, CHINESE = 0, 2
"""Faces of the collection: the same characters are drawn differently."""

WORDS: dict[str, tuple[int, list[str]]] = {
    "en": (JAPANESE, ["Generated ", "process, ", "not ", "a ", "recording"]),
    "de": (JAPANESE, ["Erzeugter ", "Malprozess, ", "keine ", "Aufzeichnung"]),
    "fr": (JAPANESE, ["Processus ", "généré, ", "et non ", "un ", "enregistrement"]),
    "es": (JAPANESE, ["Proceso ", "generado, ", "no ", "una ", "grabación"]),
    "ja": (JAPANESE, ["生成された", "制作過程です。", "実際の", "記録では", "ありません。"]),
    "zh": (CHINESE, ["生成的", "绘画过程，", "并非", "真实录制"]),
}


def main() -> None:
    """Write the strips and the list of words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", default="/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
    path = parser.parse_args().font
    TARGET.mkdir(exist_ok=True)
    listed = {}
    for language, (face, words) in WORDS.items():
        font = ImageFont.truetype(path, SIZE, index=face)
        ascent, descent = font.getmetrics()
        widths = [round(font.getlength(word)) for word in words]
        strip = Image.new("L", (sum(widths), ascent + descent))
        draw = ImageDraw.Draw(strip)
        left, placed = 0, []
        for word, width in zip(words, widths, strict=True):
            draw.text((left, 0), word, 255, font)
            placed.append({"text": word, "left": left, "width": width, "ink": round(font.getlength(word.rstrip()))})
            left += width
        strip.save(TARGET / f"{language}.png", optimize=True)
        assert np.asarray(strip).any()
        listed[language] = placed
    text = json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
    (TARGET / "words.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Parity of the tagger: its input, its probabilities and the prompt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from paints_undo_engine.tagger import Tagger, prepare
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles


def tagger_in(folder: Path) -> Tagger:
    model, table = (next(iter(sorted(folder.glob(f"*{suffix}")))) for suffix in (".onnx", ".csv"))
    return Tagger(model, table, accelerated=False, published=True)


@handles("tagger", what="wd14tagger")
def check_tagger(golden: Golden, compare: Compare) -> None:
    folder = golden.root / "tagger"
    main = tagger_in(folder)
    for name in golden.outputs:
        index, _, what = name.partition(".")
        given = prepare(golden.image(f"{index}.image"), main.side)
        if what == "model_input_sub14":
            compare.output(name, given[0, ::14, ::14].astype(np.uint8))
        elif what == "model_input_mean_bgr":
            compare.output(name, given[0].astype(np.float64).mean(axis=(0, 1)), 1e-6)
        elif what == "probs":
            compare.output(name, main.probabilities(golden.image(f"{index}.image"))[None], 1e-4)
    for case in golden.meta["cases"]:
        table = folder / case["csv"] if "csv" in case else folder
        tagger = tagger_in(table)
        text = tagger(
            golden.image(f"{case['image']}.image"),
            case["threshold"],
            case["character_threshold"],
            case["exclude_tags"],
        )
        what = f"image {case['image']} {case['threshold']}/{case['character_threshold']} {case.get('csv', '')}"
        compare.equal(what, text, case["result"])

"""Parity of the picture helpers: cropping, number ranges, the interpolation sizes, and clips tiled for a video."""

from __future__ import annotations

import torch

from paints_undo_engine.diffusion.interpolation.conditions import nearest_bucket
from paints_undo_engine.diffusion.pixels import to_pixels_truncated, to_signed
from paints_undo_engine.painting import fit_to
from paints_undo_engine.request import Fit
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

MOST_IN_A_ROW = 6


@handles("utils", what="resize_and_center_crop")
def check_pictures(golden: Golden, compare: Compare) -> None:
    meta = golden.meta
    for crop in meta.get("crops", []):
        image = golden.image(f"{crop['i']}.image")
        cropped = fit_to(image, crop["target_width"], crop["target_height"], Fit.CROP).pixels
        compare.levels(f"{crop['i']}.crop", cropped, 1)
    options = [tuple(size) for size in meta.get("bucket_options", [])]
    for h, w, *size in meta.get("bucket_rows", []):
        compare.equal(f"bucket of {h}x{w}", list(nearest_bucket(h, w, tuple(options))), size)
    for h, w, best_h, best_w, index in meta.get("tie_rows_h_w_bh_bw_listindex", []):
        sizes = tuple(tuple(size) for size in meta["tie_option_lists"][index])
        compare.equal(f"bucket of {h}x{w} in list {index}", list(nearest_bucket(h, w, sizes)), [best_h, best_w])
    for name in golden.outputs:
        if name == "numpy2pytorch":
            compare.output(name, to_signed(golden.image("np_images")), 1e-6)
        elif name == "pytorch2numpy_f32":
            compare.output(name, to_pixels_truncated(golden.tensor("pixels_f32")))
        elif name == "pytorch2numpy_bf16":
            compare.output(name, to_pixels_truncated(golden.tensor("pixels_f32").to(torch.bfloat16)))
        elif name == "save_bcthw_as_mp4_uint8":
            compare.output(name, to_pixels_truncated(tiled(golden.tensor("bcthw")).clamp(-1, 1)))


def tiled(clips: torch.Tensor) -> torch.Tensor:
    """[B, C, T, h, w] -> [T, C, rows h, columns w]: the largest number of columns up to six that divides B, or B."""
    b, c, t, h, w = clips.shape
    columns = next((p for p in range(MOST_IN_A_ROW, 1, -1) if b % p == 0), b)
    grid = clips.reshape(b // columns, columns, c, t, h, w).permute(3, 2, 0, 4, 1, 5)
    return grid.reshape(t, c, b // columns * h, columns * w)

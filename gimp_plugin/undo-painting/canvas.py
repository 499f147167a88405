"""GIMP's side: the image as pixels, and layers into it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gi.repository import Gegl, Gimp, Gio
from making import MadeLayer
from undo_painting.net.pictures import RAW_RGB8, RAW_RGBA8, Blending, Pixels

MODES = {
    Blending.NORMAL: Gimp.LayerMode.NORMAL,
    Blending.MULTIPLY: Gimp.LayerMode.MULTIPLY,
    Blending.SCREEN: Gimp.LayerMode.SCREEN,
    Blending.ADD: Gimp.LayerMode.ADDITION,
    Blending.SUBTRACT: Gimp.LayerMode.SUBTRACT,
}


def read_pixels(image: Gimp.Image) -> Pixels:
    """What the image shows, in 8 bits and sRGB; with alpha where it is transparent somewhere."""
    copy = image.duplicate()
    try:
        layer = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        layer.resize_to_image_size()
        width, height = copy.get_width(), copy.get_height()
        data = layer.get_buffer().get(Gegl.Rectangle.new(0, 0, width, height), 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE)
    finally:
        copy.delete()
    data = bytes(data)
    if min(data[3::4]) < 255:
        return Pixels(data, RAW_RGBA8, width, height)
    opaque = bytearray(width * height * 3)
    for channel in range(3):
        opaque[channel::3] = data[channel::4]
    return Pixels(opaque, RAW_RGB8, width, height)


def title_of(image: Gimp.Image) -> str:
    """The name of the file that the image was read from; what GIMP calls it where there is none."""
    file = image.get_file() or image.get_imported_file()
    return file.get_basename() if file is not None else image.get_name()


def new_image(like: Gimp.Image, layers: Sequence[MadeLayer]) -> Gimp.Image:
    """An image of the same size and resolution with the layers, bottom first. The artist's own image stays as it is."""
    image = Gimp.Image.new_with_precision(
        like.get_width(), like.get_height(), Gimp.ImageBaseType.RGB, Gimp.Precision.U8_NON_LINEAR
    )
    _, across, down = like.get_resolution()
    image.set_resolution(across, down)
    image.undo_disable()
    groups: dict[tuple[str, ...], Gimp.GroupLayer | None] = {(): None}
    with tempfile.TemporaryDirectory(prefix="undo-painting-") as folder:
        path = Path(folder) / "layer.png"
        for made in layers:
            path.write_bytes(made.png)
            layer = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)))
            image.insert_layer(layer, _group(image, groups, made.groups), 0)
            _place(layer, made)
    image.undo_enable()
    image.clean_all()
    return image


def _group(
    image: Gimp.Image, groups: dict[tuple[str, ...], Gimp.GroupLayer | None], path: tuple[str, ...]
) -> Gimp.GroupLayer | None:
    """The group of a path, made when it is first needed; None for the image itself."""
    if path not in groups:
        group = Gimp.GroupLayer.new(image, path[-1])
        _blend_as_painted(group)
        image.insert_layer(group, _group(image, groups, path[:-1]), 0)
        groups[path] = group
    return groups[path]


def _place(layer: Gimp.Layer, made: MadeLayer) -> None:
    layer.set_name(made.name)
    layer.set_visible(made.visible)
    layer.set_opacity(made.opacity * 100)
    layer.set_mode(MODES[made.blending])
    _blend_as_painted(layer)
    if made.clipped:
        layer.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_BACKDROP)
    width, height = max(1, round(made.place.width)), max(1, round(made.place.height))
    if (layer.get_width(), layer.get_height()) != (width, height):
        layer.scale(width, height, False)
    layer.set_offsets(round(made.place.x), round(made.place.y))


def _blend_as_painted(layer: Gimp.Layer) -> None:
    """Blend sRGB values, as the layers were made for; GIMP would take linear light."""
    layer.set_blend_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)
    layer.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)

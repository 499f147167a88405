"""Runs in GIMP's Python interpreter: calls the plug-in on pictures and writes what came back as JSON.

The environment names the pictures (``PICTURES``, JSON from a file to what is wanted of it) and the answer (``ANSWER``).
"""

import json
import os
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, Gio  # noqa: E402


def tree(layers):
    """Names, sizes and places of layers, top first, with those in groups below them."""
    found = []
    for layer in layers:
        _, x, y = layer.get_offsets()
        entry = {"name": layer.get_name(), "size": [layer.get_width(), layer.get_height()], "place": [x, y]}
        entry["visible"] = layer.get_visible()
        entry["opacity"] = layer.get_opacity()
        if layer.is_group():
            entry["layers"] = tree(layer.get_children())
        found.append(entry)
    return found


def shown(image):
    """The image's pixels as it shows itself."""
    copy = image.duplicate()
    layer = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
    layer.resize_to_image_size()
    area = Gegl.Rectangle.new(0, 0, copy.get_width(), copy.get_height())
    data = bytes(layer.get_buffer().get(area, 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE))
    copy.delete()
    return data


def difference(one, other):
    """The largest difference of a channel, colours weighted by alpha: what is transparent has none."""
    if len(one) != len(other):
        return 255
    largest = 0
    for at in range(0, len(one), 4):
        (*colour, alpha), (*other_colour, other_alpha) = one[at : at + 4], other[at : at + 4]
        channels = [abs(a * alpha - b * other_alpha) / 255 for a, b in zip(colour, other_colour, strict=True)]
        largest = max(largest, abs(alpha - other_alpha), *channels)
    return largest


def call(path, content):
    """Run the plug-in on a picture."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(path))
    before = shown(image)
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-undo-painting")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", image.get_layers()[:1])
    config.set_property("content", content)
    result = procedure.run(config)
    status = result.index(0)
    made = result.index(1) if status == Gimp.PDBStatusType.SUCCESS else image
    after = shown(made)
    answer = {
        "status": status.value_nick,
        "error": "" if status == Gimp.PDBStatusType.SUCCESS else str(result.index(1)),
        "layers": tree(made.get_layers()),
        "size": [made.get_width(), made.get_height()],
        "largest_difference": difference(before, after),
    }
    answer["unchanged"] = shown(image) == before
    image.delete()
    return answer


answers = {f"{path} {content}": call(path, content) for path, content in json.loads(os.environ["PICTURES"])}
Path(os.environ["ANSWER"]).write_text(json.dumps(answers), encoding="utf-8")

#!/usr/bin/env python3
"""Undo Painting, an unofficial GIMP 3 plug-in: Filters ▸ Undo Painting shows how a picture could have been painted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gimp, GLib, GObject  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

PROCEDURE = "plug-in-undo-painting"
TITLE = "Undo Painting"


class UndoPainting(Gimp.PlugIn):
    """The plug-in: one procedure."""

    def do_query_procedures(self) -> list[str]:
        """The procedure's name."""
        return [PROCEDURE]

    def do_set_i18n(self, _name: str) -> bool:
        """GIMP's own translations are not used."""
        return False

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """What it is called, and what it may be asked for."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("*")
        procedure.set_menu_label(f"{TITLE}…")
        procedure.add_menu_path("<Image>/Filters")
        procedure.set_documentation(
            "See how the picture could have been painted",
            "Sends the picture to the Paints-Undo daemon of this account, which invents a history of it, and opens "
            "that as an image with layers. The daemon is started where none runs.",
            name,
        )
        procedure.set_attribution("Paints-Undo", "Paints-Undo, Apache-2.0", "2026")
        content = Gimp.Choice.new()
        content.add("keyframes", 0, "Key states", "The canvas at some moments of the work, a layer each")
        content.add("frames", 1, "All frames", "The canvas at all moments, a layer each")
        content.add("layers", 2, "An artist's layers", "The picture taken apart into sketch, lines, flats, shades …")
        procedure.add_choice_argument(
            "content",
            "Make",
            "What the layers of the new image are",
            content,
            "keyframes",
            GObject.ParamFlags.READWRITE,
        )
        procedure.add_image_return_value(
            "process", "Process", "A new image with the layers", False, GObject.ParamFlags.READWRITE
        )
        return procedure


def run(
    procedure: Gimp.Procedure, mode: Gimp.RunMode, image: Gimp.Image, _drawables: Any, config: Any, _data: Any
) -> Gimp.ValueArray:
    """Make the process of the image, and open it as a new one."""
    if mode == Gimp.RunMode.INTERACTIVE and not _asked(procedure, config):
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    import canvas
    import making
    from undo_painting.core import translate

    translate.choose(GLib.get_language_names()[0])
    try:
        content = making.Content(config.get_property("content"))
        pixels = canvas.read_pixels(image)  # which tells of its own progress
        Gimp.progress_init(TITLE)
        layers = making.make(pixels, canvas.title_of(image), content, making.find_target(HERE), _report)
        made = canvas.new_image(image, layers)
    except making.MakingError as error:
        return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(str(error)))
    Gimp.progress_end()
    if mode != Gimp.RunMode.NONINTERACTIVE:  # also where the filter is repeated with its last values
        Gimp.Display.new(made)
        Gimp.displays_flush()
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    values.remove(1)
    values.insert(1, GObject.Value(Gimp.Image, made))
    return values


def _asked(procedure: Gimp.Procedure, config: Any) -> bool:
    """Whether somebody wants it, and what."""
    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi

    GimpUi.init(PROCEDURE)
    dialog = GimpUi.ProcedureDialog.new(procedure, config, TITLE)
    dialog.fill(None)
    wanted = bool(dialog.run())
    dialog.destroy()
    return wanted


def _report(fraction: float, words: str) -> None:
    Gimp.progress_update(fraction)
    Gimp.progress_set_text(words)


Gimp.main(UndoPainting.__gtype__, sys.argv)

"""The Krita plugin "Undo Painting": its files as package data, and the packer that makes a zip or puts it in place."""

MODULE = "undo_painting"

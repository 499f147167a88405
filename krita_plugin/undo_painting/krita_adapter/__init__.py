"""Thin wrappers on Krita's objects. For the GUI thread only."""

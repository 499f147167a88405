"""Checkpoints of the published models: where they are, how they get there, and how they are read.

Importing this package imports no torch: `loading` and `weights` do, and are imported by who needs them.
"""

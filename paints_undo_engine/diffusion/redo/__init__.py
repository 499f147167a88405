"""Going on another way from a half-done canvas, by Stable Diffusion 1.5 and ControlNet (docs/redo.md)."""

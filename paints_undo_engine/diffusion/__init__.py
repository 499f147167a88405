"""The diffusion engine: the two published Paints-Undo models, loaded unchanged, with the same numbers."""

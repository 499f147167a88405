"""The interpolation model (multi-frame): joins two neighbouring keyframes by the frames between them."""

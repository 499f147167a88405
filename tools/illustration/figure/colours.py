"""The figure's paints."""

INK = "#33212f"
INK_SOFT = "#8c4a4a"

SKIN, SKIN_SHADE, SKIN_DEEP = "#fde4d6", "#efb2a6", "#d98a86"
BLUSH = "#f08a80"

HAIR, HAIR_SHADE, HAIR_DEEP, HAIR_LIGHT = "#3f6f86", "#284a69", "#1d3352", "#7cb9bd"
RIM = "#ffd9a0"

IRIS_TOP, IRIS_BOTTOM, IRIS_DEEP, IRIS_GLOW = "#7a3b1e", "#f2a63c", "#3d1a1c", "#ffe08a"

COAT, COAT_SHADE, COAT_DEEP, COAT_LIGHT = "#e9b44c", "#c7803f", "#9c5a3c", "#f9dc8d"
SHIRT, SHIRT_SHADE = "#f6f1ee", "#c9bdd2"
RIBBON, RIBBON_SHADE, RIBBON_LIGHT = "#c8414b", "#8f2b49", "#ec7a72"

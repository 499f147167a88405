"""The illustration's colours, and the axis of the fox."""

AXIS = 500.0
INK = "#3a2230"
ORANGE, ORANGE_SHADE, ORANGE_LIGHT = "#ee8a3c", "#c8602f", "#ffb066"
CREAM, CREAM_SHADE = "#fff2df", "#e3c4b4"
DARK, DARK_SHADE = "#5b3136", "#43232c"
SMOCK, SMOCK_SHADE, SMOCK_LIGHT = "#5b6bb5", "#43498c", "#8494d8"
SCARF, SCARF_SHADE, SCARF_LIGHT = "#2f9c95", "#1f716f", "#6fcabd"
GOLD, WOOD, WOOD_SHADE = "#f6c453", "#b9804f", "#8d5a3a"

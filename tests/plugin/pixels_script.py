"""Run by a test: work on pixels under PyQt6."""

import json

import offscreen  # noqa: F401 - first, since it makes the plugin importable
from undo_painting.background import coding
from undo_painting.pixels import FORMAT, bands, only_colour, opaque, scaled, scaled_in_bands
from undo_painting.qt import QImage, QtGui


def painted(width, height, alpha):
    image = QImage(width, height, FORMAT.Format_ARGB32)
    image.fill(QtGui.QColor(250, 240, 220, alpha))
    painter = QtGui.QPainter(image)
    painter.fillRect(width // 4, height // 3, width // 2, height // 4, QtGui.QColor(40, 90, 200))
    painter.end()
    return image


def difference(one, other):
    places = [(x, y) for x in range(0, one.width(), 7) for y in range(one.height())]
    pairs = [(one.pixelColor(*place), other.pixelColor(*place)) for place in places]
    return sorted(max(abs(a.red() - b.red()), abs(a.alpha() - b.alpha())) for a, b in pairs)


def blank(image):
    return only_colour(image) is not None


found = {}
for side in (8, 3000):
    paper = QImage(side, side, FORMAT.Format_ARGB32)
    paper.fill(0xFFEEDDCC)
    one_colour = blank(paper)
    paper.setPixel(side - 1, side - 1, 0xFF000000)
    a_dot = blank(paper)
    paper.fill(0)
    paper.setPixel(side - 2, 1, 0x00FFFFFF)
    found[f"blank {side}"] = [one_colour, a_dot, blank(paper), blank(painted(side, side, 0))]
for width, height in ((1000, 1000), (777, 1300), (3000, 700)):
    for alpha in (255, 0):
        image = painted(width, height, alpha)
        small = coding.preview_size(width, height)
        apart = difference(scaled_in_bands(image, *small), scaled(image, *small))
        found[f"scaled {width} {height} {alpha}"] = [sum(each > 8 for each in apart) / len(apart), opaque(image)]
        rows = [band.height() for band in bands(image)]
        assert sum(rows) == height, "bands are whole"
        preview = coding.preview_of_image(image)
        assert (preview.width(), preview.height()) == small, "a preview's size"
    digest, pixels = coding.for_upload(image, local=True)
    assert len(pixels.data) == width * height * 4, "straight pixels without padding"
    back = coding.decode(pixels, lambda *size: size)
    assert difference(back, image)[-1] == 0, "what is sent is what was there"
print(json.dumps(found))

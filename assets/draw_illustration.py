"""Draw "The young painter", the illustration that the demo takes and the README shows.

python assets/draw_illustration.py [illustration.png]
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from illustration import draw_picture

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("illustration.png")
    Image.fromarray(draw_picture()).save(target, optimize=True)

"""What the plugin loads while Krita starts: nothing of the network, which takes longer than all the rest."""

import subprocess
import sys
from pathlib import Path

from krita_plugin.undo_painting.net import pictures
from paints_undo.v1 import pictures_pb2

HEAVY = """
import sys
sys.path.insert(0, sys.argv[1])
from undo_painting import pixels
from undo_painting.net import bridge, channel, convert, supervisor
print([name for name in sys.modules if name.startswith("undo_painting._vendor.")])
from undo_painting.net import daemon
print(len([name for name in sys.modules if name.startswith("undo_painting._vendor.")]) > 50)
"""


def test_the_libraries_are_loaded_with_the_first_connection(staged: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-c", HEAVY, str(staged)], capture_output=True, text=True, check=False
    )
    assert result.stdout.split("\n")[:2] == ["[]", "True"], result.stderr


def test_the_encodings_are_the_protocols() -> None:
    for name in ("FILE", "PNG", "RAW_RGB8", "RAW_RGBA8"):
        assert getattr(pictures, name) == pictures_pb2.PictureEncoding.Value(f"PICTURE_ENCODING_{name}")

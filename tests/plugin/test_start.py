"""What the plugin loads while Krita starts: nothing of the network, which takes longer than all the rest."""

from collections.abc import Callable
from typing import Any

from krita_plugin.undo_painting.net import pictures
from paints_undo.v1 import pictures_pb2


def test_kritas_thread_loads_nothing_of_the_network(run_script: Callable[..., list[Any]]) -> None:
    (found,) = run_script("start_script.py")
    assert found["started"] == []
    assert found["late"] == [], "what is done with a result is loaded when it is first asked for"
    assert "ui.exporting" in found["opened"]
    assert {"asyncio", "background", "ssl"} <= set(found["looked"]), "the network's own thread loads them"
    assert "_vendor" not in found["looked"], "the client is loaded with the first connection"
    assert found["answer"] == "No daemon is running."
    assert found["errors"] == []


def test_the_encodings_are_the_protocols() -> None:
    for name in ("FILE", "PNG", "RAW_RGB8", "RAW_RGBA8"):
        assert getattr(pictures, name) == pictures_pb2.PictureEncoding.Value(f"PICTURE_ENCODING_{name}")

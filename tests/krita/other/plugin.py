"""A second plugin, as others are written: its libraries lie beside it, under their own names, on the search path."""

import sys
from pathlib import Path

after_ours = "undo_painting" in sys.modules
sys.path.insert(0, str(Path(__file__).parent / "libraries"))

import google.protobuf  # noqa: E402
import grpclib  # noqa: E402
import h2  # noqa: E402
import h2.connection  # noqa: E402
import multidict  # noqa: E402
from google.protobuf import struct_pb2  # noqa: E402


def versions():
    """What this plugin sees, and what anyone who imports them now would see."""
    own = [google.protobuf, grpclib, h2, multidict]
    assert [sys.modules[module.__name__] for module in own] == own
    return {module.__name__: module.__version__ for module in own}


def works():
    """Whether its libraries do what they are for."""
    message = struct_pb2.Struct()
    message["strokes"] = 3
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    same = struct_pb2.Struct.FromString(message.SerializeToString()) == message
    return same and bool(connection.data_to_send()) and multidict.CIMultiDict(a=1)["A"] == 1

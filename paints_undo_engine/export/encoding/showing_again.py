"""VP9 shows a picture again in one byte, which needs no encoding (VP9 Bitstream Specification 0.6, section 6.2)."""

from __future__ import annotations

_MARKER, _EXISTING = 0b1000_0000, 0b0000_1000
_KIND = 0b1111_1010
"""The bits of the first byte that tell a frame of profile 0 that is shown at once."""
_SHOWN = 0b1000_0010
_INTER, _RESILIENT = 0b0000_0100, 0b0000_0001


def shown_again(frame: bytes) -> bytes | None:
    """The frame that shows again what a frame of profile 0 has just shown; None where the decoder has not kept it.

    The decoder keeps eight pictures; a frame's header tells in which places it is put.

    >>> shown_again(b"\\x86\\x00\\x80")
    b'\\x89'
    """
    if len(frame) < 3 or frame[0] & _KIND != _SHOWN:
        return None
    if not frame[0] & _INTER:  # a key frame is put in all places
        places = 0xFF
    elif frame[0] & _RESILIENT:
        places = frame[1]
    else:
        places = int.from_bytes(frame[1:3]) >> 6 & 0xFF
    if not places:
        return None
    return bytes([_MARKER | _EXISTING | ((places & -places).bit_length() - 1)])

"""What a file may be for: the daemon's exports by name, in the artist's words."""

from __future__ import annotations

from dataclasses import dataclass

from .export import HOLD_SECONDS, Export
from .translate import tr


@dataclass(frozen=True)
class Purpose:
    """An export by name; `summary` says what it is for, in the words of who added it."""

    name: str
    summary: str
    export: Export

    def words(self) -> str:
        """What it is called: in the artist's language where it is one that is known."""
        known = {
            "Video, as painted": tr("Video, as painted"),
            "Upright video for a phone, 15 seconds; a camera follows the work": tr("For a phone, 9:16, 15 s"),
            "Upright video for a phone, 60 seconds, with what is being done": tr("For a phone, 9:16, 60 s"),
            "Square post, 15 seconds": tr("Square post, 1:1, 15 s"),
            "Portrait post, 15 seconds": tr("Portrait post, 4:5, 15 s"),
            "Wide video, 30 seconds": tr("Wide video, 16:9, 30 s"),
            "Slow video for teaching: phases of equal length, operation, colours and brush are shown": tr(
                "Slow video for teaching, 90 s"
            ),
            "Short video that begins with the painting and ends with a detail and a comparison, 20 seconds": tr(
                "Video with a comparison, 20 s"
            ),
            "Small GIF for a chat, 6 seconds": tr("Small GIF for a chat"),
            "Page with a slider, in one file": tr("Page with a slider (HTML)"),
            "Photoshop file with the painting's layers": tr("Layers for Photoshop (PSD)"),
            "OpenRaster file with the painting's layers": tr("Layers as OpenRaster (ORA)"),
            "Contact sheet of sixteen states": tr("Contact sheet, one picture"),
            "Sprite sheet with the list of its cells, for games": tr("Sprite sheet for games (ZIP)"),
            "Numbered pictures in an archive": tr("Numbered pictures (ZIP)"),
        }
        return known.get(self.summary, self.summary or self.name)

    def adapted(self, frames_per_second: int, hold_seconds: float, can_split: bool) -> Export:
        """The export with the artist's own rate and hold where it sets none, and with states as layers where the
        painting is not taken apart."""
        made = self.export
        if made.kind.layered and not can_split and made.split:
            return made.changed(layer_content="LAYER_CONTENT_KEYFRAMES")
        if not made.kind.moves:
            return made
        if made.values.get("hold_last_seconds", HOLD_SECONDS) == HOLD_SECONDS:
            made = made.changed(hold_last_seconds=hold_seconds)
        given = made.values.get("frames_per_second")
        return made if given else made.changed(frames_per_second=float(frames_per_second))

"""Account for what each part of a job takes on a device, and write the table that memory plans are chosen by.

.venv/bin/python tools/account_memory.py     # a minute
"""

from __future__ import annotations

import json
from pathlib import Path

from paints_undo_engine.diffusion.full_size.budget import table

TABLE = Path(__file__).resolve().parent.parent / "paints_undo_engine" / "diffusion" / "residency" / "needs.json"


def main() -> None:
    TABLE.write_text(json.dumps(table(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""What Krita's start waits for, and the self-check: nothing is missing here, and what would be missing is named."""

import krita
from inside import RESULT, controller, docker, document, finish, pump
from undo_painting.core import timing
from undo_painting.krita_adapter import check

doc = document()
pump(1.5)
plugin = controller()
RESULT["parts"] = timing.parts()
RESULT["missing"] = [list(plugin.missing), docker().problem.text()]
kept, check.krita = check.krita, type("Older", (), {"Krita": krita.Krita, "Node": krita.Node})
plugin.missing = check.missing()
check.krita = kept
plugin.changed()
pump(0.3)
RESULT["without"] = [len(plugin.missing), docker().problem.text(), docker().big.isEnabled()]
finish()

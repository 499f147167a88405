"""Beside a plugin with other versions of the same libraries: a job runs, and the other still sees its own."""

import importlib
import os
import sys

from inside import RESULT, document, finish, run_job

doc = document()
other = importlib.import_module(os.environ["OTHER"])
RESULT["before"] = [other.after_ours, other.versions(), other.works()]
job = run_job()
RESULT["after"] = [other.versions(), other.works()]
ours = importlib.import_module("undo_painting._vendor.google.protobuf")
private = importlib.import_module("undo_painting._vendor.multidict")
RESULT["ours"] = [ours.__version__, private.__version__]
RESULT["foreign"] = [
    name
    for name, module in sys.modules.items()
    if name.split(".")[0] in ("google", "grpclib", "h2", "hpack", "hyperframe", "multidict")
    and "undo_painting/" in str(getattr(module, "__file__", ""))
]
finish(state=job.state.value, frames=len(job.frames))

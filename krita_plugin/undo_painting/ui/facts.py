"""What the view is made from, as the controller knows it now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core.connection import ConnectionState
from ..core.view import Facts

if TYPE_CHECKING:
    from ..controller.session import Session


def facts_of(controller: Controller, session: Session | None) -> Facts:
    """The facts about a session, or about no document."""
    task = session.task if session is not None else None
    facts = Facts(
        status=controller.status,
        has_document=session is not None,
        job=session.job if session is not None else None,
        preview=session.preview_job if session is not None else None,
        wanted_engine=session.parameters.engine if session is not None else "auto",
        task_text=task.text if task else "",
        task_done=task.done if task else 0,
        task_of=task.of if task else 0,
        remote=bool(controller.settings.remote),
        missing=tuple(controller.missing),
    )
    if controller.setup_made is None and controller.status.state is ConnectionState.STOPPED:
        return facts  # as Krita starts: it is not known yet whether anything is to be set up
    setup = controller.setup
    return replace(
        facts,
        setting_up=setup.running,
        setup_text=f"{setup.text}\n{setup.detail}".strip() if setup.running else setup.text,
        setup_bad=setup.bad,
        setup_done=setup.done,
        setup_of=setup.of,
        can_set_up=setup.bundle is not None,
    )

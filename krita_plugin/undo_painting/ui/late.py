"""What the docker's folds hold, imported and made when one is first opened: Krita starts sooner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..controller.controller import Controller

if TYPE_CHECKING:
    from .expert import ExpertPanel
    from .gallery import GalleryPanel
    from .results import ResultsPanel


def gallery_panel(controller: Controller) -> GalleryPanel:
    """Other ways to paint the picture."""
    from .gallery import GalleryPanel

    panel = GalleryPanel(controller)
    panel.refresh(controller.active())
    return panel


def results_panel(controller: Controller) -> ResultsPanel:
    """The document's earlier results."""
    from .results import ResultsPanel

    panel = ResultsPanel(controller)
    panel.refresh(controller.active())
    return panel


def expert_panel(
    controller: Controller, open_settings: Callable[[], object], engine_words: Callable[[], str]
) -> ExpertPanel:
    """What an artist need not know."""
    from .expert import ExpertPanel

    panel = ExpertPanel(controller, open_settings, engine_words)
    panel.refresh(controller.active())
    return panel

"""What the docker shows in each state."""

from dataclasses import replace

import pytest

from krita_plugin.undo_painting.core import translate, view
from krita_plugin.undo_painting.core.connection import (
    ConnectionState,
    ConnectionStatus,
    EngineInfo,
    Problem,
    Server,
    problem_of,
)
from krita_plugin.undo_painting.core.jobs import Event, Job, Progress, StoredFrame
from krita_plugin.undo_painting.core.mapping import PaintingSource, Placement, Rect
from krita_plugin.undo_painting.core.parameters import Branch, Parameters
from krita_plugin.undo_painting.core.view import Action, Facts
from paints_undo.v1 import server_pb2
from paints_undo_daemon.server.info import _recommend
from paints_undo_daemon.server.readiness import READY as READY_STATE
from paints_undo_daemon.server.readiness import EngineReadiness

PROCEDURAL = EngineInfo("procedural", True, has_layers=True)
READY = ConnectionStatus(ConnectionState.CONNECTED, server=Server(engines=(PROCEDURAL,)))


def job(*kinds: str) -> Job:
    made = Job("r", "d", "t", "procedural", Parameters(), PaintingSource("picture", Rect(0, 0, 9, 9), 9, 9), units=4)
    for number, kind in enumerate(kinds, 1):
        picture = StoredFrame(number, 5.0, "h", 9, 9, Placement(0, 0, 9, 9)) if kind == "frame_stored" else None
        made.apply(Event(number, kind, "It broke." if kind == "failed" else "", picture))
    return made


def test_without_a_document_nothing_can_be_started() -> None:
    shown = view.make(Facts(READY, False, None, None))
    assert (shown.action, shown.enabled, shown.progress) == (Action.START, False, "Open a picture first.")


def test_the_button_starts_cancels_and_starts_again() -> None:
    assert view.make(Facts(READY, True, None, None)).action is Action.START
    running = view.make(Facts(READY, True, job("accepted", "started"), None))
    assert (running.action, running.fraction) == (Action.CANCEL, 0.0)
    done = view.make(Facts(READY, True, job("accepted", "started", "frame_stored", "finished"), None))
    assert (done.action, done.fraction, done.can_import, done.can_split) == (Action.START, None, True, True)


def test_only_what_the_engine_can_is_offered_at_the_player() -> None:
    def offered(engine: EngineInfo, made: Job) -> tuple[bool, bool, bool, bool]:
        shown = view.make(
            Facts(ConnectionStatus(ConnectionState.CONNECTED, server=Server(engines=(engine,))), True, made, None)
        )
        return shown.can_redo, shown.can_change_states, shown.can_vary, shown.is_branch

    done = job("accepted", "started", "frame_stored", "finished")
    assert offered(PROCEDURAL, done) == (False, False, False, False)
    assert offered(replace(PROCEDURAL, can_redo=True), done) == (True, False, False, False)
    assert offered(replace(PROCEDURAL, has_variants=True), done) == (False, False, True, False)
    joins = replace(PROCEDURAL, joins_keyframes=True)
    assert offered(joins, done) == (True, True, False, False)
    assert offered(joins, job("accepted", "started", "frame_stored")) == (False, False, False, False)
    done.parameters = Parameters(branches=(Branch(500, 1),))
    assert offered(PROCEDURAL, done)[3]


def test_waiting_shows_a_busy_bar() -> None:
    assert view.make(Facts(READY, True, job("accepted"), None)).fraction == -1.0


def test_a_failed_job_says_why() -> None:
    shown = view.make(Facts(READY, True, job("accepted", "failed"), None))
    assert shown.progress == "It broke."
    assert not shown.can_import


def test_an_import_shows_its_own_progress_and_blocks_another() -> None:
    made = job("accepted", "started", "frame_stored", "finished")
    shown = view.make(Facts(READY, True, made, None, task_text="Building layers …", task_done=3, task_of=12))
    assert (shown.fraction, shown.progress, shown.busy) == (0.25, "Building layers … 3/12", True)
    assert not shown.can_import


def test_a_blank_canvas_alone_is_nothing_to_import() -> None:
    made = job("accepted", "started")
    blank = StoredFrame(0, 1000.0, "blank", 10, 10, Placement(0, 0, 10, 10))
    made.keyframes[0] = blank
    assert not view.make(Facts(READY, True, made, None)).can_import
    made.keyframes[1] = replace(blank, index=1, operation_step=800.0)
    assert view.make(Facts(READY, True, made, None)).can_import


def test_not_installed_offers_set_up_only_where_the_build_can() -> None:
    none = ConnectionStatus(ConnectionState.NOT_INSTALLED)
    assert view.make(Facts(none, True, None, None, can_set_up=True)).action is Action.SET_UP
    assert view.make(Facts(none, True, None, None)).action is Action.START


@pytest.mark.parametrize(
    ("problem", "remote", "remedy"),
    [
        (Problem.UNREACHABLE, True, Action.HERE),
        (Problem.TOKEN, True, Action.SETTINGS),
        (Problem.CERTIFICATE, True, Action.SETTINGS),
        (Problem.VERSION, False, Action.SET_UP),
        (Problem.START, False, Action.SET_UP),
        (Problem.OTHER, False, Action.SETTINGS),
    ],
)
def test_each_problem_stands_once_with_its_remedy(problem: Problem, remote: bool, remedy: Action) -> None:
    status = ConnectionStatus(ConnectionState.FAILED, problem, address="box:1")
    failed = job("accepted", "failed")
    failed.failure = status.words()
    shown = view.make(Facts(status, True, failed, None, can_set_up=True, remote=remote))
    assert (shown.remedy, bool(shown.remedy_text)) == (remedy, True)
    assert len(shown.problem) > 20
    assert shown.progress == "", "the same sentence does not stand twice"


def test_while_all_is_well_nothing_is_said() -> None:
    for status in (READY, ConnectionStatus(ConnectionState.STOPPED), ConnectionStatus(ConnectionState.CONNECTING)):
        done = job("accepted", "started", "frame_stored", "finished")
        shown = view.make(Facts(status, True, done, None))
        assert (shown.problem, shown.remedy, shown.progress) == ("", Action.NOTHING, "")


def test_setting_up_shows_how_far_it_is_and_why_it_failed() -> None:
    none = ConnectionStatus(ConnectionState.NOT_INSTALLED)
    facts = Facts(none, True, None, None, setting_up=True, setup_text="Installing …", setup_done=1, setup_of=4)
    shown = view.make(facts)
    assert (shown.fraction, shown.progress, shown.enabled) == (0.25, "Installing …", False)
    failed = view.make(Facts(none, True, None, None, can_set_up=True, setup_text="No room.", setup_bad=True))
    assert (failed.fraction, failed.progress, failed.progress_bad, failed.enabled) == (None, "No room.", True, True)


def test_a_missing_call_is_named() -> None:
    shown = view.make(Facts(READY, True, None, None, missing=("Node.animated",)))
    assert "Node.animated" in shown.problem


def test_automatic_takes_diffusion_where_it_is_ready() -> None:
    diffusion = EngineInfo("diffusion", True)
    both = Server(engines=(PROCEDURAL, diffusion), recommended="diffusion", reason="a card with 24 GB")
    assert both.choose("auto") == ("diffusion", "a card with 24 GB")
    assert both.choose("procedural") == ("procedural", "")
    poor = Server(engines=(PROCEDURAL, EngineInfo("diffusion", False, "No models.")), recommended="procedural")
    assert poor.choose("auto") == ("procedural", "No models.")
    assert (
        "No models."
        in view.make(Facts(ConnectionStatus(ConnectionState.CONNECTED, server=poor), True, None, None)).engine
    )


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("UNAUTHENTICATED", Problem.TOKEN),
        ("UNAVAILABLE", Problem.UNREACHABLE),
        ("UNIMPLEMENTED", Problem.VERSION),
        ("INTERNAL", Problem.OTHER),
    ],
)
def test_statuses_become_problems(status: str, problem: Problem) -> None:
    assert problem_of(status, "x")[0] is problem


def test_the_words_on_the_player() -> None:
    picture = StoredFrame(2, 870.6, "h", 9, 9, Placement(0, 0, 9, 9), "line, hair, outline")
    assert view.frame_words(picture, False) == "13 % · Line art"
    assert view.frame_words(picture, True) == "13 % · Line art · preview"
    assert view.frame_words(replace(picture, operation_step=0.0), False) == "Finished painting"
    unknown = replace(picture, label="gilding, leaf 3")
    assert view.frame_words(unknown, False) == "13 % · gilding"


def test_progress_is_the_part_of_all_units() -> None:
    made = job("accepted", "started", "unit_finished")
    made.advance(Progress("keyframes", 1, 2))
    assert made.fraction == pytest.approx(1.5 / 4)


def test_the_daemons_reasons_are_those_that_are_translated() -> None:
    ready = dict.fromkeys(("procedural", "diffusion"), EngineReadiness(READY_STATE, ""))
    small, large = (server_pb2.Device(device_id=f"cuda:{gib}", memory_bytes=gib * 2**30) for gib in (2, 4))
    said = [_recommend(ready, devices) for devices in ([], [small], [small, large])]
    assert said == list(zip(("procedural", "procedural", "diffusion"), view.DAEMON_REASONS, strict=True))
    server = Server(engines=(PROCEDURAL, EngineInfo("diffusion", True)), reason=view.DAEMON_REASONS[0])
    try:
        translate.choose("de")
        shown = view.make(Facts(ConnectionStatus(ConnectionState.CONNECTED, server=server), True, None, None))
        assert shown.engine.startswith("Verfahren: procedural (Hier ist keine Grafikkarte")
    finally:
        translate.choose("en")

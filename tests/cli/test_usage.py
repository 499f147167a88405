"""Flags, help and wrong usage."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from paints_undo_daemon.cli import main
from paints_undo_daemon.cli.app import app
from paints_undo_daemon.cli.export_options import FLAGS as EXPORT_FLAGS
from paints_undo_daemon.cli.export_options import build_options
from paints_undo_daemon.cli.problems import WrongUsageError, wrong_value
from paints_undo_daemon.cli.request_options import FLAGS, build_request, in_option_names, own_pictures, seed_pairs
from paints_undo_daemon.client import CallRefusedError
from paints_undo_engine.declarations import REQUEST
from paints_undo_engine.errors import InvalidRequestError, PaintsUndoError
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, Fill, FrameSize
from paints_undo_engine.request import Method, ProcessRequest
from paints_undo_engine.stages import Stage

ROOT = Path(__file__).resolve().parents[2]
GIVEN_OTHERWISE = {"keyframes.seeds", "keyframes.own", "procedural.branches"}
EXPORT_OTHERWISE = {"format", "max_side", "size"}


def commands() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(group: Any, prefix: str) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, f"{prefix}{name} ")
            else:
                found[prefix + name] = command

    walk(typer.main.get_command(app), "")
    return found


def field_names(request: Any, prefix: str = "") -> Iterator[str]:
    for field in fields(request):
        value = getattr(request, field.name)
        yield from field_names(value, f"{field.name}.") if is_dataclass(value) else [prefix + field.name]


def test_every_field_of_a_request_has_a_flag():
    assert {flag.parameter.name for flag in FLAGS} | GIVEN_OTHERWISE == set(field_names(ProcessRequest()))


def test_every_export_option_has_a_flag():
    flags = {flag.parameter.name for flag in EXPORT_FLAGS} - {"export_preset"}
    assert flags | EXPORT_OTHERWISE == {field.name for field in fields(ExportOptions)}


def test_the_help_names_every_range():
    texts = {option.name: option.help for option in commands()["undo"].params}
    for known in REQUEST:
        if not known.bound.choices:
            assert known.bound.words() in texts["given_" + known.name.replace(".", "_")]


@pytest.mark.parametrize("name", commands())
def test_every_command_has_a_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]):
    assert main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example" in text
    assert f"paints-undo {name}" in text


def test_nothing_given_is_the_default_request():
    assert build_request({}, seed=None, seeds=(), own=()) == ProcessRequest()


def test_one_seed_is_for_both_stages_unless_one_is_given():
    request = build_request({"interpolation.seed": 5}, seed=7, seeds=(), own=())
    assert (request.keyframes.seed, request.interpolation.seed) == (7, 5)


def test_words_become_members_of_their_enums():
    request = build_request({"stop_after": "tags", "procedural.method": "flat"}, seed=None, seeds=(), own=())
    assert request.stop_after is Stage.TAGS
    assert request.procedural.method is Method.FLAT


@given(st.lists(st.integers(0, 999), unique=True, min_size=1, max_size=20))
def test_operation_steps_and_own_keyframes(steps: list[int]):
    steps.sort()
    text = ",".join(map(str, steps))
    own = own_pictures([f"{steps[0]}=a=b.png"])
    seeds = seed_pairs([f"{steps[-1]}=9"])
    request = build_request({"keyframes.operation_steps": text}, seed=None, seeds=seeds, own=own)
    assert request.operation_steps == tuple(steps)
    assert own == {steps[0]: Path("a=b.png")}
    assert request.keyframes.seeds == ((steps[-1], 9),)


@given(st.text(max_size=20))
def test_operation_steps_are_numbers_or_refused(text: str):
    try:
        request = build_request({"keyframes.operation_steps": text}, seed=None, seeds=(), own=())
    except InvalidRequestError as error:
        assert error.field == "keyframes.operation_steps"
    else:
        assert request.operation_steps == tuple(int(step) for step in text.split(","))


@given(st.text(max_size=12))
def test_a_pair_without_a_step_is_wrong_usage(text: str):
    try:
        pairs = own_pictures([text])
    except WrongUsageError:
        return
    ((step, path),) = pairs.items()
    assert step >= 0
    assert text.endswith(str(path)) or str(path) in text


@pytest.mark.parametrize(
    ("given", "size", "wanted"),
    [
        ({"aspect": "9:16"}, None, {"aspect": Aspect.TALL}),
        ({"aspect": "1:1", "fill": "crop"}, None, {"aspect": Aspect.SQUARE, "fill": Fill.CROP}),
        ({}, "1920", {"max_side": 1920}),
        ({}, "painting", {"size": FrameSize.PAINTING}),
        ({}, "model", {"size": FrameSize.MODEL}),
    ],
)
def test_shapes_and_sizes(
    given: dict[str, str],
    size: str | None,
    wanted: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    options = build_options(Path("a.gif"), {"reverse": True, **given}, size=size)
    assert options == ExportOptions(format=ExportFormat.GIF, reverse=True, **wanted)


@pytest.mark.parametrize(
    ("locale", "given", "wanted"),
    [("de_AT.UTF-8", {}, "de"), ("zh_CN", {}, "zh"), ("xx", {}, "en"), ("de_DE", {"language": "ja"}, "ja")],
)
def test_the_card_has_the_terminal_s_language(
    locale: str, given: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LC_ALL", locale)
    assert build_options(Path("a.mp4"), given, size=None).language == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ["undo"],
        ["undo", "a.png", "-o", "x.mp4", "--no-such-option"],
        ["undo", "a.png", "-o", "x.mp4", "--keyframe-steps", "400"],
        ["undo", "a.png", "-o", "x.mp4", "--keyframe-steps", "many"],
        ["undo", "a.png", "-o", "x.mp4", "--engine", "magic"],
        ["undo", "a.png", "-o", "x.mp4", "--aspect", "2:1"],
        ["undo", "a.png", "-o", "x.mp4", "--aspect", "1:1", "--fill", "paint"],
        ["undo", "a.png", "-o", "x.mp4", "--size", "big"],
        ["undo", "a.png", "-o", "x.mp4", "--fps", "10", "--duration", "15"],
        ["undo", "a.png", "-o", "x.mp4", "--layers", "cake"],
        ["undo", "a.xyz", "--in-process"],
        ["undo", "a.png", "-o", "x.xyz"],
        ["export", "-o", "x.xyz"],
        ["undo", "a.png", "-o", "x.mp4", "--keyframe", "mine.png"],
        ["undo", "a.png", "-o", "x.mp4", "--keyframe-seed-at", "143=red"],
        ["undo", "a.png", "-o", "x.mp4", "--operation-steps", "3,2,1"],
        ["undo", "a.png", "-o", "x.mp4", "--device", "cuda:0"],
        ["undo", "a.png", "-o", "-", "--json"],
        ["jobs", "list", "--state", "lost"],
        ["redo", "last", "--at", "0", "-o", "x.png"],
        ["redo", "last", "--at", "500", "--choose", "9", "-o", "x.mp4"],
        ["redo", "last", "--at", "500", "--choose", "1", "-o", "x.xyz"],
        ["dance"],
        ["undoo"],
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    text = capsys.readouterr().err.strip()
    assert text.startswith("paints-undo: ")
    assert "\n" not in text
    before, see, _ = text.partition(" See '")
    assert not see or before.endswith((".", "?"))


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--seed", "abc", "a whole number"),
        ("--fps", "fast", "a number"),
        ("--variants", "99", "at most 8"),
        ("--variants", "0", "at least 1"),
        ("--duration", "nan", "0 to 600"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_our_own_words(
    option: str, value: str, wanted: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["undo", "a.png", option, value]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"paints-undo: {option} is ")
    assert value in said
    assert f"but must be {wanted}" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fps", "5", "--duration", "9"], "--fps is 5.0, but must be 0 when --duration is given."),
        (
            ["--pace", "eased", "--pace-curve", "0:0,1:1"],
            "--pace is 'eased', but must be linear when --pace-curve is given.",
        ),
    ],
)
def test_options_that_exclude_each_other_are_both_named(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["export", "-o", "a.mp4", *options]) == 2
    assert capsys.readouterr().err == f"paints-undo: {said}\n"


@pytest.mark.parametrize(("value", "wanted"), [("0", "more than 0"), ("2", "less than 2"), ("x", "a number")])
def test_a_bound_that_is_excluded_is_told_in_our_own_words(value: str, wanted: str):
    """The checking library knows such bounds; what makes our options of them has none yet."""
    (option,) = (each for each in commands()["undo"].params if "--fps" in each.opts)
    with pytest.raises(ValidationError) as found:
        TypeAdapter(Annotated[float, Field(gt=0, lt=2)]).validate_python(value)
    error = typer.BadParameter("", param=option)
    error.__cause__ = found.value
    assert wrong_value(error) == f"--fps is {value!r}, but must be {wanted}."


@pytest.mark.parametrize(("field", "option"), [("options.title", " The option is --title."), ("title", "")])
def test_what_a_daemon_refuses_names_the_option_of_an_export_and_of_nothing_else(field: str, option: str):
    """The title of a job is not that of a video."""
    with pytest.raises(PaintsUndoError) as caught, in_option_names():
        raise CallRefusedError("It is too long.", "INVALID_ARGUMENT", (field,))
    assert str(caught.value) == f"It is too long.{option}"


@pytest.mark.parametrize(
    ("outputs", "options", "idle"),
    [
        (["x.ora"], ["--fps", "5"], ["--fps"]),
        (
            ["x.png", "x.pdf"],
            ["--reverse", "--size", "model", "--title", "Fox"],
            ["--reverse", "--size model", "--title"],
        ),
        (["x.gif"], ["--show-brush", "--fps", "5"], ["--show-brush"]),
        (["x.mp4"], ["--layers", "split"], ["--layers"]),
        (["x.gif", "x.html"], ["--no-end-card", "--title", "Fox"], ["--title"]),
    ],
)
@pytest.mark.parametrize("command", ["undo a.png", "export"])
def test_an_option_that_no_output_reads_is_refused(
    command: str, outputs: list[str], options: list[str], idle: list[str], capsys: pytest.CaptureFixture[str]
):
    where = [word for output in outputs for word in ("-o", output)]
    assert main([*command.split(), *where, *options]) == 2
    said, _, rest = capsys.readouterr().err.partition(": no effect on ")
    assert sorted(said.removeprefix("paints-undo: ").split(", ")) == sorted(idle)
    assert rest.endswith("leave it out.\n")


@pytest.mark.parametrize(
    ("output", "options", "idle"),
    [
        ("x.mp4", ["--size", "model"], "--size model: no effect on mp4 of 3 variants"),
        ("x.gif", ["--aspect", "1:1", "--fill", "follow"], "--fill follow: no effect on gif of 3 variants"),
        ("x.png", ["--aspect", "1:1"], "--aspect: no effect on contact-sheet of 3 variants"),
    ],
)
def test_an_option_that_no_output_of_variants_reads_is_refused(
    output: str, options: list[str], idle: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["undo", "a.png", "--variants", "3", "-o", output, *options]) == 2
    assert capsys.readouterr().err == f"paints-undo: {idle}; leave it out.\n"


def test_an_option_that_one_of_the_outputs_reads_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    outputs = [tmp_path / "x.ora", tmp_path / "x.gif"]
    where = [word for output in outputs for word in ("-o", str(output))]
    assert main(["undo", str(tmp_path / "none.png"), *where, "--fps", "5"]) == 2
    assert "There is no file" in capsys.readouterr().err, "the next thing that is wrong"


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["undo", "a.png", "--sed", "3"], "paints-undo undo"),
        (["undo"], "paints-undo undo"),
        (["jobs", "list", "--states"], "paints-undo jobs list"),
        (["jobs", "list", "--state"], "paints-undo jobs list"),
        (["undo", "a.png", "-o"], "paints-undo undo"),
        (["--address", "box:1", "undo", "a.png", "--json=1"], "paints-undo undo"),
        (["--address"], "paints-undo"),
        (["dance"], "paints-undo"),
    ],
)
def test_wrong_usage_points_to_the_help_that_lists_the_options(
    arguments: list[str], command: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip().endswith(f" See '{command} --help'.")


@pytest.mark.parametrize(
    "command",
    [
        *(["serve"], ["doctor"], ["token", "renew"], ["clients", "list"], ["clients", "add", "a"]),
        *(["clients", "remove", "a"], ["store", "check"], ["store", "rebuild"], ["store", "adopt"]),
        *(["plugin", "install"], ["plugin", "uninstall"], ["plugin", "build"], ["bench", "a.png"]),
        *(["models", "path"], ["models", "inspect"], ["models", "list", "--in-process"], ["engines", "--in-process"]),
        *(["models", "download", "--models", "there"], ["undo", "a.png", "--in-process"]),
    ],
)
@pytest.mark.parametrize("by_environment", [False, True])
def test_what_acts_here_is_refused_with_an_address(
    command: list[str], by_environment: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    if by_environment:
        monkeypatch.setenv("PAINTS_UNDO_ADDRESS", "box:50551")
    assert main(command if by_environment else ["--address", "box:50551", *command]) == 2
    assert "acts on this machine alone" in capsys.readouterr().err


def test_a_token_file_without_an_address_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["--token-file", str(tmp_path / "token"), "jobs", "list"]) == 2
    assert "goes with --address" in capsys.readouterr().err


def test_the_document_is_current():
    spec = importlib.util.spec_from_file_location("generate_cli_docs", ROOT / "tools" / "generate_cli_docs.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.DOCUMENT.read_text(encoding="utf-8") == tool.current()


def test_a_variable_that_nothing_reads_is_refused_by_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAINTS_UNDO_ADRESS", "box:50551")
    for command in (["jobs", "list"], ["verify", "painting.png"], ["status"]):
        assert main(command) == 1
        assert "PAINTS_UNDO_ADRESS" in capsys.readouterr().err

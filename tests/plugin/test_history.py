"""What a document keeps: versioned, and read however damaged."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import history, settings
from krita_plugin.undo_painting.core.history import Entry, History
from krita_plugin.undo_painting.core.mapping import PaintingSource, Rect
from krita_plugin.undo_painting.core.parameters import STEPS, Parameters, from_json
from krita_plugin.undo_painting.core.schema import ValueKind, packed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def entry(request: str, created: float = 1.0) -> Entry:
    source = PaintingSource("picture", Rect(0, 0, 20, 10), 20, 10)
    parameters = Parameters("procedural", keyframe_seeds=((100, 9),)).set({STEPS: (100, 500), "keyframes.seed": 7})
    return Entry(request, "job", "title", "procedural", parameters, source, "hash", created, "finished")


def test_a_history_survives_its_document() -> None:
    made = History(saved=5.0).put(entry("a")).put(entry("b", 2.0))
    assert history.load(history.dump(made)) == made
    assert [item.request_id for item in made.entries] == ["b", "a"]


def test_putting_again_replaces() -> None:
    made = History().put(entry("a")).put(entry("a", 5.0))
    assert [item.created for item in made.entries] == [5.0]
    assert made.remove("a").entries == ()


def test_the_oldest_are_dropped() -> None:
    made = History()
    for number in range(history.MOST + 5):
        made = made.put(entry(str(number), float(number)))
    assert len(made.entries) == history.MOST
    assert made.entries[-1].created == 5.0


def test_a_newer_version_is_read_as_far_as_it_is_known() -> None:
    tree = json.loads(history.dump(History(saved=5.0).put(entry("a"))))
    tree["version"] = 99
    tree["entries"][0]["invented"] = {"x": 1}
    tree["entries"].append({"request": "broken"})
    assert [item.request_id for item in history.load(json.dumps(tree).encode()).entries] == ["a"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    history.load(data)


@given(JSON)
def test_any_json_is_read(data: object) -> None:
    history.load(json.dumps({"version": 1, "entries": data}).encode())
    history.load(json.dumps({"version": 1, "entries": [data]}).encode())
    assert from_json(data).problem() == ""


@given(st.dictionaries(st.sampled_from([*packed().fields, "keyframe_seeds", "own_keyframes"]), JSON, max_size=6))
def test_parameters_from_anything_are_in_range(data: dict[str, object]) -> None:
    assert from_json(data).problem() == ""


WHOLE = sorted(name for name, field in packed().fields.items() if field.kind is ValueKind.INTEGER)


@given(st.sampled_from(WHOLE), st.integers(-(10**6), 10**10))
def test_parameters_survive_json_or_fall_back(name: str, value: int) -> None:
    field = packed().fields[name]
    inside = (field.smallest or 0) <= value <= (field.largest or 0) or (field.zero_allowed and value == 0)
    made = from_json({name: value})
    assert made.chosen(name) == (value if inside else None)
    assert from_json(made.as_json()) == made


@given(
    st.dictionaries(
        st.text(max_size=12) | st.sampled_from([*settings.PluginSettings.__dataclass_fields__]), JSON, max_size=6
    )
)
def test_settings_from_anything(tmp_path_factory, data: dict[str, object]) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    found = settings.load(path)
    assert 1 <= found.frames_per_second <= 120
    settings.save(found, path)
    assert settings.load(path) == found
    assert path.stat().st_mode & 0o077 == 0


def test_the_newer_of_document_and_settings_counts() -> None:
    document = History(saved=10.0).put(entry("old", 1.0)).put(entry("deleted", 5.0))
    kept = History(saved=20.0).put(entry("new", 9.0)).put(entry("middle", 4.0))
    assert [item.request_id for item in history.merge(document, kept).entries] == ["new", "middle", "old"]
    assert history.merge(document, replace(kept, saved=5.0)) == document
    assert history.merge(document, History()) == document

"""Parameters come from the engine's declarations and from the daemon, and reach the protocol by their names."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import gallery, names
from krita_plugin.undo_painting.core.parameters import Branch, Parameters
from krita_plugin.undo_painting.core.schema import Field, ValueKind, packed
from krita_plugin.undo_painting.net import convert
from paints_undo.v1 import jobs_pb2, server_pb2


def examples(field: Field) -> st.SearchStrategy[object]:
    """Values that a parameter may have."""
    low, high = field.smallest, field.largest
    return {
        ValueKind.BOOLEAN: st.booleans(),
        ValueKind.CHOICE: st.sampled_from(field.choices or ("",)),
        ValueKind.TEXT: st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
        ValueKind.INTEGER: st.integers(int(low or 0), int(high or 10)),
        ValueKind.NUMBER: st.floats(low or 0.0, high or 1.0),
        ValueKind.INTEGERS: st.sets(st.integers(0, 999), min_size=1, max_size=5).map(
            lambda found: tuple(sorted(found))
        ),
    }[field.kind]


@pytest.mark.parametrize("name", sorted(packed().fields))
@given(st.data())
def test_every_parameter_reaches_the_protocol(name: str, data: st.DataObject) -> None:
    if name == "engine":
        return
    value = data.draw(examples(packed().fields[name]))
    message = convert.process_parameters(Parameters().set({name: value}), "procedural")
    *path, last = name.split(".")
    holder = message
    for part in path:
        holder = getattr(holder, part)
    found = getattr(holder, last)
    described = holder.DESCRIPTOR.fields_by_name[last]
    if described.enum_type is not None:
        word = described.enum_type.values_by_number[found].name
        assert word.endswith("_" + str(value).upper().replace("-", "_"))
    else:
        assert (tuple(found) if isinstance(value, tuple) else found) == value


def test_what_a_newer_daemon_has_is_offered_without_a_newer_plugin() -> None:
    way = server_pb2.Parameter(
        name="procedural.method", kind=server_pb2.PARAMETER_KIND_CHOICE, choices=["auto", "pencil", "sumi-e"]
    )
    seed = server_pb2.Parameter(
        name="keyframes.seed", kind=server_pb2.PARAMETER_KIND_INTEGER, minimum=5, maximum=9, default_value="7"
    )
    info = server_pb2.ServerInfo()
    info.engines.add(name="procedural", parameters=[way, seed], default_operation_steps=[1, 2])
    known = convert.server(info).schema
    assert known.steps["procedural"] == (1, 2)
    assert Parameters().get("keyframes.seed", known) == 7
    assert "5 to 9" in Parameters().set({"keyframes.seed": 3}).problem(known)
    assert names.choice_words("sumi-e") == "Sumi e"
    assert names.field_words("procedural.brush_count") == "Brush count"


def test_what_the_protocol_lacks_is_left_out() -> None:
    message = convert.process_parameters(Parameters().set({"procedural.nothing": 4, "nowhere.to_be": 1}), "procedural")
    assert message.engine == "procedural"
    assert message.procedural == jobs_pb2.ProceduralParameters()


@pytest.mark.parametrize("shown", range(8))
def test_the_gallery_offers_the_variants_that_are_not_shown(shown: int) -> None:
    chosen = Parameters(branches=(Branch(500, 1),)).set({"variant": shown or None})
    offered = [each.parameters.get("variant") for each in gallery.variants(chosen)]
    assert offered == [number for number in range(8) if number != shown][: gallery.MOST]
    largest = packed().fields["variant"].largest
    assert largest is not None
    assert max(offered) <= largest
    assert all(not each.parameters.branches for each in gallery.variants(chosen))


def test_a_variant_is_taken_alone() -> None:
    variants = gallery.variants(Parameters("diffusion").set({"interpolation.frames": 8}))
    small = gallery.small(variants[0].parameters)
    assert small.problem() == ""
    taken = gallery.taken(Parameters("diffusion").set({"interpolation.frames": 8}), replace(variants[0]))
    assert taken.engine == "procedural"
    assert taken.chosen("interpolation.frames") == 8
    assert taken.chosen("variant") == 1
    assert taken.chosen("keyframes.operation_steps") is None

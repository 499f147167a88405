"""What a node keeps: pictures that are used, and nothing that a dead daemon has left. Needs no cluster."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from pathlib import Path

import pytest

from paints_undo_daemon.cluster.facts import NodeFacts, read_facts
from paints_undo_daemon.cluster.node import Node, ready_engines
from paints_undo_daemon.cluster.node_worker import NodeWorker
from paints_undo_daemon.states import NodeState
from paints_undo_daemon.workers.subprocess_executor import WorkerSettings
from paints_undo_engine.checkpoints.catalogue import FIGURES


def test_used_pictures_stay_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = WorkerSettings(tmp_path, tmp_path, "cpu", 0, 60, 60)
    pictures = {hashlib.sha256(data).hexdigest(): data for data in (b"used", b"unused")}
    used, unused = pictures

    def files() -> dict[str, Path]:
        return {path.name: path for path in tmp_path.glob("paints-undo-cluster-*/pictures/*/*")}

    async def go() -> None:
        left_over = NodeWorker(settings, "daemon-that-died-node")
        for digest, data in pictures.items():
            await left_over.keep(digest, data)
        worker = NodeWorker(settings, "daemon-node")
        assert await worker.missing([used]) == [used]
        with pytest.raises(ValueError, match="damaged"):
            await worker.keep(used, b"something else")
        await worker.keep(used, pictures[used])
        old = time.time() - 3600
        for path in files().values():
            os.utime(path, (old, old))
        assert await worker.missing([used]) == []
        await worker.facts()
        async with asyncio.timeout(10):
            while unused in files():
                await asyncio.sleep(0.05)
        assert await worker.missing([used]) == []

    asyncio.run(go())
    assert list(files()) == [used]


def test_a_redo_is_offered_where_all_nodes_can_finish_it_alike() -> None:
    def node(redo: dict[str, str], state: NodeState = NodeState.READY) -> Node:
        facts = NodeFacts("host", "1", {}, {}, redo)
        return Node(str(len(redo)), "address", 1, 1, state, facts=facts, engines={"diffusion"})

    both, none, other = node({"diffusion": "a"}), node({}), node({"diffusion": "b"})
    assert ready_engines([both, both]) == {"diffusion": True}
    assert ready_engines([both, none]) == {"diffusion": False}
    assert ready_engines([both, other]) == {"diffusion": False}
    assert ready_engines([both, node({}, NodeState.LOST)]) == {"diffusion": True}
    assert ready_engines([]) == {}


def test_a_node_without_an_optional_model_gives_other_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path))
    without = read_facts().models["procedural"]
    folder = tmp_path / "models" / FIGURES.id
    folder.mkdir(parents=True)
    assert read_facts().models["procedural"] == without
    (folder / FIGURES.files[0]).write_bytes(bytes(FIGURES.bytes_about))
    assert read_facts().models["procedural"] != without


def test_a_node_tells_what_it_can_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path))
    assert "procedural" in read_facts().redo
    assert "diffusion" not in read_facts().redo

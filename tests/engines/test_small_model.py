"""The model that needs no hub and no extra, from real servers on this machine: good ones and bad ones."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import file_server
import pytest
from file_server import FileServer

from paints_undo_engine.checkpoints import ModelState, catalogue, download, library, list_models, locate, small, verify
from paints_undo_engine.checkpoints.catalogue import FIGURES
from paints_undo_engine.errors import CheckpointError, DownloadError

DATA = bytes(range(256)) * 1000
NAME = FIGURES.files[0]
Use = Callable[[str], None]


@pytest.fixture(autouse=True)
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """The model is `DATA`; the function that is given names the server it comes from."""
    pin = replace(FIGURES.pins[0], size=len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
    known = replace(FIGURES, bytes_about=len(DATA), files=(NAME,), pins=(pin,))
    models = (*(model for model in catalogue.MODELS if model is not FIGURES), known)
    for module in (catalogue, library):
        monkeypatch.setattr(module, "MODELS", models)
    for name in ("huggingface_hub", "filelock", "httpx2", "certifi"):
        monkeypatch.setitem(sys.modules, name, None)  # not there for most
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    for name in (*names, *map(str.upper, names), "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(small, "PAUSE", 0.01)
    return lambda url: monkeypatch.setenv("PAINTS_UNDO_FIGURES_URL", url)


def state(models: Path) -> ModelState:
    return next(info.state for info in list_models(models) if info.id == "figures")


def refusal(models: Path) -> DownloadError:
    """Why the download fails; nothing is left of it."""
    with pytest.raises(DownloadError) as caught:
        list(download("figures", models))
    assert not [path for path in models.rglob("*") if path.is_file()]
    assert state(models) is ModelState.MISSING
    return caught.value


def test_the_address_and_the_digest_stand_in_the_source() -> None:
    assert all(pin.address.startswith("https://") and len(pin.sha256) == 64 for pin in FIGURES.pins)
    assert FIGURES.pinned is not None
    assert {entry.kind for entry in FIGURES.pinned.files.values()} == {"sha256"}
    assert sum(pin.size for pin in FIGURES.pins) == FIGURES.bytes_about
    assert (FIGURES.optional, FIGURES.licence) == (True, "Apache-2.0, MIT")


def test_what_an_earlier_release_lacked_is_all_that_is_fetched(
    tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = tuple(replace(catalogue.find("figures").pins[0], name=name) for name in FIGURES.files)
    newer = replace(FIGURES, bytes_about=len(pins) * len(DATA), pins=pins)
    for module in (catalogue, library):
        monkeypatch.setattr(module, "MODELS", (newer,))
    folder = tmp_path / "figures"
    folder.mkdir()
    for name in FIGURES.files[:2]:
        (folder / name).write_bytes(DATA)
    assert state(tmp_path) is ModelState.INCOMPLETE
    with FileServer(DATA) as server:
        use(server.url)
        list(download("figures", tmp_path))
    assert server.asked == [f"/mirror/{name}" for name in FIGURES.files[2:]]
    assert state(tmp_path) is ModelState.READY


def test_each_file_of_several_is_fetched_once(tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    known = catalogue.find("figures")
    both = replace(known, files=(NAME, "other"), pins=(*known.pins, replace(known.pins[0], name="other")))
    monkeypatch.setattr(catalogue, "MODELS", (both,))
    monkeypatch.setattr(library, "MODELS", (both,))
    with FileServer(DATA) as server:
        use(server.url)
        seen = list(download("figures", tmp_path))
        assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == sorted((NAME, "other"))
        assert seen[-1].done_bytes == seen[-1].total_bytes == 2 * len(DATA)
        assert server.asked == [f"/mirror/{NAME}", "/mirror/other"]
        (tmp_path / "figures" / NAME).unlink()
        assert state(tmp_path) is ModelState.INCOMPLETE
        list(download("figures", tmp_path))
    assert server.asked[2:] == [f"/mirror/{NAME}"]
    assert state(tmp_path) is ModelState.READY


def test_the_file_comes_whole_and_is_kept(tmp_path: Path, use: Use) -> None:
    with FileServer(DATA) as server:
        use(server.url)
        seen = list(download("figures", tmp_path))
        assert [path.name for path in (tmp_path / "figures").iterdir()] == [NAME]
        assert locate("figures", tmp_path) / NAME == tmp_path / "figures" / NAME
        assert (tmp_path / "figures" / NAME).read_bytes() == DATA
        assert seen[-1].done_bytes == seen[-1].total_bytes == len(DATA)
        assert [one.done_bytes for one in seen] == sorted(one.done_bytes for one in seen)
        assert state(tmp_path) is ModelState.READY
        assert list(verify("figures", tmp_path))[-1].done_bytes == len(DATA)
        list(download("figures", tmp_path))
        assert len(server.asked) == 1


def test_damage_is_told_and_mended_by_the_next_download(tmp_path: Path, use: Use) -> None:
    file = tmp_path / "figures" / NAME
    file.parent.mkdir()
    file.write_bytes(bytes(len(DATA)))
    with pytest.raises(CheckpointError, match="not as recorded"):
        list(verify("figures", tmp_path))
    with FileServer(DATA) as server:
        use(server.url)
        list(download("figures", tmp_path))
        file.write_bytes(DATA[:10])
        assert state(tmp_path) is ModelState.DAMAGED
        list(download("figures", tmp_path))
    assert file.read_bytes() == DATA


@pytest.mark.parametrize(
    "answer",
    [file_server.sending(bytes(len(DATA))), file_server.sending(b"<html>Sign in</html>"), file_server.endless],
    ids=["other bytes", "a page", "no end"],
)
def test_what_is_not_the_file_is_not_taken(tmp_path: Path, use: Use, answer: file_server.Answer) -> None:
    with FileServer(DATA, answer) as server:
        use(server.url)
        assert refusal(tmp_path).reason == "digest"
        assert len(server.asked) == 1


def test_a_broken_connection_is_tried_again(tmp_path: Path, use: Use) -> None:
    with FileServer(DATA, file_server.cut, file_server.failing(503)) as server:
        use(server.url)
        list(download("figures", tmp_path))
        assert state(tmp_path) is ModelState.READY
        server.answers = [file_server.cut] * small.TRIES
        (tmp_path / "figures" / NAME).unlink()
        assert "ended early" in str(error := refusal(tmp_path))
        assert error.reason == "unreachable"


@pytest.mark.parametrize("answer", [file_server.dripping, file_server.dripping_head, file_server.silent])
def test_a_server_that_holds_on_is_left(
    tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch, answer: file_server.Answer
) -> None:
    monkeypatch.setattr(small, "SECONDS", 1.0)
    with FileServer(DATA, *[answer] * small.TRIES) as server:
        use(server.url)
        error = refusal(tmp_path)
    assert error.reason == "unreachable"
    assert "within 1 seconds" in str(error)


def test_a_download_from_a_silent_server_can_be_stopped(tmp_path: Path, use: Use) -> None:
    with FileServer(DATA, file_server.silent) as server:
        use(server.url)
        running = download("figures", tmp_path)
        assert next(running).done_bytes == 0
        running.close()
    assert not (tmp_path / "figures").exists()


def test_a_refusal_says_what_to_do(tmp_path: Path, use: Use) -> None:
    with FileServer(DATA, file_server.failing(404)) as server:
        use(server.url)
        error = refusal(tmp_path)
    assert error.reason == "refused"
    assert "404" in str(error)
    assert str(tmp_path / "figures" / NAME) in str(error)


def test_no_network_is_said(tmp_path: Path, use: Use) -> None:
    use("http://127.0.0.1:9/file")
    assert refusal(tmp_path).reason == "unreachable"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "/etc/passwd", "https://"])
def test_only_the_web_is_asked(tmp_path: Path, use: Use, address: str) -> None:
    use(address)
    assert refusal(tmp_path).reason == "refused"


def test_offline_is_honoured(tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with FileServer(DATA) as server:
        use(server.url)
        assert refusal(tmp_path).reason == "offline"
        assert not server.asked


def test_there_is_one_revision(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="one revision"):
        list(download("figures", tmp_path, revision="0" * 40))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, use: Use) -> None:
    (tmp_path / "models").write_text("a file")
    with FileServer(DATA) as server:
        use(server.url)
        with pytest.raises(DownloadError) as caught:
            list(download("figures", tmp_path / "models"))
    assert caught.value.reason == "disk"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return file_server.make_certificate(tmp_path / "keys" / "server.pem")


def test_the_other_end_must_prove_itself(
    tmp_path: Path, use: Use, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer(DATA, certificate=certificate) as server:
        use(server.url)
        error = refusal(tmp_path / "models")
        assert error.reason == "unreachable"
        assert "certificate verify failed" in str(error)
        assert not server.asked
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        list(download("figures", tmp_path / "models"))
        assert state(tmp_path / "models") is ModelState.READY


def test_a_server_may_lead_elsewhere_but_not_out_of_tls(
    tmp_path: Path, use: Use, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with FileServer(DATA) as plain, FileServer(DATA, certificate=certificate) as safe:
        safe.answers = [file_server.leading_to(plain.url)]
        use(safe.url)
        assert refusal(tmp_path / "models").reason == "refused"
        assert not plain.asked
        plain.answers = [file_server.leading_to("file:///etc/passwd")]
        use(plain.url)
        assert refusal(tmp_path / "models").reason == "refused"
        plain.answers = [file_server.leading_to(safe.url)]
        list(download("figures", tmp_path / "models"))
    assert state(tmp_path / "models") is ModelState.READY


@pytest.mark.parametrize("variable", ["https_proxy", "ALL_PROXY"])
def test_proxies_are_used(
    tmp_path: Path, use: Use, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with FileServer(b"") as proxy, FileServer(DATA, certificate=certificate) as server:
        monkeypatch.setenv(variable, proxy.address)
        use(server.url)
        list(download("figures", tmp_path / "models"))
        assert proxy.asked == [server.address.removeprefix("https://")]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        (tmp_path / "models" / "figures" / NAME).unlink()
        list(download("figures", tmp_path / "models"))
        assert len(proxy.asked) == 1


def test_a_proxy_of_another_kind_is_named(tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    use("https://127.0.0.1:9/file")
    assert "socks5" in str(refusal(tmp_path))

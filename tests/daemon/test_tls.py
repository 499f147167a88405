"""A named client on another machine, as far as one machine can show it: TLS, a fingerprint, a token of its own."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_daemon.access import tls
from paints_undo_daemon.access.addresses import parse_address
from paints_undo_daemon.cli import main
from paints_undo_daemon.client import (
    CallRefusedError,
    CertificateError,
    DaemonAddress,
    connect,
    connect_async,
)
from paints_undo_daemon.proof import key_fingerprint
from paints_undo_daemon.settings import Settings, SettingsError

from .conftest import RunningDaemon, small_painting

Printed = pytest.CaptureFixture[str]
FEW = ["--operation-steps", "300,600", "--interpolation-frames", "3"]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path_factory.mktemp("box"), {"listen": "0.0.0.0:0"}).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def address(box: RunningDaemon) -> str:
    """An address that the certificate does not name."""
    assert box.endpoint is not None
    return f"127.0.0.2:{box.endpoint.address.rpartition(':')[2]}"


@pytest.fixture(scope="module")
def fingerprint(box: RunningDaemon) -> str:
    """As the daemon shows it."""
    lines = [json.loads(line) for line in box.log_file.read_text().splitlines() if line.startswith("{")]
    told = next(line["message"] for line in lines if "fingerprint" in line["message"])
    return str(told.rstrip(".").rpartition(" ")[2])


def test_a_named_client_works_over_tls_from_the_command_line(
    box: RunningDaemon,
    address: str,
    fingerprint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
) -> None:
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(box.home))
    assert main(["clients", "add", "studio-2"]) == 0
    token = tmp_path / "token"
    token.write_text(capsys.readouterr().out)
    assert main(["clients", "list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert listed == ["Client", "account", "studio-2"]

    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    where = ["--address", address, "--token-file", str(token), "--fingerprint", fingerprint]
    assert main([*where, "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["client"] == "studio-2"
    Path("a.png").write_bytes(small_painting())
    assert main([*where, "undo", "a.png", "-o", "a.gif", *FEW]) == 0
    assert Path("a.gif").read_bytes().startswith(b"GIF")
    capsys.readouterr()
    assert main([*where, "jobs", "list", "--json"]) == 0
    assert [job["state"] for job in json.loads(capsys.readouterr().out)] == ["finished"]

    wrong = [*where[:-1], "00:" * 31 + "00"]
    assert main([*wrong, "status"]) == 1
    assert "another fingerprint" in capsys.readouterr().err

    monkeypatch.setenv("PAINTS_UNDO_HOME", str(box.home))
    assert main(["jobs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["clients", "remove", "studio-2"]) == 0
    assert main([*where, "status"]) == 1
    assert "token" in capsys.readouterr().err
    assert main(["clients", "remove", "studio-2"]) == 1


def test_both_clients_take_a_fingerprint(box: RunningDaemon, address: str, fingerprint: str) -> None:
    plain = fingerprint.replace(":", "").lower()
    with connect(DaemonAddress(address, box.token, fingerprint=plain)) as client:
        assert client.info().client == "account"

    async def go() -> str:
        async with connect_async(DaemonAddress(address, box.token, fingerprint=fingerprint)) as client:
            return (await client.info()).client

    assert asyncio.run(go()) == "account"


def test_another_certificate_is_refused_before_anything_is_sent(box: RunningDaemon, address: str) -> None:
    with pytest.raises(CertificateError, match="was not sent"):
        connect(DaemonAddress(address, box.token, fingerprint="0" * 64))

    async def go() -> None:
        async with connect_async(DaemonAddress(address, box.token, fingerprint="0" * 64)):
            raise AssertionError

    with pytest.raises(CertificateError):
        asyncio.run(go())


def test_without_a_fingerprint_the_one_that_is_shown_is_told(address: str, fingerprint: str) -> None:
    with pytest.raises(CertificateError, match="--fingerprint") as told:
        connect(DaemonAddress(address, "secret"))
    assert fingerprint in str(told.value)


@pytest.mark.parametrize("fingerprint", ["", "C7", "0" * 63, "g" * 64])
def test_what_is_no_fingerprint_is_refused(fingerprint: str) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        DaemonAddress("box:7860", "secret", fingerprint=fingerprint)


def test_a_wrong_token_is_refused_over_tls(address: str, fingerprint: str) -> None:
    with connect(DaemonAddress(address, "guess", fingerprint=fingerprint)) as client:
        with pytest.raises(CallRefusedError) as refused:
            client.info()
        assert refused.value.code == "UNAUTHENTICATED"


def test_the_account_itself_finds_its_daemon_with_tls(box: RunningDaemon) -> None:
    with connect(home=box.home, start=False) as client:
        assert client.info().client == "account"


def test_a_machine_with_an_umlaut_in_its_name_gets_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Zoë-PC")
    monkeypatch.setattr("socket.getfqdn", lambda: "Zoë-PC")
    settings = Settings(home=tmp_path, listen="127.0.0.1:0")
    assert tls.server_certificate(settings, parse_address(settings.listen, tmp_path)).fingerprint
    assert (tmp_path / "certificate-key.pem").stat().st_mode & 0o077 == 0


def ends_in(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(tls, "DAYS", days)


def test_a_certificate_is_renewed_with_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, listen="127.0.0.1:0")
    address = parse_address(settings.listen, tmp_path)
    ends_in(monkeypatch, tls.WARN_DAYS - 1)
    old = tls.server_certificate(settings, address)
    ends_in(monkeypatch, 825)
    new = tls.server_certificate(settings, address)
    assert (old.chain != new.chain, old.fingerprint) == (True, new.fingerprint)
    assert tls.days_left(new.file) > 800
    assert tls.server_certificate(settings, address) == new


LOOKS_AT_EVERY_HANDSHAKE = """
import sys
from paints_undo_daemon.server import listening, serve
from paints_undo_daemon.settings import load_settings
listening._LOOK_SECONDS = 0.0
sys.exit(serve(load_settings()))
"""


def test_a_running_daemon_renews_its_certificate_and_clients_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = RunningDaemon(tmp_path / "home", {"listen": "127.0.0.1:0"}, (LOOKS_AT_EVERY_HANDSHAKE,)).start()
    try:
        assert running.endpoint is not None
        port = int(running.endpoint.address.rpartition(":")[2])
        with connect(home=running.home, start=False) as client:
            first = client.upload(small_painting())
            (running.home / "certificate.pem").unlink()
            ends_in(monkeypatch, tls.WARN_DAYS - 1)
            settings = Settings(home=running.home, listen=f"127.0.0.1:{port}")
            soon = tls.server_certificate(settings, parse_address(settings.listen, running.home))
            served = ssl.get_server_certificate(("127.0.0.1", port))
            assert served != soon.chain.decode()
            assert tls.days_left(soon.file) > 800
            assert served == soon.file.read_text()
            assert tls.chain_fingerprint(served.encode()) == soon.fingerprint == running.endpoint.key_fingerprint
            assert client.download_picture(first)
        with connect(home=running.home, start=False) as client:
            assert client.download_picture(first)
    finally:
        assert running.stop() == 0


def test_a_damaged_certificate_is_made_again_and_a_damaged_key_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, listen="127.0.0.1:0")
    address = parse_address(settings.listen, tmp_path)
    first = tls.server_certificate(settings, address)
    first.file.write_text("damaged")
    assert tls.server_certificate(settings, address).fingerprint == first.fingerprint
    (tmp_path / "certificate-key.pem").write_text("damaged")
    with pytest.raises(SettingsError, match="fingerprint"):
        tls.server_certificate(settings, address)


def test_the_fingerprint_is_that_of_the_public_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, listen="127.0.0.1:0")
    found = tls.server_certificate(settings, parse_address(settings.listen, tmp_path))
    key = subprocess.run(
        ["openssl", "pkey", "-in", tmp_path / "certificate-key.pem", "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    )
    assert found.fingerprint == hashlib.sha256(key.stdout).hexdigest()


@given(st.binary(max_size=200), st.integers(0, 400))
def test_what_is_no_certificate_is_refused(noise: bytes, place: int) -> None:
    for data in (noise, b"\x30\x82\x01\x00" + noise, b"\x30\x84" + noise[:place]):
        with pytest.raises(ValueError, match="certificate"):
            key_fingerprint(data)

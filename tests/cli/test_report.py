"""A report for a bug tracker tells what runs here, and neither who nor where."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from paints_undo_daemon.cli import main
from paints_undo_daemon.cli.report import anonymous

TOKEN = "Zm9vYmFy-s3cret"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home" / "Zoë Müller" / "paints undo"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder.parent))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "zoemue")
    monkeypatch.setattr("platform.node", lambda: "atelier-7.example.org")
    return folder


def test_no_secret_and_no_name_is_in_it(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "token").write_text(TOKEN + "\n")
    (home / "daemon.log").write_text(
        f"A call with {TOKEN} from 192.168.3.14\n"
        f'{{"message": "cannot read {home}/pictures/1.png", "token": "other-token-value"}}\n'
        "authorization: Bearer abc.def on atelier-7 for ZOEMUE <zoe@example.org>\n"
        "key C7:1E:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD is served; the disk was full\n",
        encoding="utf-8",
    )
    report = tmp_path / "report.txt"
    assert main(["doctor", "--report", str(report)]) == 0
    text = report.read_text(encoding="utf-8")
    for secret in (TOKEN, "other-token-value", "abc.def", "192.168.3.14", "C7:1E", "zoe@example.org"):
        assert secret not in text
    for name in ("Zoë", "Müller", "zoemue", "atelier-7", str(tmp_path), str(home)):
        assert name.lower() not in text.lower()
    assert "the disk was full" in text
    assert "Paints-Undo 0." in text
    assert "python:" in text.lower()
    version = importlib.metadata.version("opencv-python-headless")
    assert text.count(f"opencv-python-headless {version}") == 2, "four numbers with dots are not always an address"
    assert main(["doctor", "--report", str(report)]) == 1, "a file that exists is kept"
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["token=abc", "Token: 'abc'", '"token": "abc"', "Bearer abc"])
def test_tokens_are_removed_however_they_are_written(line: str, home: Path) -> None:
    assert "abc" not in anonymous(line)

"""Daemons at an address and the download of the models, from the docker of a real Krita."""

from __future__ import annotations

from pathlib import Path

import pytest
from hubs import SLOW, SLOW_BYTES, Models
from krita_harness import Profile, Served, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_a_remote_daemon_with_tls(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    with Served(tmp_path / "served", listen="127.0.0.1:0") as served:
        found = run(
            profile,
            "remote.py",
            small_picture,
            ADDRESS=served.address,
            TOKEN=served.token,
            FINGERPRINT=served.fingerprint,
        )
    assert found["fingerprint"][:2] == ["failed", "certificate"]
    assert served.fingerprint in found["fingerprint"][2]
    assert found["token"][:2] == ["failed", "token"]
    assert found["right"] == ["connected", "", ""]
    assert (found["state"], found["frames"], found["address"]) == ("finished", 106, served.address)
    assert profile.endpoint() is None, "none was started here"
    assert served.token not in found["diagnostics"]
    assert served.token not in profile.log()


@pytest.mark.extra("diffusion")
def test_the_models_are_downloaded(profile: Profile, small_picture: Path) -> None:
    with Models() as hub:
        own = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
        profile.environment.update(own, HF_HOME=str(profile.root / "none"))
        found = run(profile, "models.py", small_picture)
    assert found["before"][0] == "Download the models"
    assert "free on the disk" in found["before"][1]
    assert found["running"][0].startswith("Downloading wd14_tagger (3 of 3)")
    assert found["running"][1:] == [True, True]
    assert found["cancelled"] == "Cancelled. Press the button again to go on."
    assert (found["after"], found["bad"]) == ("The models are ready.", False)
    assert (profile.home / "models" / "wd14_tagger" / SLOW).stat().st_size == SLOW_BYTES
    assert "ERROR" not in profile.log()

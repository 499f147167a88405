"""The link to the page stands in the browser's command line, which other accounts may read: it does not let them in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from web.conftest import start_door, stop

NOBODY = 65534
SIGN_IN = """
import encodings.idna, http.client, os, sys  # while its files may be read
os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[3]))
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
connection.request("POST", "/session", sys.argv[2], {"content-type": "application/json"})
print(connection.getresponse().status)
"""


@pytest.mark.root
@pytest.mark.extra("web")
def test_another_account_is_given_no_session_for_a_link_that_it_has_seen(tmp_path: Path) -> None:
    door = start_door(tmp_path / "home")
    try:
        question = json.dumps({"code": door.code})
        line = [sys.executable, "-I", "-c", SIGN_IN, str(door.port), question, str(NOBODY)]
        other = subprocess.run(line, capture_output=True, text=True, check=True)
        assert other.stdout.strip() == "403"
        assert door.sign_in().status == 200
    finally:
        stop(door)

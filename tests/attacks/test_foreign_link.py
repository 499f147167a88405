"""The link to the page stands in the browser's command line, which other accounts may read: it does not let them in."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from web.conftest import start_web_server, stop

from paints_undo_daemon.web.peers import is_foreign

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
    web_server = start_web_server(tmp_path / "home")
    try:
        question = json.dumps({"code": web_server.code})
        line = [sys.executable, "-I", "-c", SIGN_IN, str(web_server.port), question, str(NOBODY)]
        other = subprocess.run(line, capture_output=True, text=True, check=True)
        assert other.stdout.strip() == "403"
        assert web_server.sign_in().status == 200
    finally:
        stop(web_server)


CONNECT = """
import encodings.idna, os, socket, sys
os.setuid(int(sys.argv[2]))
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(connection.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.mark.root
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells whose a connection is")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_is_told_from_another_one_between_the_same_ports(family: socket.AddressFamily) -> None:
    own, mapped = socket.socket(family), "::ffff:" if family == socket.AF_INET6 else ""
    with socket.create_server(("127.0.0.1", 0)) as server, own:
        address = server.getsockname()
        line = [sys.executable, "-I", "-c", CONNECT, str(address[1]), str(NOBODY)]
        with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout
            port = int(other.stdout.readline())
            own.bind((f"{mapped}127.0.0.5", port))
            own.connect((f"{mapped}127.0.0.1", address[1]))
            assert is_foreign(("127.0.0.1", port), address)
            assert not is_foreign(("127.0.0.5", port), address)
            other.communicate()

"""How a daemon proves itself before it is sent a token. The standard library alone: the plugin has a copy of this file
(`tools/generate_client.py` makes it).

Over a Unix socket the system vouches for it: the socket lies in a folder that only its owner may change, and the
system tells which account listens. Over TCP the key of its certificate does: the handshake shows that it has the
private key, and the public one is compared. See `docs/security.md`.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import stat
import struct
import sys
from pathlib import Path

_SEQUENCE, _VERSION, _INTEGER = 0x30, 0xA0, 0x02
_BEFORE_KEY = (_INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
"""Fields of a certificate before its key: serial number, algorithm, issuer, validity, subject (RFC 5280, 4.1)."""
_LONGEST_LENGTH = 4


def key_fingerprint(certificate: bytes) -> str:
    """The SHA-256 of a certificate's public key (SubjectPublicKeyInfo), as 64 lower-case hexadecimal digits.

    The key stays when the certificate is renewed. `certificate` is DER and nothing looser: OpenSSL also takes BER, in
    which an element may have no length, so that a certificate could show one key here and use another in the
    handshake. Raises `ValueError` when it is no such certificate.
    """
    signed, _ = _element(_element(certificate, _SEQUENCE)[0], _SEQUENCE)
    rest = signed
    if rest[:1] == bytes([_VERSION]):
        rest = _element(rest, _VERSION)[1]
    for tag in _BEFORE_KEY:
        rest = _element(rest, tag)[1]
    after = _element(rest, _SEQUENCE)[1]
    return hashlib.sha256(rest[: len(rest) - len(after)]).hexdigest()


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The contents of the first DER element, and what follows it. Its length must be written in the one way that DER
    (X.690, 10.1) allows."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("something that is no certificate")
    length, begin = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        if size > _LONGEST_LENGTH or length < 0x80 or length >> 8 * (size - 1) == 0:
            raise ValueError("a certificate that is not written in DER")
    if begin + length > len(data):
        raise ValueError("a certificate that is not whole")
    return data[begin : begin + length], data[begin + length :]


def plain_fingerprint(text: str) -> str:
    """A fingerprint as 64 lower-case hexadecimal digits, however it is written. Raises `ValueError` when it is none."""
    plain = re.sub(r"[:\s\u200b]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise ValueError("a fingerprint has 64 hexadecimal digits, such as C7:1E:… with colons or without")
    return plain


def spelled(fingerprint: str) -> str:
    """A fingerprint as people compare it: pairs with colons between them."""
    return ":".join(fingerprint[start : start + 2] for start in range(0, len(fingerprint), 2)).upper()


def check_socket(path: str) -> None:
    """Raises `PermissionError` unless a Unix socket is this account's, in a folder that nobody else may change, and
    `OSError` when it is not there."""
    folder, found = Path(path).parent.stat(), Path(path).lstat()
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{path} is not a socket of this account")
    if folder.st_uid not in (0, os.getuid()) or folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"other accounts may change the folder of {path}")


def check_peer(connection: socket.socket) -> None:
    """Raises `PermissionError` when another account listens at the other end of a Unix socket, if the system tells."""
    account = _peer_account(connection)
    if account is not None and account not in (0, os.getuid()):
        raise PermissionError("another account listens there")


def _peer_account(connection: socket.socket) -> int | None:
    if sys.platform == "linux":
        return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1])
    if sys.platform == "darwin":
        local, peer_credentials = 0, 1  # SOL_LOCAL, LOCAL_PEERCRED of <sys/un.h>: a struct xucred
        return int(struct.unpack_from("II", connection.getsockopt(local, peer_credentials, 76))[1])
    return None


def process_start(pid: int) -> str:
    """When a process of this account started, in whatever way the system counts; empty when there is no such process.

    Only to be compared with another answer of the same machine: a process that is given the same number later has
    started at another time. It does not depend on the clock.
    """
    if sys.platform == "linux":
        return _linux_start(pid)
    if sys.platform == "win32":
        return _windows_start(pid)
    return _mac_start(pid)


def _linux_start(pid: int) -> str:
    """Clock ticks since the start of the system (proc_pid_stat(5), field 22)."""
    folder = Path(f"/proc/{pid}")
    try:
        if folder.stat().st_uid != os.getuid():
            return ""
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()


def _mac_start(pid: int) -> str:
    """Microseconds since 1970 when it was started (proc_pidinfo, struct proc_bsdinfo of <sys/proc_info.h>)."""
    import ctypes

    short_info, size, account, seconds = 3, 136, 20, 120
    info = ctypes.create_string_buffer(size)
    if ctypes.CDLL(None).proc_pidinfo(pid, short_info, ctypes.c_uint64(0), info, size) != size:
        return ""
    if struct.unpack_from("I", info, account)[0] != os.getuid():
        return ""
    return ".".join(map(str, struct.unpack_from("QQ", info, seconds)))


def _windows_start(pid: int) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    query_limited_information, still_active = 0x1000, 259
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(query_limited_information, False, pid))
    if not handle:
        return ""
    code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value == still_active
    known = known and kernel.GetProcessTimes(handle, *map(ctypes.byref, times))
    kernel.CloseHandle(handle)
    return str(times[0].value) if known else ""

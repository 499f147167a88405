"""Run by a test: takes the address of a daemon that is gone, and writes down what it is sent.

Arguments: the mode (`raw` records bytes, `plain` and `tls` are gRPC servers that answer every call), the address, the
file to write, and the number of the account to become (-1: the same).

`forge` makes a certificate that shows somebody else's key to who reads it carelessly.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from paints_undo.v1 import server_pb2


class Records(grpc.GenericRpcHandler):
    """Answers whatever is asked, and writes the metadata down."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        with self._output.open("a") as file:
            file.write(f"{details.method} {details.invocation_metadata}\n")
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: server_pb2.ServerInfo(protocol_version=1).SerializeToString()
        )


def own_certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret, certificate.public_bytes(encoding)


def forge(certificate: bytes, shown_key: bytes) -> bytes:
    """A certificate (DER) with another one's key (DER) where a reader who takes an element without a length for an
    empty one finds the key: among the parameters of the signature's algorithm. OpenSSL goes on to the right place."""
    signed, *signature = _children(certificate)
    _version, serial, algorithm, *rest = _children(signed)
    name = _children(algorithm)[0]
    ends = b"\0\0"
    version, algorithm = b"\xa0\x80\x02\x01\x02" + ends, b"\x30\x80" + name + shown_key + ends
    return _sequence(_sequence(version, serial, algorithm, *rest), *signature)


def _children(element: bytes) -> list[bytes]:
    """The elements in a DER element, each of less than 64 KiB."""
    found: list[bytes] = []
    data = element[_head(element) :]
    while data:
        size = _head(data) + _length(data)
        found, data = [*found, data[:size]], data[size:]
    return found


def _head(element: bytes) -> int:
    return 2 + (element[1] & 0x7F if element[1] & 0x80 else 0)


def _length(element: bytes) -> int:
    return int.from_bytes(element[2 : _head(element)], "big") if element[1] & 0x80 else element[1]


def _sequence(*elements: bytes) -> bytes:
    data = b"".join(elements)
    return b"\x30\x82" + len(data).to_bytes(2, "big") + data


def record_bytes(address: str, output: Path) -> None:
    if address.startswith("unix:"):
        server = socket.socket(socket.AF_UNIX)
        server.bind(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, int(port)))
    server.listen()
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_drain, args=(connection, output), daemon=True).start()


def _drain(connection: socket.socket, output: Path) -> None:
    connection.sendall(b"\0\0\0\4\0\0\0\0\0")  # HTTP/2: SETTINGS
    while data := connection.recv(65536):
        with output.open("ab") as file:
            file.write(data)


def main() -> None:
    mode, address, output, account = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    grpc.insecure_channel("127.0.0.1:1").close()  # loads what another account may not be able to read
    keys = own_certificate()
    if account >= 0:
        os.setgroups([])
        os.setgid(account)
        os.setuid(account)
    if mode == "raw":
        return record_bytes(address, output)
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Records(output)], options=[("grpc.so_reuseport", 0)])
    if mode == "tls":
        server.add_secure_port(address, grpc.ssl_server_credentials([keys]))
    else:
        server.add_insecure_port(address)
    server.start()
    print("ready", flush=True)
    server.wait_for_termination()
    return None


if __name__ == "__main__":
    main()

"""Fetching one small file whose size and digest the source knows, with nothing but the standard library.

It is held in memory, checked, and only then put in its place: there is no half of it, and a broken transfer begins
anew. Proxies are those of the environment (``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``) or the system, authorities
those of the system, or what ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name. ``PAINTS_UNDO_FIGURES_URL`` is the
address of another folder with the figures' files.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from paints_undo_engine.checkpoints.catalogue import PinnedFile, PublishedModel
from paints_undo_engine.errors import DownloadError

if TYPE_CHECKING:
    import ssl
    from urllib.request import OpenerDirector

SECONDS = 120.0
"""After so long a transfer is given up, whatever the server still sends."""
SILENCE = 20.0
TRIES = 3
PAUSE = 0.5
"""Seconds before the second try; doubled for the third."""
_PIECE = 1 << 16
_LOOK = 0.2
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep their authorities: a Python that was built elsewhere may look in another place."""
_Told: TypeAlias = "int | bytes | Exception"


def fetch_small(model: PublishedModel, pin: PinnedFile, target: Path) -> Iterator[int]:
    """Fetch one of `model`'s files to `target` and yield how many bytes have arrived, several times a second.

    Closing the generator stops at once; nothing is left behind. Raises `DownloadError` when the server cannot be
    reached or is too slow, refuses, or sends something else than `pin` says, and when the file cannot be written.
    """
    mirror = os.environ.get(f"PAINTS_UNDO_{model.id.upper()}_URL")
    address = f"{mirror.rstrip('/')}/{pin.name}" if mirror else pin.address
    told: queue.SimpleQueue[_Told] = queue.SimpleQueue()
    given_up = threading.Event()
    # A thread of its own: whatever the network waits for (a name, a greeting, a byte), this one goes on and can end.
    threading.Thread(target=_receive, args=(address, pin, told.put, given_up), daemon=True).start()
    end, done = time.monotonic() + SECONDS, 0
    try:
        while not isinstance(news := _next(told, done), bytes):
            if isinstance(news, Exception):
                raise _explained(news, address, target) from news
            if time.monotonic() > end:
                slow = f"only {news} of {pin.size} bytes have arrived within {SECONDS:.0f} seconds"
                raise _explained(TimeoutError(slow), address, target)
            done = news
            yield done
    finally:
        given_up.set()
    _place(target, news)


def _next(told: queue.SimpleQueue[_Told], done: int) -> _Told:
    try:
        return told.get(timeout=_LOOK)
    except queue.Empty:
        return done


def _receive(address: str, pin: PinnedFile, tell: Callable[[_Told], None], given_up: threading.Event) -> None:
    """Tell how many bytes have arrived, and at last all of them, or why not."""
    from http.client import HTTPException

    for number in range(1, TRIES + 1):
        try:
            tell(_whole(address, pin, tell, given_up))
            return
        except (OSError, HTTPException, ValueError, DownloadError) as error:
            if number == TRIES or not _may_pass(error):
                tell(error)
                return
        if given_up.wait(PAUSE * 2 ** (number - 1)):
            return


def _whole(address: str, pin: PinnedFile, tell: Callable[[int], None], given_up: threading.Event) -> bytes:
    """All bytes of the file, which are the ones that are expected; never more than one piece too many are read."""
    data = b""
    with _opener(address).open(address, timeout=SILENCE) as answer:
        announced = answer.headers.get("Content-Length", str(pin.size))
        if announced != str(pin.size):
            raise _other(address, f"{announced} bytes instead of {pin.size}")
        while not given_up.is_set() and (piece := answer.read1(_PIECE)):
            data += piece
            if len(data) > pin.size:
                raise _other(address, f"more than {pin.size} bytes")
            tell(len(data))
    if len(data) < pin.size:
        raise ConnectionError("the connection ended early")
    if hashlib.sha256(data).hexdigest() != pin.sha256:
        raise _other(address, "its SHA-256 does not match")
    return data


def _other(address: str, what: str) -> DownloadError:
    return DownloadError(
        f"{_host(address)} does not send the file that is expected ({what}): it is not taken. Where a proxy or a "
        "sign-in page answers in its place, try again in another network.",
        "digest",
    )


def _may_pass(error: Exception) -> bool:
    """Whether another try may go better: what has broken off, not what was refused or waited for in vain."""
    import ssl
    from urllib.error import HTTPError, URLError

    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in (408, 429)
    cause = error.reason if isinstance(error, URLError) else error
    lasting = ssl.SSLCertVerificationError | TimeoutError | ValueError | DownloadError | str
    return not isinstance(cause, lasting)


def _explained(error: Exception, address: str, target: Path) -> DownloadError:
    """The error as a sentence that says what to do."""
    from urllib.error import HTTPError, URLError

    if isinstance(error, DownloadError):
        return error
    by_hand = f"Try again later, or put the file by hand at {target}."
    if isinstance(error, HTTPError):
        return DownloadError(f"{_host(address)} answered {error.code} for {target.name}. {by_hand}", "refused")
    cause = error.reason if isinstance(error, URLError) else error
    return DownloadError(
        f"{target.name} could not be fetched from {_host(address)} ({cause or type(cause).__name__}). {by_hand}",
        "unreachable",
    )


def _host(address: str) -> str:
    """Without the name and password that the address of a mirror may hold."""
    return urlsplit(address).hostname or "the address"


def _opener(address: str) -> OpenerDirector:
    """What opens the address: over TLS with the other end proven, by the proxies that are set, never as a file."""
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener, proxy_bypass

    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise DownloadError("The address of a model's file must begin with https:// or http://.", "refused")
    proxies = _proxies()
    if proxies.get(parts.scheme) and not proxy_bypass(parts.hostname):
        kind = urlsplit(proxies[parts.scheme]).scheme
        if kind not in ("", "http"):
            raise DownloadError(f"A proxy of the kind {kind} is not supported here; http:// is.", "unreachable")

    class Redirects(HTTPRedirectHandler):
        """Goes elsewhere, but never from TLS to clear text."""

        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            kinds = ("https:",) if req.full_url.startswith("https:") else ("https:", "http:")
            if not newurl.startswith(kinds):
                raise DownloadError(f"{_host(address)} leads to an address without TLS.", "refused")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = build_opener(ProxyHandler(proxies), HTTPSHandler(context=_trust()), Redirects)
    opener.addheaders = [("User-Agent", "paints-undo")]
    return opener


def _proxies() -> dict[str, str]:
    from urllib.request import getproxies

    found = getproxies()
    everything = found.pop("all", "")
    if everything:
        found = {"http": everything, "https": everything} | found
    return found


def _trust() -> ssl.SSLContext:
    """The system's authorities, wherever they are; certifi's where there are none."""
    import ssl

    context = ssl.create_default_context()
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    if named or ssl.get_default_verify_paths().cafile or context.cert_store_stats()["x509_ca"]:
        return context
    bundle = next((path for path in _BUNDLES if Path(path).is_file()), None)
    if bundle is None and find_spec("certifi") is not None:
        from certifi import where

        bundle = where()
    if bundle:
        context.load_verify_locations(bundle)
    return context


def _place(target: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises `DownloadError`."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise DownloadError(f"{target} cannot be written ({error.strerror or error}).", "disk") from error

"""What a connection may cost before anybody has shown a token on it, and how long one may do nothing."""

from __future__ import annotations

import sys

from paints_undo_daemon.settings import Settings

_WANTED_DESCRIPTORS = 16_384
_OWN_DESCRIPTORS = 256
"""For the store, the workers' pipes and what libraries open."""

_STREAMS_TO_REFUSE = 64
"""Calls above the limit that a connection may still open, so that they are refused and do not wait in silence."""


def server_options(settings: Settings) -> list[tuple[str, int]]:
    """gRPC's options.

    A connection that has not said a whole greeting (TLS and the first frame of HTTP/2) within `handshake_seconds` is
    dropped, and one without a call after `connection_idle_seconds`; above `max_connections` new ones are turned away at
    once. Clients of ours connect again by themselves.
    """
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.max_concurrent_streams", settings.max_streams_per_connection + _STREAMS_TO_REFUSE),
        ("grpc.server_handshake_timeout_ms", int(settings.handshake_seconds * 1000)),
        ("grpc.max_connection_idle_ms", int(settings.connection_idle_seconds * 1000)),
        ("grpc.max_allowed_incoming_connections", min(settings.max_connections, _room_for_connections())),
    ]


def _room_for_connections() -> int:
    """How many descriptors are left for connections, with the limit raised as far as this account may."""
    if sys.platform == "win32":
        return _WANTED_DESCRIPTORS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(_OWN_DESCRIPTORS, soft - _OWN_DESCRIPTORS) if soft != resource.RLIM_INFINITY else _WANTED_DESCRIPTORS

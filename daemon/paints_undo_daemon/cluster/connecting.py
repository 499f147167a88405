"""Joining a Ray cluster, which must ask everybody for its token."""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec

import grpc

from paints_undo_daemon.settings import SettingsError

log = logging.getLogger(__name__)

_CHECK = "/ray.rpc.NodeInfoGcsService/GetAllNodeInfo"
"""A call of Ray's control service that lists nodes, with an empty request."""
_CHECK_SECONDS = 10.0
NAMESPACE = "paints-undo"
_PATIENCE = ("RAY_gcs_rpc_server_reconnect_timeout_s", "600")
"""Ray ends every process, the daemon's too, that has not reached the head node for so long; by itself after a minute,
which a head that is crowded or restarts may well take."""


class ClusterError(SettingsError):
    """The cluster cannot be used; the message says why and what to do."""


def connect(address: str) -> None:
    """Join the cluster at HOST:PORT as its driver. Raises `ClusterError`."""
    if find_spec("ray") is None:
        raise ClusterError("The executor ray needs the package ray. Install it with the extra ray.")
    _require_token(address)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault(*_PATIENCE)
    import ray

    try:
        ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(f"There is no cluster to join at {address}: {error}") from error
    log.info("Joined the cluster at %s.", address)


def disconnect() -> None:
    """Leave the cluster; what this daemon has there ends."""
    import ray

    ray.shutdown()


def _require_token(address: str) -> None:
    """Refuse a cluster that runs code for everybody who reaches its ports."""
    if os.environ.get("RAY_AUTH_MODE") != "token":
        raise ClusterError(
            "A cluster is used with token authentication alone, since it runs whatever it is sent. Set "
            "RAY_AUTH_MODE=token for every node and for this daemon, with the same token in RAY_AUTH_TOKEN_PATH."
        )
    with grpc.insecure_channel(address) as channel:
        ask = channel.unary_unary(_CHECK, request_serializer=bytes, response_deserializer=bytes)
        try:
            ask(b"", timeout=_CHECK_SECONDS)
        except grpc.RpcError as error:
            code = error.code()
            if code is grpc.StatusCode.UNAUTHENTICATED:
                return
            raise ClusterError(f"There is no cluster to join at {address}: {code.name.lower()}.") from error
    raise ClusterError(
        f"The cluster at {address} answers without a token, so it runs code for whoever reaches its ports. Start its "
        "nodes with RAY_AUTH_MODE=token."
    )

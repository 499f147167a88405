"""The one thing that is told without a token: whether the daemon serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import grpc
from grpc_health.v1 import health_pb2

from paints_undo_daemon.server.refusals import REASON

METHOD = "/grpc.health.v1.Health/Check"
_MOST = 16
_READ_SECONDS = 2.0


class Strangers:
    """Health for load balancers and container hosts, which hold no token: `Check` of the empty name alone.

    At most 16 such calls run at a time and each has 2 seconds to send its request, so that they take nothing from
    others. What is asked beyond that is refused like any call without a token.
    """

    def __init__(self) -> None:
        self._running = 0

    def may(self, method: str, metadata: dict[str, Any]) -> bool:
        """Whether a call is to be answered although it carries no token; one with a wrong token is not."""
        return method == METHOD and "authorization" not in metadata and self._running < _MOST

    def handler(self, check: grpc.RpcMethodHandler[Any, Any]) -> grpc.RpcMethodHandler[Any, Any]:
        """The bounded form of the handler of `METHOD`."""
        behaviour = cast("Callable[[Any, Any], Awaitable[Any]]", check.unary_unary)

        async def run(requests: AsyncIterator[Any], context: Any) -> None:
            self._running += 1
            try:
                request = await _only_request(requests)
                if request is None:
                    await context.abort(grpc.StatusCode.UNAUTHENTICATED, REASON)
                await context.write(await behaviour(request, context))
            finally:
                self._running -= 1

        return grpc.stream_stream_rpc_method_handler(run, _deserialize, check.response_serializer)


async def _only_request(requests: AsyncIterator[Any]) -> Any:
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await anext(aiter(requests), None)
    except TimeoutError:
        return None


def _deserialize(data: bytes) -> health_pb2.HealthCheckRequest | None:
    """The request; None for bytes that are none, and for names, which a stranger has no business with."""
    return None if data else health_pb2.HealthCheckRequest()

"""How a call can fail. Importing this loads no network library."""

from __future__ import annotations

from ..core.connection import Problem, problem_of


class CallError(Exception):
    """A call failed: the name of its gRPC status, the reason in words, and what it means for the connection."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message or status)
        self.status = status
        self.problem, self.detail = problem_of(status, message)

    @property
    def transient(self) -> bool:
        """Whether the same call may well succeed after connecting again."""
        return self.status in ("UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED", "ABORTED")


class CertificateError(CallError):
    """The certificate is not the expected one; the token was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__("UNAVAILABLE", message)
        self.problem, self.detail = Problem.CERTIFICATE, message


def is_refusal(error: Exception) -> bool:
    """Whether the same call would be refused again, until something else is asked for."""
    return isinstance(error, CallError) and error.status in ("FAILED_PRECONDITION", "INVALID_ARGUMENT")

"""Attacks on a real daemon, and faults of the machine below it; each was found by trying."""

from daemon.conftest import client, daemon, painting

__all__ = ["client", "daemon", "painting"]

"""Parity with the published implementation: every file of a golden set, compared tensor by tensor."""

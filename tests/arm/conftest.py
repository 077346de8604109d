"""The same workspace as the tests of operations have."""

from operations.conftest import backend, client

__all__ = ["backend", "client"]

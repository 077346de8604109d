"""The same workspace as the tests of operations have, reached in the same ways."""

from operations.conftest import backend, client, pytest_generate_tests, reached

__all__ = ["backend", "client", "pytest_generate_tests", "reached"]

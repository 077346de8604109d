"""What the memory backend answers for a job of every type is what the published ARM schema describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from every_job import JOBS

from mlsdk.backends import Request
from mlsdk.backends.memory import MemoryBackend
from mlsdk.testing import FakeCredential, azure_ml

if TYPE_CHECKING:
    from collections.abc import Callable

    Problems = Callable[[str, dict[str, Any]], list[str]]

WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
READ_ONLY = {"status", "parameters", "assetVersion"}
"""What the published schema leaves out because nobody can send it."""


def said(value: Any) -> Any:
    """A body without what only the service sets, and what it says nothing of: the service writes null there."""
    if isinstance(value, dict):
        return {key: said(item) for key, item in value.items() if item is not None and key not in READ_ONLY}
    return [said(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("type_", JOBS)
def test_a_job_and_its_trials_are_as_published(type_: str, problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that was submitted by the official client, and each of its trials, have the shape that Azure publishes."""
    from azure.ai.ml import MLClient

    monkeypatch.setenv("AZURE_ML_CLI_PRIVATE_FEATURES_ENABLED", str(type_ == "import"))
    with azure_ml(MemoryBackend(log_bodies=True)) as azure:
        azure.add_workspace("sub", "rg", "ws", computes=["cpu-cluster"])
        client = MLClient(FakeCredential(), "sub", "rg", "ws")
        job = client.jobs.create_or_update(JOBS[type_](), skip_validation=True)
        sent = next(one.body for one in azure.requests if one.method == "PUT" and "/jobs/" in one.path)
        if problems("workspaces_jobs", {"properties": sent["properties"]}):
            return  # the client itself departs from what is published, and gets back what it sent
        shown = 0
        for name in (job.name, *(one.name for one in client.jobs.list(parent_job_name=job.name))):
            body = dict(
                azure.send(Request("GET", f"{WORKSPACE}/jobs/{name}", {"api-version": "2024-10-01-preview"})).body
            )
            if body["properties"] is None:  # a step: run history has it
                continue
            assert problems("workspaces_jobs", {"properties": said(body["properties"])}) == []
            shown += 1
        assert shown == (5 if type_ == "sweep" else 1)

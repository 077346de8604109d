"""What a type checker sees of jobs that are followed; read by mypy and pyright, never run."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from azure.core.paging import ItemPaged
from typing_extensions import assert_type

from mlsdk import MLClient
from mlsdk.display import Graph, JobView, graph_of
from mlsdk.entities import Job, RunMetric, RunMetrics, ServiceInstance

client = MLClient.from_config()

yesterday = datetime.now(timezone.utc) - timedelta(days=1)
assert_type(client.jobs.list(status=["Failed"], tags={"team": None}, created_after=yesterday), ItemPaged[Job])
assert_type(client.jobs.children("sweep"), ItemPaged[Job])
assert_type(client.jobs.wait("train", timeout=60), Job)
assert_type(client.jobs.view("train"), JobView)
assert_type(client.jobs.watch("train", timeout=60), JobView)
assert_type(client.jobs.view("flowers").graph, Graph | None)
assert_type(graph_of(client.jobs.get("flowers")), Graph)
assert_type(client.jobs.show_services("train"), dict[str, ServiceInstance] | None)

metrics = client.jobs.metrics("train")
assert_type(metrics, RunMetrics)
assert_type(metrics["loss"], RunMetric)
assert_type(metrics.last, dict[str, float])
for step, value, timestamp in metrics["loss"]:
    assert_type(step, int)
    assert_type(value, float)
    assert_type(timestamp, datetime)

# What is none of it is refused: were it accepted, these comments would be unused, which is an error as well.
client.jobs.list(created_after=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
client.jobs.download("train", "here")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

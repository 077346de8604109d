"""What people look at: pipelines as graphs, jobs as pages and in a terminal.

`client.jobs.view(name)` gives a `JobView`, `graph_of(pipeline)` the `Graph` of a pipeline that was not submitted. All of it is
plain data that shows itself; nothing here asks anything of a service.
"""

from __future__ import annotations

from mlsdk.display.graph import Cluster, Edge, Graph, Node
from mlsdk.display.graph_reading import graph_of
from mlsdk.display.views import JobView, Port, Trial

__all__ = ["Cluster", "Edge", "Graph", "JobView", "Node", "Port", "Trial", "graph_of"]

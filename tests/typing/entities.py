"""What a type checker sees of the entities; read by mypy and pyright, never run."""

from __future__ import annotations

from typing_extensions import assert_type

from mlsdk.entities import AmlCompute, AzureBlobDatastore, Model, Workspace

model = Model(path="./model", name="iris", version="1", tags={"stage": "new"})
assert_type(model.version, "str | None")
assert_type(model.evolve(version="2"), Model)

cluster = AmlCompute(name="cpu-cluster", size="STANDARD_DS3_v2", min_instances=0, max_instances=2)
assert_type(cluster.size, "str | None")
assert_type(cluster.min_instances, "int | None")

workspace = Workspace(name="demo", location="eastus", tags={"purpose": "demo"})
assert_type(workspace.location, "str | None")

# A field whose type is an entity takes its mapping form too.
AzureBlobDatastore(name="a", account_name="b", container_name="c", credentials={"account_key": "d"})

# A word that no parameter has is refused: were it accepted, these comments would be unused, which is an error as well.
AmlCompute(name="a", sise="b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

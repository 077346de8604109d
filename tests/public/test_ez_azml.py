"""ez-azml: clusters, connections, command jobs and components from a configuration, over a subclass of `MLClient`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import Input, Output
from ez_azml import Cluster, EzMLClient, SpotCluster
from ez_azml.cli import EzAzureMLCLI
from ez_azml.cloud_runs import CommandRun, DockerCommandRun, PipelineRun
from ez_azml.params import DockerParams

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory import MemoryBackend


@pytest.fixture
def client(azure: MemoryBackend, monkeypatch: pytest.MonkeyPatch) -> EzMLClient:
    """Its client, which finds its workspace in the environment variables."""
    assert not azure.requests
    for name, value in (("SUBSCRIPTION_ID", "sub"), ("RESOURCE_GROUP_NAME", "rg"), ("WORKSPACE", "ws")):
        monkeypatch.setenv(f"AZURE_{name}", value)
    return EzMLClient()


@pytest.fixture
def command(tmp_path: Path) -> DockerCommandRun:
    """A script that runs in an image of a private registry."""
    (tmp_path / "train.py").write_text("print(1)\n", encoding="utf-8")
    return DockerCommandRun(
        docker=DockerParams("trainer", "demo.azurecr.io", "1.0", "user", "secret"),
        code=tmp_path,
        commands=["pip list", "python train.py"],
        flags=["--rate 0.1"],
        inputs={"data": Input(type="uri_file", path="azureml://datastores/workspaceblobstore/paths/x.csv")},
        outputs={"model": Output(type="uri_folder")},
        name="training",
    )


def test_a_run_makes_what_it_needs(azure: MemoryBackend, client: EzMLClient, command: CommandRun) -> None:
    """The connection to the registry, the cluster and the job are there afterwards; a second run changes none of the two."""
    EzAzureMLCLI(cloud_run=command, ml_client=client, compute=SpotCluster(name="spot", size="V100")).run()
    (job,) = client.jobs.list()
    assert (job.command, job.compute) == ("pip list;python train.py --rate 0.1", "spot")
    cluster = client.compute.get("spot")
    assert (cluster.tier, cluster.size.upper(), cluster.idle_time_before_scale_down) == (
        "low_priority",
        "STANDARD_NC6S_V3",
        5,
    )
    (connection,) = client.connections.list()
    assert (connection.name, connection.target) == ("docker_registry", "demo.azurecr.io")
    assert "secret" not in str(azure.requests)
    command.run()
    assert len(list(client.jobs.list())) == 2
    assert [found.name for found in client.compute.list()] == ["cpu-cluster", "spot"]


@pytest.mark.azure_ml(long_running="async", operation_seconds=0.05)
def test_a_run_waits_for_its_cluster(client: EzMLClient, command: CommandRun) -> None:
    """The job is sent when the cluster is ready, however long that takes."""
    EzAzureMLCLI(cloud_run=command, ml_client=client, compute=Cluster(name="new", size="CPU")).run()
    assert client.compute.get("new").provisioning_state == "Succeeded"
    assert len(list(client.jobs.list())) == 1


def test_a_command_becomes_a_component(client: EzMLClient, command: CommandRun) -> None:
    """The environment is registered, and the component that names it."""
    EzAzureMLCLI(cloud_run=command, ml_client=client, compute=Cluster(name="cpu-cluster", size="CPU")).register()
    component = client.components.get("training", label="latest")
    assert (component.version, component.command) == ("1", command.cli_command)
    assert component.environment.endswith("/environments/trainer-env-1_0/versions/1")
    assert (component.inputs["data"].type, component.outputs["model"].type) == ("uri_file", "uri_folder")


def test_a_pipeline_runs(client: EzMLClient, command: CommandRun) -> None:
    """Its commands become components, and each of its steps is a run."""

    def pipeline(data):  # noqa: ANN001, ANN202  # azure-ai-ml reads the annotations, which are text in this file
        training(data=data)  # noqa: F821  # ez-azml puts its components there

    run = PipelineRun(
        experiment_name="iris",
        commands=[command],
        pipeline=pipeline,
        inputs=command.inputs,
        ml_client=client,
        compute=Cluster(name="cpu-cluster", size="CPU"),
    )
    run.register()
    (job,) = client.jobs.list()
    assert client.jobs.get(job.name).status == "Completed"
    assert [step.display_name for step in client.jobs.list(parent_job_name=job.name)] == ["training"]

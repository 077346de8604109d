"""Data, datastores and models around jobs: versions, labels, tables, outputs that become assets, models from outputs."""

from azure.ai.ml import Input, MLClient, Output, command, load_data, load_datastore, load_model
from azure.ai.ml.constants import AssetTypes, InputOutputModes, ListViewType
from azure.ai.ml.entities import (
    AccountKeyConfiguration,
    AzureBlobDatastore,
    AzureDataLakeGen2Datastore,
    Data,
    Environment,
    Model,
)
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(credential=DefaultAzureCredential())

# -- datastores
blob = AzureBlobDatastore(
    name="blob_example",
    description="Datastore pointing to a blob container.",
    account_name="mytestblobstore",
    container_name="data-container",
    credentials=AccountKeyConfiguration(account_key="x" * 20),
)
blob.tags = {"purpose": "test"}
blob = ml_client.create_or_update(blob)
lake = ml_client.datastores.create_or_update(
    AzureDataLakeGen2Datastore(name="lake", account_name="mylake", filesystem="fs")
)
ml_client.datastores.create_or_update(load_datastore("files.yml"))
print(sorted(store.name for store in ml_client.datastores.list()), ml_client.datastores.get_default().name)

# -- data: a file, a folder, a table, an address
for version in ("1", "2"):
    titanic = Data(path="tables/titanic.csv", type=AssetTypes.URI_FILE, name="titanic", version=version)
    titanic.description = f"version {version}"
    titanic = ml_client.data.create_or_update(titanic)
table = ml_client.data.create_or_update(load_data("table.yml"))
remote = ml_client.data.create_or_update(
    Data(
        path="https://azuremlexamples.blob.core.windows.net/datasets/iris.csv",
        type="uri_file",
        name="iris",
        tags={"small": "yes"},
    )
)
folder = ml_client.data.create_or_update(
    Data(path=f"azureml://datastores/{blob.name}/paths/in/", type="uri_folder", name="incoming")
)
print(
    titanic.version,
    table.version,
    remote.version,
    folder.version,
    ml_client.data.get("titanic", label="latest").version,
)
titanic.tags["checked"] = "yes"
titanic = ml_client.data.create_or_update(titanic)
ml_client.data.archive("titanic", version="1")
print([data.version for data in ml_client.data.list("titanic", list_view_type=ListViewType.ALL)], titanic.tags)

# -- a job that reads them and whose outputs become assets
environment = Environment(
    image="python:3.12", name="plain", description="no packages", conda_file={"dependencies": ["python=3.12"]}
)
environment = ml_client.create_or_update(environment)
job = command(
    command="cp -r ${{inputs.table}} ${{outputs.clean}} && python -c 'print(0)' > ${{outputs.model}}/model.txt",
    inputs={
        "table": Input(type="mltable", path="azureml:passengers:1", mode=InputOutputModes.EVAL_MOUNT),
        "latest": Input(type="uri_file", path="titanic@latest"),
        "by_id": Input(type="uri_file", path=remote.id),
        "local": Input(type="uri_folder", path="tables"),
        "folder": Input(type="uri_folder", path=folder.path, mode="ro_mount"),
        "nothing": 0,
    },
    outputs={
        "clean": Output(type="uri_folder", name="clean_passengers", version="5", mode="rw_mount"),
        "placed": Output(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/placed/here"),
        "model": Output(type="custom_model", name="survival"),
    },
    environment=f"plain:{environment.version}",
    experiment_name="data",
)
job = ml_client.jobs.create_or_update(job)
ml_client.jobs.stream(job.name)
clean = ml_client.data.get("clean_passengers", version="5")
print(clean.name, clean.type, ml_client.models.get("survival", label="latest").version)

# -- models from what the job left
named = ml_client.models.create_or_update(
    Model(path=f"azureml://jobs/{job.name}/outputs/model/", name="from_output", type=AssetTypes.CUSTOM_MODEL)
)
run = Model(path=f"runs:/{job.name}/model", name="from_run", type="custom_model", description="Kept with the run")
run.tags = {"stage": "Production"}
run = ml_client.models.create_or_update(run)
local = ml_client.models.create_or_update(
    load_model("model.yml", params_override=[{"description": "changed on the way"}])
)
local.tags["alias"] = "champion"
local = ml_client.models.create_or_update(local)
print(named.version, run.version, local.version, sorted(model.name for model in ml_client.models.list()))
ml_client.models.download("local_weights", version=local.version, download_path="fetched")
ml_client.models.archive(name="from_run", version=run.version)
ml_client.models.restore(name="from_run", version=run.version)

# -- and a second job on the first one's outputs
second = command(
    command="ls ${{inputs.clean}} ${{inputs.model}}",
    inputs={
        "clean": Input(type="uri_folder", path="clean_passengers@latest"),
        "model": Input(type="custom_model", path=f"from_output:{named.version}"),
    },
    environment=environment,
    compute="serverless",
)
second.display_name = "second"
print(ml_client.create_or_update(second).display_name)
ml_client.datastores.delete("lake")

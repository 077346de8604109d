"""Pipelines kept as YAML: inline steps, a component that is a pipeline, overrides, and what is wrong with one."""

from azure.ai.ml import MLClient, load_component, load_compute, load_data, load_job
from azure.ai.ml.exceptions import MlException
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(credential=DefaultAzureCredential())
ml_client.compute.begin_create_or_update(load_compute("cluster.yml")).result()
ml_client.compute.begin_create_or_update(
    load_compute("cluster.yml", params_override=[{"name": "big-cluster"}])
).result()
data = ml_client.data.create_or_update(load_data("data.yml"))
print(data.name, data.version, data.type)

# -- as it stands, and with other values
job = load_job("pipeline.yml")
print(job.display_name, list(job.jobs), job.inputs.rate)
job = ml_client.jobs.create_or_update(job)
print(job.status, job.experiment_name)
ml_client.jobs.stream(job.name)

other = load_job(
    source="pipeline.yml",
    params_override=[
        {"inputs.rate": 0.75},
        {"settings.default_compute": "azureml:big-cluster"},
        {"display_name": "overridden"},
        {"tags.purpose": "override"},
    ],
)
other.jobs["summary"].environment_variables["DETAIL"] = "0"
other.experiment_name = "yaml-overridden"
other = ml_client.create_or_update(other)
print(other.display_name, other.settings.default_compute)

# -- a component that is a pipeline, used by file and by name
steps = load_component("two_steps.yml")
registered = ml_client.components.create_or_update(steps)
print(registered.name, registered.version, registered.type, list(registered.inputs))
named = ml_client.jobs.create_or_update(load_job("nested.yml"))
nested = ml_client.jobs.get(named.name)
print(nested.status, list(nested.jobs))
for child in sorted(ml_client.jobs.list(parent_job_name=named.name), key=lambda child: child.display_name):
    print(child.display_name, child.type)

# -- one that cannot be
wrong = load_job("pipeline.yml")
wrong.settings.default_compute = None
found = ml_client.jobs.validate(wrong)
print(found.passed, list(found.error_messages))
try:
    ml_client.jobs.create_or_update(wrong)
except MlException:
    print("refused")

ml_client.jobs.download(job.name, download_path="downloaded", output_name="summary")
ml_client.components.archive("two_steps", version="1")
print([component.name for component in ml_client.components.list()])

"""A batch of jobs: submitted in a loop, listed, changed, cancelled, archived, downloaded, deleted."""

import itertools
import json
from pathlib import Path

from azure.ai.ml import MLClient, command, load_job
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import AmlCompute, UserIdentityConfiguration
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential(), path=".")
try:
    ml_client.compute.get("batch")
except ResourceNotFoundError:
    ml_client.compute.begin_create_or_update(AmlCompute(name="batch", size="Standard_D2_v2", max_instances=20)).wait()

# -- one job for each combination
base = command(
    code="src",
    command="python work.py --rate ${{inputs.rate}} --size ${{inputs.size}} --seed ${{inputs.seed}}",
    environment="AzureML-sklearn-1.5@latest",
    inputs={"rate": 0.5, "size": 1, "seed": 0},
    compute="batch",
    experiment_name="grid",
    tags={"batch": "7"},
)
submitted = []
for number, (rate, size) in enumerate(itertools.product((0.0, 0.5), (1, 8))):
    job = base(rate=rate, size=size)
    job.name = f"grid_{number}"
    job.display_name = f"rate {rate}, size {size}"
    job.experiment_name = "grid"
    job.tags = {"batch": "7", "rate": str(rate)}
    submitted.append(ml_client.jobs.create_or_update(job))
print([job.name for job in submitted], {job.compute for job in submitted})

named = load_job("job.yml", params_override=[{"name": "from_file"}, {"tags.run": "1"}])
named.identity = UserIdentityConfiguration()
named = ml_client.jobs.create_or_update(named)
print(named.name, named.tags, named.description)

# -- what is there
print([job.name for job in ml_client.jobs.list()])
Path("summary.json").write_text(
    json.dumps({job.name: str(job.display_name) for job in ml_client.jobs.list()}, sort_keys=True)
)

# -- changed after they were submitted
first = ml_client.jobs.get("grid_0")
first.tags["reviewed"] = "yes"
first.description = "The first of them"
first = ml_client.jobs.create_or_update(first)
print(first.tags, first.description)
second = ml_client.jobs.update("grid_1", display_name="renamed", tags={"reviewed": "no"})
print(second.display_name, second.tags["reviewed"])

# -- stopped, hidden, shown again, deleted
ml_client.jobs.begin_cancel("grid_2").result()
print(ml_client.jobs.get("grid_2").status)
for name in ("grid_1", "grid_2"):
    ml_client.jobs.archive(name)
ml_client.jobs.restore(name="grid_1")
for view in (ListViewType.ACTIVE_ONLY, ListViewType.ARCHIVED_ONLY, ListViewType.ALL):
    print([job.name for job in ml_client.jobs.list(list_view_type=view)])
ml_client.jobs.begin_delete("grid_3").wait()
try:
    ml_client.jobs.get("grid_3")
except ResourceNotFoundError:
    print("grid_3 is gone")
try:
    ml_client.jobs.create_or_update(
        load_job("job.yml", params_override=[{"name": "from_file"}, {"command": "echo other"}])
    )
except HttpResponseError as error:
    print(error.status_code)

# -- read, and run again under another name
again = load_job("job.yml")
again.name = "again"
again.command = "echo changed"
again.environment_variables = {"EMPTY": "", "ZERO": "0"}
again.limits = None
again = ml_client.jobs.create_or_update(
    again, compute="batch", experiment_name="again", tags={"given": "with the call"}
)
ml_client.jobs.stream("again")
ml_client.jobs.download("again", download_path="logs")
print(sorted(path.name for path in Path("logs").rglob("*.txt")), again.experiment_name)
print(list(ml_client.jobs.show_services("again") or {}))

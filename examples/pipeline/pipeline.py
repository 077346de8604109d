"""The pipeline of `pipeline.yml`, written in Python.

python pipeline.py          submits it to the workspace that config.json names; in memory with MLSDK_BACKEND=memory
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlsdk import Input, load_component
from mlsdk.dsl import pipeline

if TYPE_CHECKING:
    from mlsdk.entities import PipelineJob

HERE = Path(__file__).resolve().parent
prepare_flowers = load_component(HERE / "prepare.yml")
train_flowers = load_component(HERE / "train.yml")
evaluate_flowers = load_component(HERE / "evaluate.yml")


@pipeline(display_name="Flowers", experiment_name="flowers", default_compute="cpu-cluster")
def flowers_pipeline(flowers: Input, neighbours: int = 5) -> dict:
    """Prepares flowers, learns to tell their kinds, and says how well that goes."""
    prepare = prepare_flowers(flowers=flowers)
    train = train_flowers(training=prepare.outputs.training, neighbours=neighbours)
    evaluate = evaluate_flowers(model=train.outputs.model, test=prepare.outputs.test)
    return {"model": train.outputs.model, "report": evaluate.outputs.report}


def flowers_job() -> PipelineJob:
    """The pipeline on the irises beside this folder; its model is registered as `flowers`."""
    job = flowers_pipeline(flowers=Input(type="uri_file", path=HERE.parent / "iris" / "data" / "iris.csv"))
    job.outputs.model.name = "flowers"
    return job


if __name__ == "__main__":
    from azure.core.exceptions import ResourceNotFoundError

    from mlsdk import MLClient, load_compute

    client = MLClient.from_config(path=HERE)
    try:
        client.compute.get("cpu-cluster")
    except ResourceNotFoundError:
        client.compute.begin_create_or_update(load_compute(HERE / "compute.yml")).result()
    job = client.jobs.create_or_update(flowers_job())
    print(job.studio_url)
    client.jobs.stream(job.name)

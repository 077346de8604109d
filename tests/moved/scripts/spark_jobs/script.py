"""Spark: a job alone, one from YAML, and steps of a pipeline on serverless Spark."""

from azure.ai.ml import Input, MLClient, Output, dsl, load_component, load_job, spark
from azure.ai.ml.entities import (
    AmlTokenConfiguration,
    ManagedIdentityConfiguration,
    SparkResourceConfiguration,
    UserIdentityConfiguration,
)
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
titanic = "azureml://datastores/workspaceblobstore/paths/data/titanic.csv"

# -- alone
spark_job = spark(
    display_name="Titanic-Spark-Job-SDK-1",
    experiment_name="spark-sdk",
    code="./src",
    entry={"file": "titanic.py"},
    driver_cores=1,
    driver_memory="2g",
    executor_cores=2,
    executor_memory="2g",
    executor_instances=2,
    resources={"instance_type": "Standard_E8S_V3", "runtime_version": "3.4.0"},
    inputs={"titanic_data": Input(type="uri_file", path=titanic, mode="direct"), "sample": 0},
    outputs={
        "wrangled_data": Output(
            type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/data/wrangled/", mode="direct"
        )
    },
    identity=ManagedIdentityConfiguration(),
    args="--titanic_data ${{inputs.titanic_data}} --wrangled_data ${{outputs.wrangled_data}}",
)
spark_job.conf = {"spark.sql.shuffle.partitions": 8}
spark_job.tags = {"data": "titanic"}
spark_job.executor_instances = 3
returned_spark_job = ml_client.jobs.create_or_update(spark_job)
print(returned_spark_job.type, returned_spark_job.status, returned_spark_job.resources.instance_type)
ml_client.jobs.stream(returned_spark_job.name)
print(ml_client.jobs.get(returned_spark_job.name).status)

# -- with bounds instead of a number of executors
dynamic = spark(
    code="src",
    entry={"file": "titanic.py"},
    driver_cores=1,
    driver_memory="2g",
    executor_cores=1,
    executor_memory="2g",
    dynamic_allocation_enabled=True,
    dynamic_allocation_min_executors=1,
    dynamic_allocation_max_executors=4,
    environment="AzureML-sklearn-1.5@latest",
    inputs={"titanic_data": Input(type="uri_file", path=titanic, mode="direct")},
    args="--titanic_data ${{inputs.titanic_data}}",
    experiment_name="spark-sdk",
)
dynamic.identity = AmlTokenConfiguration()
dynamic.resources = SparkResourceConfiguration(instance_type="Standard_E4S_V3", runtime_version="3.4")
print(ml_client.create_or_update(dynamic).experiment_name)

# -- from YAML
from_file = load_job("job.yml")
from_file.display_name = "changed"
from_file = ml_client.jobs.create_or_update(from_file, tags={"from": "yaml"})
print(from_file.display_name, from_file.tags)

# -- in a pipeline
add_greeting_column = load_component(source="greeting.yml")
count = spark(
    display_name="count",
    code="./src",
    entry={"file": "count.py"},
    driver_cores=2,
    driver_memory="1g",
    executor_cores=1,
    executor_memory="1g",
    executor_instances=1,
    inputs={"file_input": Input(type="uri_file", mode="direct"), "top": 0},
    outputs={"output": Output(type="uri_folder", mode="direct")},
    args="--file_input ${{inputs.file_input}} --top ${{inputs.top}} --output ${{outputs.output}}",
)


@dsl.pipeline(description="Submit a pipeline with Spark jobs", experiment_name="spark-pipeline")
def spark_pipeline_from_yaml(iris_data):
    add_greeting = add_greeting_column(file_input=iris_data)
    add_greeting.resources = {"instance_type": "Standard_E8S_V3", "runtime_version": "3.4.0"}
    add_greeting.identity = UserIdentityConfiguration()
    add_greeting.conf = {**add_greeting.conf, "spark.yarn.maxAppAttempts": 1}
    count_words = count(file_input=iris_data)
    count_words.resources = {"instance_type": "Standard_E4S_V3", "runtime_version": "3.4.0"}
    count_words.outputs.output.mode = "direct"
    return {"words": count_words.outputs.output}


pipeline = spark_pipeline_from_yaml(iris_data=Input(path="src/iris.csv", type="uri_file", mode="direct"))
pipeline_job = ml_client.jobs.create_or_update(pipeline)
print(pipeline_job.status, list(pipeline_job.jobs))
ml_client.jobs.stream(pipeline_job.name)
ml_client.jobs.archive(from_file.name)
print([job.display_name for job in ml_client.jobs.list(list_view_type="ArchivedOnly")])

"""Automated machine learning: tables, a time series, images and text, alone and in a pipeline, without a cluster."""

from azure.ai.ml import Input, MLClient, Output, automl, command
from azure.ai.ml.automl import ClassificationMultilabelPrimaryMetrics, ColumnTransformer, SearchSpace
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import Data, Model, ResourceConfiguration
from azure.ai.ml.sweep import BanditPolicy, Choice, Uniform
from azure.identity import DefaultAzureCredential

ml_client = MLClient.from_config(DefaultAzureCredential())
my_training_data_input = Input(type=AssetTypes.MLTABLE, path="./training")

# -- classification on serverless compute
classification_job = automl.classification(
    experiment_name="dpv2-classifier-experiment",
    training_data=my_training_data_input,
    target_column_name="y",
    primary_metric="accuracy",
    n_cross_validations=5,
    enable_model_explainability=True,
    tags={"my_custom_tag": "My custom value"},
)
classification_job.set_limits(
    timeout_minutes=600, trial_timeout_minutes=20, max_trials=5, enable_early_termination=True
)
classification_job.set_training(blocked_training_algorithms=["logistic_regression"], enable_onnx_compatible_models=True)
classification_job.set_featurization(
    mode="custom",
    transformer_params={"imputer": [ColumnTransformer(fields=["job"], parameters={"strategy": "most_frequent"})]},
    blocked_transformers=["LabelEncoder"],
    column_name_and_types={"y": "Categorical"},
)
classification_job.resources = ResourceConfiguration(instance_type="Standard_E4s_v3", instance_count=6)
classification_job.tags["second"] = "tag"
returned_job = ml_client.jobs.create_or_update(classification_job)
print(returned_job.type, returned_job.task_type, returned_job.studio_url.split("&")[0])
ml_client.jobs.stream(returned_job.name)
finished = ml_client.jobs.get(returned_job.name)
print(finished.status, finished.primary_metric, finished.target_column_name)
best = finished.properties.get("best_child_run_id") or finished.tags.get("automl_best_child_run_id")
print(len(list(ml_client.jobs.list(parent_job_name=returned_job.name))), "children; a best one:", bool(best))

# -- a time series, its data registered
ml_client.data.create_or_update(Data(name="bikes", version="1", type="mltable", path="training"))
forecasting_job = automl.forecasting(
    compute="serverless",
    experiment_name="dpv2-forecasting",
    training_data=Input(type="mltable", path="azureml:bikes:1"),
    target_column_name="y",
    primary_metric="NormalizedRootMeanSquaredError",
    n_cross_validations="auto",
)
forecasting_job.set_forecast_settings(
    time_column_name="day", forecast_horizon=24, frequency="D", target_lags=[1, 2], country_or_region_for_holidays="US"
)
forecasting_job.set_training(allowed_training_algorithms=["Prophet", "ElasticNet"], enable_stack_ensemble=False)
forecasting_job.set_limits(max_concurrent_trials=2, max_trials=4, timeout_minutes=60)
forecasting_job.display_name = "bikes of tomorrow"
print(ml_client.create_or_update(forecasting_job).display_name)

# -- images with a sweep over models
image_job = automl.image_classification_multilabel(
    experiment_name="images",
    training_data=Input(type="mltable", path="./images"),
    validation_data=Input(type="mltable", path="./images"),
    target_column_name="label",
    primary_metric=ClassificationMultilabelPrimaryMetrics.IOU,
)
image_job.set_limits(timeout_minutes=60, max_trials=10, max_concurrent_trials=2)
image_job.set_training_parameters(early_stopping=True, evaluation_frequency=1)
image_job.extend_search_space(
    [
        SearchSpace(
            model_name=Choice(["vitb16r224"]), learning_rate=Uniform(0.001, 0.01), number_of_epochs=Choice([15, 30])
        ),
        SearchSpace(model_name=Choice(["seresnext"]), layers_to_freeze=Choice([0, 2])),
    ]
)
image_job.set_sweep(
    sampling_algorithm="Random",
    early_termination=BanditPolicy(evaluation_interval=2, slack_factor=0.2, delay_evaluation=6),
)
image_job.resources = ResourceConfiguration(instance_type="Standard_NC6s_v3", instance_count=2)
print(ml_client.jobs.create_or_update(image_job).experiment_name)

# -- text
text_job = automl.text_classification(
    experiment_name="text",
    training_data=my_training_data_input,
    validation_data=my_training_data_input,
    target_column_name="y",
)
text_job.set_limits(timeout_minutes=120)
text_job.set_featurization(dataset_language="eng")
text_job.resources = ResourceConfiguration(instance_type="Standard_NC6s_v3")
text_job = ml_client.jobs.create_or_update(text_job)
ml_client.jobs.begin_cancel(text_job.name).result()


# -- as a step, whose best model is registered by the next one
@pipeline(description="AutoML regression", default_compute="serverless", experiment_name="automl-in-pipeline")
def automl_regression(train_data, rounds: int = 2):
    regression_node = automl.regression(
        primary_metric="r2_score",
        target_column_name="y",
        training_data=train_data,
        featurization=automl.TabularFeaturizationSettings(mode="auto"),
        outputs={"best_model": Output(type="mlflow_model")},
    )
    regression_node.set_limits(max_concurrent_trials=1, max_trials=3)
    regression_node.set_training(enable_stack_ensemble=False, enable_vote_ensemble=False)
    register = command(
        command="python -c 'print(1)' ${{inputs.model}} ${{inputs.rounds}}",
        inputs={"model": Input(type="mlflow_model"), "rounds": 1},
        environment="AzureML-sklearn-1.5@latest",
    )
    show_output = register(model=regression_node.outputs.best_model, rounds=rounds)
    show_output.display_name = "Register"
    return {"best": regression_node.outputs.best_model}


pipeline_job = automl_regression(train_data=my_training_data_input)
pipeline_job.outputs.best.name = "regression_best"
pipeline_job = ml_client.jobs.create_or_update(pipeline_job)
ml_client.jobs.stream(pipeline_job.name)
print([model.name for model in ml_client.models.list()])
model = Model(path=f"azureml://jobs/{pipeline_job.name}/outputs/best", name="regression", type=AssetTypes.MLFLOW_MODEL)
print(ml_client.models.create_or_update(model).version)

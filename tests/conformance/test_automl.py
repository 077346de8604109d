"""AutoML jobs said piece by piece, and as steps of pipelines, beside what the official client makes of the same calls."""

from __future__ import annotations

import gc
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from conformance.cases_automl import CASES, FILES
from conformance.official import OFFICIAL, OURS, compared, official_body, official_dict, our_body, our_dict, plain

import mlsdk
from mlsdk.entities.automl_jobs import AutoMLJob
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TABLE = "the official client writes a table of a step as the text of a Python mapping, which the service cannot read"
COLUMNS = "the official client writes a list of columns as one text, which reads back as one column"
DEPARTURES = {
    **{f"node:$.{name}": TABLE for name in ("training_data", "validation_data", "test_data", "test_data.path")},
    **{
        f"{form}:$.forecasting.{name}": COLUMNS
        for form in ("node", "dict")
        for name in ("time_series_id_column_names", "features_unknown_at_forecast_time")
    },
}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The official client's notes about previews are not about us."""
    monkeypatch.setattr(logging.getLogger("azure.ai.ml"), "disabled", True)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True, scope="module")
def alone() -> Iterator[None]:
    """The official client's forms of images remember for the whole process that one was a step; here they forget it."""
    yield
    from marshmallow import Schema

    for one in gc.get_objects():
        if issubclass(type(one), Schema):  # isinstance would wake what is imported on use
            one.context.pop("inside_pipeline", None)


def differing(theirs: Callable[[], Any], ours: Callable[[], Any], at: str) -> list[tuple[str, Any, Any]]:
    """Where two forms differ and that is not what we decided on."""
    return [row for row in compared(theirs, ours, at) if row[0] not in DEPARTURES]


# -- said piece by piece -------------------------------------------------------------------------------------
def _table(m: Any) -> dict[str, Any]:
    return {"training_data": m.Input(type="mltable", path="azureml:train:1"), "target_column_name": "y"}


def _text(m: Any) -> dict[str, Any]:
    return {**_table(m), "validation_data": m.Input(type="mltable", path="./valid")}


def _calls(task: str, *calls: tuple[str, Callable[[Any], dict[str, Any]]]) -> Callable[[Any], Any]:
    def build(m: Any) -> Any:
        job = getattr(m, task)(**(_text(m) if task.startswith("text") else _table(m)))
        for name, arguments in calls:
            getattr(job, name)(**arguments(m))
        return job

    return build


def _plain(**given: Any) -> Callable[[Any], dict[str, Any]]:
    return lambda _: given


SAID = {
    "limits": _calls("classification", ("set_limits", _plain(max_trials=5)), ("set_limits", _plain(timeout_minutes=9))),
    "limits of nothing": _calls("classification", ("set_limits", _plain())),
    "training": _calls(
        "classification",
        ("set_training", _plain(enable_onnx_compatible_models=True, enable_dnn_training=False)),
        ("set_training", _plain(enable_vote_ensemble=False, ensemble_model_download_timeout=10)),
    ),
    "algorithms": _calls(
        "classification",
        (
            "set_training",
            _plain(allowed_training_algorithms=["LightGBM", "logistic_regression"], blocked_training_algorithms=[]),
        ),
    ),
    "algorithms said before": _calls(
        "regression",
        ("set_training", _plain(allowed_training_algorithms=["ElasticNet"], training_mode="distributed")),
        ("set_training", _plain(enable_vote_ensemble=True)),
    ),
    "no such algorithm": _calls("regression", ("set_training", _plain(allowed_training_algorithms=["Prophet"]))),
    "no such mode": _calls("regression", ("set_training", _plain(training_mode="nonsense"))),
    "forecasts are not stacked": _calls("forecasting", ("set_training", _plain())),
    "forecasts are stacked": _calls("forecasting", ("set_training", _plain(enable_stack_ensemble=True))),
    "models of forecasts": _calls(
        "forecasting", ("set_training", _plain(blocked_training_algorithms=["TCNForecaster", "auto_arima"]))
    ),
    "forecasting": _calls(
        "forecasting",
        ("set_forecast_settings", _plain(time_column_name="t", forecast_horizon=3)),
        ("set_forecast_settings", _plain(target_lags="auto", use_stl="season")),
    ),
    "featurization": _calls(
        "regression",
        ("set_featurization", _plain(mode="custom", blocked_transformers=["TfIdf"])),
        ("set_featurization", lambda m: {"transformer_params": {"imputer": [m.ColumnTransformer(fields=["a"])]}}),
    ),
    "data": _calls("classification", ("set_data", lambda m: {**_text(m), "target_column_name": "z"})),
    "data of texts": _calls("text_classification", ("set_data", lambda m: {**_text(m), "target_column_name": "z"})),
    "limits of texts": _calls("text_classification", ("set_limits", _plain(timeout_minutes=60))),
    "parameters of texts": _calls(
        "text_classification",
        ("set_training_parameters", _plain(learning_rate=0.1, learning_rate_scheduler="linear")),
        ("set_training_parameters", _plain(number_of_epochs=0)),
    ),
    "language of texts": _calls("text_classification", ("set_featurization", _plain(dataset_language="eng"))),
    "space of texts": _calls(
        "text_classification",
        ("extend_search_space", lambda m: {"value": m.SearchSpace(model_name=m.Choice(["a"]), weight_decay=1)}),
        ("extend_search_space", lambda m: {"value": [m.SearchSpace(), m.SearchSpace(learning_rate=m.Uniform(0, 1))]}),
    ),
    "no such parameter of texts": _calls(
        "text_classification", ("extend_search_space", lambda m: {"value": m.SearchSpace(nonsense=1)})
    ),
    "parameters of images": _calls(
        "image_object_detection",
        ("set_training_parameters", _plain(optimizer="sgd", early_stopping=False, beta1=0)),
        ("set_training_parameters", _plain(learning_rate_scheduler="WarmupCosine", model_size="small")),
    ),
    "sweep of images": _calls(
        "image_classification",
        ("set_sweep", lambda m: {"sampling_algorithm": "grid", "early_termination": m.BanditPolicy(slack_amount=0.1)}),
        ("set_sweep", _plain(sampling_algorithm="random")),
    ),
    "space of images": _calls(
        "image_object_detection",
        ("extend_search_space", lambda m: {"value": m.SearchSpace(model_name=m.Choice(["yolov5"]), beta1=1)}),
        ("extend_search_space", lambda m: {"value": [m.SearchSpace(ams_gradient=m.Choice([True, False]))]}),
    ),
    "no such parameter of images": _calls(
        "image_classification", ("extend_search_space", lambda m: {"value": m.SearchSpace(model_size="small")})
    ),
    "limits of images": _calls("image_instance_segmentation", ("set_limits", _plain(max_trials=2, timeout_minutes=5))),
}


@pytest.mark.parametrize("build", SAID.values(), ids=SAID)
def test_what_is_said_piece_by_piece_is_sent_and_written_as_the_official_client_does(
    build: Callable[[Any], Any],
) -> None:
    """The methods of jobs leave the same settings behind."""
    rows = [
        *differing(lambda: official_body(build(OFFICIAL)), lambda: our_body(build(OURS)), "body"),
        *differing(lambda: official_dict(build(OFFICIAL)), lambda: our_dict(build(OURS)), "dict"),
    ]
    assert rows == []


# -- steps of pipelines --------------------------------------------------------------------------------------
def _official_node(job: Any) -> Any:
    return json.loads(json.dumps(plain(job._to_dict(inside_pipeline=True))))


def _our_node(job: Any) -> Any:
    return json.loads(json.dumps(job.node_body()))


def _wired(m: Any, task: str, **more: Any) -> Any:
    data = {"training_data": "${{parent.inputs.train}}", "validation_data": "${{parent.jobs.a.outputs.b}}"}
    target = {} if task == "text_ner" else {"target_column_name": "y"}
    return getattr(m, task)(**data, **target, **more)


NODES: dict[str, Callable[[Any], Any]] = {
    **{
        f"{name}-{number}": lambda m, name=name, arguments=arguments: getattr(m, name)(**arguments(m))
        for number, (name, arguments) in enumerate(CASES)
    },
    **{name: build for name, build in SAID.items() if not name.startswith("no such")},
    **{
        f"wired {task}": lambda m, task=task: _wired(m, task, outputs={"best_model": m.Output(type="mlflow_model")})
        for task in ("classification", "forecasting", "text_classification", "text_ner", "image_object_detection")
    },
    "outputs": lambda m: _wired(
        m,
        "regression",
        name="n",
        compute="cpu",
        tags={"a": "b"},
        outputs={"best_model": m.Output(type="mlflow_model", mode="rw_mount", path="azureml://datastores/d/paths/p")},
    ),
    "outputs of the pipeline": lambda m: _wired(m, "regression", outputs={"best_model": "${{parent.outputs.model}}"}),
    "wired settings": lambda m: _wired(m, "classification", primary_metric="${{parent.inputs.metric}}"),
}


@pytest.mark.parametrize("build", NODES.values(), ids=NODES)
def test_a_step_is_sent_as_the_official_client_sends_it(build: Callable[[Any], Any]) -> None:
    """Inside a pipeline a job has the words of its file form."""
    assert differing(lambda: _official_node(build(OFFICIAL)), lambda: _our_node(build(OURS)), "node") == []


@pytest.mark.parametrize("build", NODES.values(), ids=NODES)
def test_a_step_that_was_sent_is_read_back(build: Callable[[Any], Any]) -> None:
    """The body of a step gives the same job, and what a newer service says of it is sent back."""
    try:
        body = _our_node(build(OURS))
    except (TypeError, ValidationException):
        return  # refused before there was anything to read
    body["new"] = 1
    for name in ("limits", "training", "featurization", "sweep", "training_parameters", "forecasting"):
        if name in body:
            body[name]["new"] = {"of": [0]}
    for space in body.get("search_space") or ():
        space["new"] = "text"
    job = AutoMLJob.of_node_body(json.loads(json.dumps(body)))
    assert type(job).__name__ == type(build(OURS)).__name__
    assert _our_node(job) == body


# -- what we do otherwise ------------------------------------------------------------------------------------
def test_a_table_of_a_step_is_sent_as_what_names_it() -> None:
    """A table that a step names itself is a mapping on the wire."""
    job = mlsdk.from_wire(AutoMLJob, our_body(OURS.classification(**_table(OURS))))
    assert job.node_body()["training_data"] == {"type": "mltable", "path": "azureml:train:1"}


def test_outputs_keep_their_type() -> None:
    """An output is sent with the type that it was given; the official client sends every one as a folder."""
    job = OURS.classification(**_table(OURS), outputs={"best_model": OURS.Output(type="mlflow_model")})
    assert our_body(job)["properties"]["outputs"] == {"best_model": {"jobOutputType": "mlflow_model"}}
    assert our_dict(job)["outputs"] == {"best_model": {"type": "mlflow_model"}}


def test_nodes_and_the_queue_are_sent_in_the_words_of_the_service() -> None:
    """Resources, the place in the queue and services are sent as jobs of other types send them."""
    job = OURS.classification(
        **_table(OURS),
        resources=OURS.JobResourceConfiguration(instance_count=2),
        queue_settings=OURS.QueueSettings(job_tier="spot"),
        services={"lab": {"type": "jupyter_lab"}},
    )
    properties = our_body(job)["properties"]
    assert properties["resources"] == {"instanceCount": 2, "properties": {}}
    assert properties["queueSettings"] == {"jobTier": "Spot"}
    assert properties["services"] == {"lab": {"jobServiceType": "JupyterLab"}}


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        (lambda _: {"n_cross_validations": 0}, ("nCrossValidations", {"mode": "Custom", "value": 0})),
        (lambda _: {"n_cross_validations": 1}, ("nCrossValidations", {"mode": "Custom", "value": 1})),
        (lambda _: {"n_cross_validations": "5"}, ("nCrossValidations", {"mode": "Custom", "value": 5})),
        (
            lambda _: {"limits": {"timeout_minutes": 0}},
            ("limitSettings", {"timeout": "PT0S", "sweepConcurrentTrials": 0, "sweepTrials": 0}),
        ),
        (
            lambda m: {"validation_data": m.Input(type="mltable", path="v", mode="download")},
            ("validationData", {"jobInputType": "mltable", "uri": "v", "mode": "Download"}),
        ),
        (
            lambda _: {"training": {"stack_ensemble_settings": {"stack_meta_learner_type": "elastic_net"}}},
            (
                "trainingSettings",
                {
                    "stackEnsembleSettings": {
                        "stackMetaLearnerTrainPercentage": 0.2,
                        "stackMetaLearnerType": "ElasticNet",
                    }
                },
            ),
        ),
    ],
)
def test_what_was_said_is_sent(settings: Callable[[Any], dict[str, Any]], sent: tuple[str, Any]) -> None:
    """Zero, one fold, a mode and a stack are sent; the official client loses them or sends what is refused."""
    job = OURS.ClassificationJob(**{**_table(OURS), **settings(OURS)})
    assert our_body(job)["properties"]["taskDetails"][sent[0]] == sent[1]


@pytest.mark.parametrize("name", ["forecast_horizon", "target_rolling_window_size", "seasonality"])
def test_a_zero_of_a_forecast_is_sent(name: str) -> None:
    """Zero is a number, not silence."""
    job = OURS.forecasting(**_table(OURS), forecasting_settings={name: 0})
    (sent,) = our_body(job)["properties"]["taskDetails"]["forecastingSettings"].values()
    assert sent == {"mode": "Custom", "value": 0}


def test_settings_may_be_assigned() -> None:
    """Settings of training that are assigned are those of the job; the official client drops them."""
    job = OURS.classification(**_table(OURS))
    job.training = OURS.TrainingSettings(allowed_training_algorithms=["knn"], enable_vote_ensemble=False)
    assert our_body(job)["properties"]["taskDetails"]["trainingSettings"] == {
        "allowedTrainingAlgorithms": ["KNN"],
        "enableVoteEnsemble": False,
    }
    with pytest.raises(ValidationException, match="Prophet"):
        job.training = OURS.TrainingSettings(allowed_training_algorithms=["Prophet"])


def test_a_search_of_texts_is_written_and_read(tmp_path: Path) -> None:
    """How texts are searched is in the file form; the official client crashes where it is to be written."""
    job = OURS.text_classification(**_text(OURS), log_verbosity="info")
    job.set_sweep(sampling_algorithm="Random", early_termination=OURS.BanditPolicy(slack_factor=0.1))
    assert our_dict(job)["sweep"]["sampling_algorithm"] == "random"
    job.dump(tmp_path / "job.yml")
    assert our_dict(mlsdk.load_job(tmp_path / "job.yml")) == our_dict(job)


def test_a_stack_is_read_from_a_file(tmp_path: Path) -> None:
    """Settings of a stack are read, those of its learner too; the official client crashes on them."""
    said = "training: {stack_ensemble_settings: {stack_meta_learner_kwargs: {a: 1}, stack_meta_learner_train_percentage: 0}}\n"
    (tmp_path / "job.yml").write_text(FILES[0][1] + said)
    sent = our_body(mlsdk.load_job(tmp_path / "job.yml"))["properties"]["taskDetails"]["trainingSettings"]
    assert sent == {"stackEnsembleSettings": {"stackMetaLearnerKWargs": {"a": 1}, "stackMetaLearnerTrainPercentage": 0}}


def test_the_target_of_names_in_texts_is_sent() -> None:
    """The column that is named is sent for each task that has one."""
    job = OURS.TextNerJob(**_text(OURS))
    assert our_body(job)["properties"]["taskDetails"]["targetColumnName"] == "y"


def test_a_task_of_tomorrow_is_kept() -> None:
    """A job of a task that this version does not know is shown, and sent back as it came."""
    body = {"properties": {"jobType": "AutoML", "taskDetails": {"taskType": "Tomorrow", "x": {"y": [1]}}}}
    job = mlsdk.from_wire(AutoMLJob, body)
    assert type(job) is AutoMLJob
    assert our_body(job)["properties"]["taskDetails"] == body["properties"]["taskDetails"]

"""AutoML jobs: what each setting makes of the body and of the YAML form, from Python, from files and from answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = tuple[str, Callable[[Any], dict[str, Any]]]


def _data(m: Any, **more: Any) -> dict[str, Any]:
    return {"training_data": m.Input(type="mltable", path="azureml:train:1"), "target_column_name": "y", **more}


def _table(task: str = "classification", **arguments: Any) -> Case:
    return task, lambda m: _data(m, **arguments)


def _made(task: str, make: Callable[[Any], dict[str, Any]]) -> Case:
    return task, lambda m: _data(m, **make(m))


def _text(task: str = "text_classification", make: Callable[[Any], dict[str, Any]] = lambda _: {}) -> Case:
    return task, lambda m: _data(m, validation_data=m.Input(type="mltable", path="./valid"), **make(m))


# -- Python --------------------------------------------------------------------------------------------------
TABLES = ("classification", "regression", "forecasting")
IMAGES = (
    "image_classification",
    "image_classification_multilabel",
    "image_object_detection",
    "image_instance_segmentation",
)
JOBS = (
    "ClassificationJob",
    "RegressionJob",
    "ForecastingJob",
    "ImageClassificationJob",
    "ImageClassificationMultilabelJob",
    "ImageObjectDetectionJob",
    "ImageInstanceSegmentationJob",
    "TextClassificationJob",
    "TextClassificationMultilabelJob",
    "TextNerJob",
)
CASES: list[Case] = [
    *(_table(task) for task in (*TABLES, *IMAGES)),
    _text(),
    _text("text_classification_multilabel"),
    ("text_ner", lambda m: {key: m.Input(type="mltable", path=key) for key in ("training_data", "validation_data")}),
    *((name, _data) for name in JOBS[:-1]),
    ("TextNerJob", lambda m: {"training_data": m.Input(type="mltable", path="t")}),
    *((name, lambda _: {"primary_metric": "nonsense"}) for name in JOBS),
    # what all jobs have
    _table(name="n", display_name="d", description="e", experiment_name="x", compute="cpu"),
    _table(name="n", display_name="", description="", experiment_name=""),
    _table(tags={"a": "b"}, properties={"p": "q"}),
    _table(tags={}, properties={}),
    _table(environment_id="azureml:e:1", environment_variables={"A": "b"}),
    _table(bogus=1),
    *(
        _made("classification", lambda m, name=name: {"identity": getattr(m, name)()})
        for name in ("UserIdentityConfiguration", "ManagedIdentityConfiguration", "AmlTokenConfiguration")
    ),
    # tables
    *(_table(primary_metric=word) for word in ("accuracy", "AUC_weighted", "AUCWeighted", "norm_macro_recall")),
    *(_table("regression", primary_metric=word) for word in ("r2_score", "R2Score", "spearman_correlation")),
    _made("classification", lambda m: {"primary_metric": m.ClassificationPrimaryMetrics.AUC_WEIGHTED}),
    _table("regression", primary_metric="accuracy"),
    *(_table(enable_model_explainability=flag) for flag in (True, False)),
    _table(weight_column_name="w", cv_split_column_names=["a", "b"]),
    _table(weight_column_name="", cv_split_column_names=[]),
    _table(validation_data_size=0.2, test_data_size=0.1),
    _table(validation_data_size=0, test_data_size=0.0),
    _table(n_cross_validations=5),
    _table(n_cross_validations="auto"),
    _table(positive_label="yes"),
    _table(positive_label=""),
    *(_table(log_verbosity=word) for word in ("debug", "not_set", "NotSet", None)),
    _table(log_verbosity="loud"),
    _made(
        "classification",
        lambda m: {
            "validation_data": m.Input(type="mltable", path="./valid"),
            "test_data": m.Input(type="mltable", path="azureml://datastores/d/paths/p"),
        },
    ),
    *(
        _made("classification", lambda m, given=given: {"limits": m.TabularLimitSettings(**given)})
        for given in (
            {},
            {"enable_early_termination": False, "exit_score": 0, "max_concurrent_trials": 0, "max_nodes": 0},
            {"max_cores_per_trial": -1, "max_trials": 5, "timeout_minutes": 90, "trial_timeout_minutes": 1500},
            {"enable_early_termination": True, "exit_score": 0.5},
        )
    ),
    *(
        _made("regression", lambda m, make=make: {"featurization": m.TabularFeaturizationSettings(**make(m))})
        for make in (
            lambda _: {},
            lambda _: {"blocked_transformers": ["TfIdf", "label_encoder"], "column_name_and_types": {"a": "Numeric"}},
            lambda _: {"blocked_transformers": [], "column_name_and_types": {}, "transformer_params": {}},
            lambda m: {"blocked_transformers": [m.BlockedTransformers.WO_E_TARGET_ENCODER]},
            lambda _: {"dataset_language": "eng", "enable_dnn_featurization": False},
            lambda _: {"dataset_language": "", "mode": "off"},
            lambda _: {"mode": "Off"},
            lambda m: {
                "mode": "custom",
                "transformer_params": {
                    "imputer": [m.ColumnTransformer(fields=["a"], parameters={"strategy": "median", "n": 3})],
                    "TfIdf": [m.ColumnTransformer()],
                    "hash_one_hot_encoder": [],
                },
            },
            lambda _: {"blocked_transformers": ["nonsense"]},
            lambda _: {"transformer_params": {"nonsense": []}},
        )
    ),
    *(
        _made("forecasting", lambda m, given=given: {"forecasting_settings": m.ForecastingSettings(**given)})
        for given in (
            {},
            {
                "country_or_region_for_holidays": "US",
                "cv_step_size": 2,
                "forecast_horizon": 12,
                "target_lags": [1, 2],
                "target_rolling_window_size": 3,
                "frequency": "D",
                "feature_lags": "auto",
                "seasonality": 4,
                "use_stl": "season",
                "short_series_handling_config": "pad",
                "target_aggregate_function": "sum",
                "time_column_name": "t",
                "time_series_id_column_names": ["a"],
                "features_unknown_at_forecast_time": ["b"],
            },
            {"forecast_horizon": "auto", "target_lags": "auto", "target_rolling_window_size": "auto"},
            {"seasonality": "auto", "target_lags": 1},
            {"time_series_id_column_names": "a", "features_unknown_at_forecast_time": "b", "cv_step_size": 0},
            {"time_series_id_column_names": [], "features_unknown_at_forecast_time": [], "target_lags": [0]},
            {"time_column_name": "", "frequency": "", "feature_lags": "none", "use_stl": "None"},
        )
    ),
    # texts
    _text(make=lambda _: {"primary_metric": "auc_weighted", "log_verbosity": "debug"}),
    *(
        _text(make=lambda m, given=given: {"limits": m.NlpLimitSettings(**given)})
        for given in (
            {},
            {"max_concurrent_trials": 0, "max_trials": 0, "max_nodes": 0},
            {"max_trials": None, "max_nodes": None},
            {"timeout_minutes": 90, "trial_timeout_minutes": 5},
        )
    ),
    *(
        _text(make=lambda m, given=given: {"training_parameters": m.NlpFixedParameters(**given)})
        for given in (
            {},
            {"gradient_accumulation_steps": 0, "learning_rate": 0, "warmup_ratio": 0.0, "weight_decay": 0.1},
            {"learning_rate_scheduler": "cosine_with_restarts", "model_name": "m", "number_of_epochs": 1},
            {"learning_rate_scheduler": "Linear", "training_batch_size": 2, "validation_batch_size": 3},
            {"learning_rate_scheduler": "nonsense"},
        )
    ),
    *(
        _text(make=lambda m, given=given: {"featurization": m.NlpFeaturizationSettings(**given)})
        for given in ({}, {"dataset_language": "eng"}, {"dataset_language": ""})
    ),
    *(
        _text(make=lambda m, make=make: {"search_space": [m.NlpSearchSpace(**make(m)), m.NlpSearchSpace()]})
        for make in (
            lambda _: {"model_name": "m", "number_of_epochs": 0, "learning_rate": 0.00001},
            lambda m: {"model_name": m.Choice(["a", "b"]), "learning_rate": m.Uniform(0.1, 0.2)},
            lambda m: {"weight_decay": m.Choice([0.1, 0.2]), "number_of_epochs": m.Choice([1, 2])},
            lambda m: {"learning_rate_scheduler": m.Choice([m.NlpLearningRateScheduler.LINEAR, "cosine"])},
            lambda m: {"model_name": m.Choice([m.NlpModels.ROBERTA_BASE])},
            lambda m: {"learning_rate": m.LogUniform(-6, -1), "warmup_ratio": m.QNormal(1, 2, 0.5)},
            lambda m: {"training_batch_size": m.Randint(5), "weight_decay": m.Normal(0, 1.5)},
        )
    ),
    # images
    _table("image_object_detection", validation_data_size=0.2),
    *(
        _made("image_classification", lambda m, given=given: {"limits": m.ImageLimitSettings(**given)})
        for given in ({}, {"max_concurrent_trials": 0, "max_trials": 0}, {"max_trials": 2, "timeout_minutes": 60})
    ),
    *(
        _made(
            "image_classification",
            lambda m, given=given: {"training_parameters": m.ImageModelSettingsClassification(**given)},
        )
        for given in (
            {},
            {"ams_gradient": False, "beta1": 0, "beta2": 0.5, "layers_to_freeze": 0, "model_name": "seresnext"},
            {"optimizer": "adamw", "learning_rate_scheduler": "warmup_cosine", "weighted_loss": 0},
            {"training_crop_size": 1, "validation_crop_size": 2, "validation_resize_size": 3},
            {"optimizer": "nonsense"},
        )
    ),
    *(
        _made(
            "image_instance_segmentation",
            lambda m, given=given: {"training_parameters": m.ImageModelSettingsObjectDetection(**given)},
        )
        for given in (
            {"box_score_threshold": 0.3, "image_size": 640, "multi_scale": True, "tile_grid_size": "3x2"},
            {"model_size": "ExtraLarge", "validation_metric_type": "CocoVoc", "nms_iou_threshold": 0},
            {"advanced_settings": "{}", "checkpoint_run_id": "r", "early_stopping": True},
        )
    ),
    *(
        _made(
            "image_object_detection",
            lambda m, make=make: {
                "sweep": m.ImageSweepSettings(**make(m)),
                "search_space": [m.ImageObjectDetectionSearchSpace()],
            },
        )
        for make in (
            lambda _: {"sampling_algorithm": "random"},
            lambda m: {"sampling_algorithm": m.SamplingAlgorithmType.GRID},
            lambda m: {"sampling_algorithm": "bayesian", "early_termination": m.BanditPolicy(slack_factor=0.2)},
            lambda m: {"sampling_algorithm": "grid", "early_termination": m.MedianStoppingPolicy(delay_evaluation=5)},
        )
    ),
    *(
        _made(
            "image_object_detection",
            lambda m, make=make: {"search_space": [m.ImageObjectDetectionSearchSpace(**make(m))]},
        )
        for make in (
            lambda m: {"model_name": m.Choice(["yolov5"]), "model_size": m.Choice(["small", "medium"])},
            lambda m: {"learning_rate": m.Uniform(0.0001, 0.01), "min_size": m.Choice([600, 800])},
            lambda m: {"ams_gradient": m.Choice([True, False]), "nesterov": True, "beta1": 0.5},
            lambda m: {"number_of_epochs": m.QUniform(1, 9, 2), "momentum": m.QLogUniform(0.1, 1, 0.1)},
            lambda m: {"optimizer": m.Choice(["sgd", "adam"]), "model_name": "yolov5", "number_of_epochs": 0},
        )
    ),
    _made(
        "image_classification",
        lambda m: {
            "search_space": [m.ImageClassificationSearchSpace(weighted_loss=m.Choice([0, 1]), distributed=False)]
        },
    ),
]


# -- files ---------------------------------------------------------------------------------------------------
def _head(task: str) -> str:
    return f"type: automl\ntask: {task}\ntarget_column_name: y\ntraining_data: {{type: mltable, path: ./train}}\n"


VALID = "validation_data: {type: mltable, path: azureml:valid:1}\n"


def _files(task: str, *texts: str) -> list[tuple[str, str]]:
    return [("job", _head(task) + text) for text in texts]


FILES: list[tuple[str, str]] = [
    *(("job", _head(task)) for task in (*TABLES, *IMAGES)),
    *(("job", _head(task) + VALID) for task in ("text_classification", "text_classification_multilabel")),
    ("job", _head("text_ner").replace("target_column_name: y\n", "") + VALID),
    ("job", _head("text_classification")),
    *_files("nonsense", ""),
    *_files("Classification", ""),
    ("job", _head("x").replace("task: x\n", "")),
    *(("job", _head(task).replace("target_column_name: y\n", "")) for task in ("regression", "image_classification")),
    *(("job", _head(task).split("training_data")[0]) for task in ("regression", "image_classification")),
    *_files(
        "classification",
        "compute: azureml:cpu\nname: n\ndisplay_name: d\nexperiment_name: e\ndescription: x\ntags: {a: b}\n",
        "properties: {p: q}\nenvironment_id: azureml:e:1\nenvironment_variables: {A: b}\n",
        "identity: {type: user_identity}\n",
        "log_verbosity: Debug\n",
        "log_verbosity: loud\n",
        "log_verbosity: NotSet\n",
        "primary_metric: accuracy\n",
        "primary_metric: AUC_weighted\n",
        "primary_metric: r2_score\n",
        "positive_label: 'yes'\n",
        "weight_column_name: w\ncv_split_column_names: [a, b]\nvalidation_data_size: 0.2\ntest_data_size: 0\n",
        "n_cross_validations: auto\n",
        "n_cross_validations: Auto\n",
        "n_cross_validations: 5\n",
        "n_cross_validations: nonsense\n",
        VALID + "test_data: {type: mltable, path: azureml:test@latest}\n",
        "test_data: {type: mltable, path: 'azureml://datastores/d/paths/p'}\n",
        "validation_data: ./valid\n",
        "validation_data: {type: uri_file, path: ./valid}\n",
        "validation_data: {type: mltable, path: ./valid, default: 1}\n",
        "validation_data: ${{parent.inputs.x}}\n",
        "positive_label: 'yes'\nlimits: {max_trials: '${{parent.inputs.x}}'}\n",
        "limits: {}\nfeaturization: {}\ntraining: {}\n",
        "limits: {max_trials: 0, timeout_minutes: 90, exit_score: 0.5, enable_early_termination: false, max_nodes: 2}\n",
        "limits: {max_trials: many}\n",
        "limits: {nonsense: 1}\n",
        "featurization: {mode: 'off'}\n",
        "featurization: {mode: nonsense}\n",
        "featurization: {mode: custom, blocked_transformers: [label_encoder, TfIdf], column_name_and_types: {a: b}}\n",
        "featurization: {transformer_params: {imputer: [{fields: [a], parameters: {strategy: mean, n: 3}}]}}\n",
        "featurization: {transformer_params: {nonsense: []}}\n",
        "featurization: {blocked_transformers: [nonsense]}\n",
        "training: {enable_stack_ensemble: false, enable_vote_ensemble: true, enable_dnn_training: false}\n",
        "training: {ensemble_model_download_timeout_minutes: 3, training_mode: NonDistributed}\n",
        "training: {allowed_training_algorithms: [light_gbm, LogisticRegression, knn, KNN, xg_boost_classifier]}\n",
        "training: {blocked_training_algorithms: [prophet]}\n",
        "training: {training_mode: nonsense}\n",
        "forecasting: {time_column_name: t}\n",
        "inputs: {a: 1}\n",
        "nonsense: 1\n",
    ),
    *_files(
        "forecasting",
        "forecasting: {time_column_name: t, forecast_horizon: 3, target_lags: [1, 2], seasonality: auto}\n",
        "forecasting: {forecast_horizon: Auto, target_lags: 2, time_series_id_column_names: a, cv_step_size: 1}\n",
        "forecasting: {use_stl: season, feature_lags: Auto, short_series_handling_config: Pad}\n",
        "forecasting: {use_stl: SeasonTrend, target_aggregate_function: MAX, frequency: D}\n",
        "forecasting: {use_stl: nonsense}\n",
        "forecasting: {forecast_horizon: nonsense}\n",
        "forecasting: {time_series_id_column_names: [a, b], features_unknown_at_forecast_time: [c]}\n",
        "training: {allowed_training_algorithms: [prophet, TCNForecaster, auto_arima]}\n",
    ),
    *_files("regression", "primary_metric: r2_score\ntraining: {allowed_training_algorithms: [elastic_net]}\n"),
    *(
        ("job", _head("text_classification") + VALID + text)
        for text in (
            "limits: {}\nfeaturization: {}\ntraining_parameters: {}\n",
            "limits: {max_trials: 3, max_nodes: 2, trial_timeout_minutes: 5}\nfeaturization: {dataset_language: eng}\n",
            "training_parameters: {learning_rate_scheduler: linear, weight_decay: 0, number_of_epochs: 3}\n",
            "search_space: []\n",
            "search_space: [{}]\n",
            "search_space: [{model_name: m, learning_rate: 1, number_of_epochs: 3, learning_rate_scheduler: Linear}]\n",
            "search_space: [{learning_rate: {type: choice, values: [1, 2.5]}, weight_decay: {type: choice, values: [1]}}]\n",
            "search_space: [{number_of_epochs: {type: randint, upper: 5}}]\n",
            "search_space: [{number_of_epochs: {type: quniform, min_value: 1, max_value: 2, q: 1}}]\n",
            "search_space: [{nonsense: 1}]\n",
            "primary_metric: precision_score_weighted\n",
            "test_data: {type: mltable, path: ./test}\n",
        )
    ),
    ("job", _head("text_ner") + VALID + "primary_metric: AUCWeighted\n"),
    ("job", _head("text_classification_multilabel") + VALID + "primary_metric: accuracy\n"),
    *_files(
        "image_object_detection",
        "primary_metric: MeanAveragePrecision\n",
        "limits: {timeout_minutes: 5, max_trials: 2}\n",
        "limits: {trial_timeout_minutes: 1}\n",
        "test_data_size: 0.1\n",
        "test_data: {type: mltable, path: ./test}\n",
        "training_parameters: {model_size: extra_large, optimizer: Adam, learning_rate: '0.1', number_of_epochs: '3'}\n",
        "training_parameters: {model_size: Extra_Large}\n",
        "training_parameters: {validation_metric_type: coco_voc, advanced_settings: '{}', early_stopping: true}\n",
        "sweep: {sampling_algorithm: bayesian, early_termination: {type: median_stopping, evaluation_interval: 1}}\n",
        "sweep: {sampling_algorithm: Random}\n",
        "sweep: {sampling_algorithm: nonsense}\n",
        "sweep: {}\n",
        "search_space: [{model_name: yolov5, learning_rate: 1, number_of_epochs: 3, ams_gradient: true, optimizer: Sgd}]\n",
        "search_space: [{ams_gradient: {type: choice, values: [true, false]}, optimizer: {type: choice, values: [Sgd]}}]\n",
        "search_space: [{beta1: {type: quniform, min_value: 0, max_value: 1, q: 0.1}, beta2: {type: choice, values: [1]}}]\n",
        "search_space: [{momentum: {type: choice, values: [1.5, 2]}, weight_decay: {type: lognormal, mu: 0, sigma: 1}}]\n",
        "search_space: [{number_of_epochs: {type: uniform, min_value: 0, max_value: 3}}]\n",
        "search_space: [{number_of_epochs: {type: quniform, min_value: 0, max_value: 3, q: 1}}]\n",
        "search_space: [{model_name: {type: uniform, min_value: 0, max_value: 3}}]\n",
        "search_space: [{model_size: huge}]\n",
        "search_space: [{nonsense: 1}]\n",
    ),
]


# -- answers -------------------------------------------------------------------------------------------------
def _answer(name: str, details: dict[str, Any], **properties: Any) -> tuple[str, str, dict[str, Any]]:
    return (
        name,
        "JobBase",
        {
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/jobs/j",
            "name": "j",
            "properties": {
                "jobType": "AutoML",
                "status": "Completed",
                "displayName": "d",
                "experimentName": "e",
                "tags": {"a": "b"},
                "properties": {},
                "computeId": "cpu",
                "outputs": {},
                "taskDetails": details,
                **properties,
            },
        },
    )


TRAIN = {"jobInputType": "mltable", "uri": "azureml:train:1"}
ANSWERS = [
    _answer(
        "ClassificationJob",
        {
            "taskType": "Classification",
            "targetColumnName": "y",
            "trainingData": TRAIN,
            "testData": TRAIN,
            "nCrossValidations": {"mode": "Custom", "value": 5},
            "primaryMetric": "AUCWeighted",
            "logVerbosity": "Debug",
            "limitSettings": {"maxTrials": 3, "timeout": "PT1H30M", "enableEarlyTermination": False},
            "trainingSettings": {"enableVoteEnsemble": False, "allowedTrainingAlgorithms": ["KNN"]},
            "featurizationSettings": {"mode": "Auto", "blockedTransformers": ["TfIdf"], "transformerParams": {}},
        },
    ),
    _answer(
        "ForecastingJob",
        {
            "taskType": "Forecasting",
            "targetColumnName": "y",
            "trainingData": TRAIN,
            "nCrossValidations": {"mode": "Auto"},
            "primaryMetric": "R2Score",
            "logVerbosity": "Info",
            "forecastingSettings": {
                "forecastHorizon": {"mode": "Auto"},
                "targetLags": {"mode": "Custom", "values": [1, 2]},
                "seasonality": {"mode": "Custom", "value": 3},
                "timeColumnName": "t",
                "timeSeriesIdColumnNames": ["a"],
            },
        },
    ),
    _answer(
        "ImageObjectDetectionJob",
        {
            "taskType": "ImageObjectDetection",
            "targetColumnName": "y",
            "trainingData": TRAIN,
            "primaryMetric": "MeanAveragePrecision",
            "logVerbosity": "Info",
            "limitSettings": {"maxTrials": 1, "timeout": "P7D"},
            "modelSettings": {"earlyStopping": True, "optimizer": "Sgd"},
            "searchSpace": [{"modelName": "choice('yolov5', 'x')", "learningRate": "uniform(0.1,0.5)", "beta1": "0.5"}],
        },
    ),
    _answer(
        "TextNerJob",
        {
            "taskType": "TextNER",
            "trainingData": TRAIN,
            "validationData": TRAIN,
            "primaryMetric": "Accuracy",
            "logVerbosity": "Info",
            "limitSettings": {"maxTrials": 2, "maxNodes": 4, "maxConcurrentTrials": 1},
        },
    ),
]

_LISTS = "the official client writes a list of columns as one text, which reads back as one column"
DEPARTURES: dict[tuple[str, str], str] = {
    (kind, f"dict:$.forecasting.{name}"): _LISTS
    for kind in ("forecasting", "job")
    for name in ("time_series_id_column_names", "features_unknown_at_forecast_time")
} | {("ForecastingJob", "attribute:$.training"): "None where the service says nothing of it, not an empty object"}

"""Sweep jobs with their search spaces, sampling and early termination: as arguments, as files and as answers."""

from __future__ import annotations

from typing import Any

ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/ws/jobs/"
)
BESIDE = {"src/train.py": "print(1)\n"}


def _component(m: Any, **more: Any) -> Any:
    return m.CommandComponent(**{"name": "c", "command": "echo", "environment": "azureml:e:1", **more})


def _sweep(m: Any, **more: Any) -> dict[str, Any]:
    return {"trial": _component(m), "search_space": {"rate": m.Uniform(0, 1)}, **more}


def _space(build: Any) -> tuple[str, Any]:
    return ("SweepJob", lambda m: _sweep(m, search_space={"x": build(m)}))


def _given(**more: Any) -> tuple[str, Any]:
    return ("SweepJob", lambda m: _sweep(m, **more))


CASES = [
    ("SweepJob", lambda m: {}),
    ("SweepJob", lambda m: {"trial": _component(m)}),
    ("SweepJob", lambda m: {"search_space": {"x": m.Randint(3)}}),
    _given(),
    _given(name="n", display_name="d", description="d", experiment_name="e", compute="c"),
    _given(name="", display_name="", description="", experiment_name=""),
    _given(tags={"a": "b"}, properties={"a": "b"}),
    _given(tags={}, properties={}, inputs={}, outputs={}),
    _given(tags=None, properties=None, inputs=None, outputs=None),
    _given(bogus=1),
    _given(inputs={"a": 0, "b": "", "c": False, "d": 0.5, "e": "t"}),
    (
        "SweepJob",
        lambda m: _sweep(
            m,
            inputs={
                "a": m.Input(type="uri_folder", path="./src", mode="download"),
                "b": {"type": "mltable", "path": "azureml://datastores/s/paths/t"},
            },
            outputs={
                "a": m.Output(),
                "b": m.Output(type="uri_file", path="azureml://datastores/s/paths/p", mode="upload"),
                "c": {"type": "uri_folder"},
            },
        ),
    ),
    # the trial
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, command="echo ${{inputs.x}}"))),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, command="echo ${{inputs.x}}"), inputs={"x": None})),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, command="echo ${{inputs.x}}"), inputs={"x": 0})),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, command="echo $[[--x ${{inputs.x}}]]"))),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, code="./src"))),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, environment_variables={"A": "", "B": 0}))),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, distribution={"type": "mpi"}))),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, instance_count=2))),
    (
        "SweepJob",
        lambda m: _sweep(m, trial=_component(m, resources=m.JobResourceConfiguration(instance_count=2, shm_size="8g"))),
    ),
    ("SweepJob", lambda m: _sweep(m, trial=_component(m, instance_count=2), resources={"instance_type": "s"})),
    _given(trial="azureml:c:1"),
    # the search space
    _given(search_space={}),
    _given(search_space={"1a": None}),
    ("SweepJob", lambda m: _sweep(m, search_space={"1a": m.Randint(3)})),
    ("SweepJob", lambda m: _sweep(m, search_space={"a-b": m.Randint(3)})),
    _space(lambda m: m.Choice([1, 0.5, "a", ""])),
    _space(lambda m: m.Choice(values=[])),
    _space(lambda m: m.Choice()),
    _space(lambda m: m.Choice([{"a": 1, "b": m.Uniform(0, 1), "c": "t"}, {"a": m.Choice([1, 2])}])),
    _space(lambda m: m.Uniform(0, 1.5)),
    _space(lambda m: m.Uniform(min_value=-1, max_value=0)),
    _space(lambda m: m.Uniform()),
    _space(lambda m: m.LogUniform(-6, -1)),
    _space(lambda m: m.QUniform(1, 100, 5)),
    _space(lambda m: m.QUniform(1, 100, q=0.5)),
    _space(lambda m: m.QLogUniform(0, 5, 1)),
    _space(lambda m: m.Normal(0, 1)),
    _space(lambda m: m.LogNormal(mu=0, sigma=1)),
    _space(lambda m: m.QNormal(100, 20, 5)),
    _space(lambda m: m.QLogNormal(3, 1, 2)),
    _space(lambda m: m.Randint(0)),
    _space(lambda m: m.Randint(upper=5)),
    _space(lambda m: m.Randint(5, 6)),
    _space(lambda m: m.Uniform(bogus=1)),
    # how it searches
    *(_given(sampling_algorithm=word) for word in ("random", "Grid", "BAYESIAN", "nope", "", None)),
    ("SweepJob", lambda m: _sweep(m, sampling_algorithm=m.RandomSamplingAlgorithm())),
    ("SweepJob", lambda m: _sweep(m, sampling_algorithm=m.RandomSamplingAlgorithm(rule="sobol", seed=0, logbase="e"))),
    ("SweepJob", lambda m: _sweep(m, sampling_algorithm=m.RandomSamplingAlgorithm(rule="random", logbase=10))),
    ("SweepJob", lambda m: _sweep(m, sampling_algorithm=m.GridSamplingAlgorithm())),
    ("SweepJob", lambda m: _sweep(m, sampling_algorithm=m.BayesianSamplingAlgorithm())),
    ("SweepJob", lambda m: _sweep(m, objective=m.Objective("Maximize", "accuracy"))),
    ("SweepJob", lambda m: _sweep(m, objective=m.Objective(goal="minimize"))),
    _given(objective={"goal": "minimize", "primary_metric": ""}),
    _given(objective={"primary_metric": "x"}),
    ("SweepJob", lambda m: _sweep(m, early_termination=m.BanditPolicy())),
    (
        "SweepJob",
        lambda m: _sweep(
            m,
            early_termination=m.BanditPolicy(
                slack_factor=0.1, slack_amount=0.2, delay_evaluation=3, evaluation_interval=2
            ),
        ),
    ),
    ("SweepJob", lambda m: _sweep(m, early_termination=m.BanditPolicy(slack_factor=None, delay_evaluation=None))),
    ("SweepJob", lambda m: _sweep(m, early_termination=m.MedianStoppingPolicy())),
    (
        "SweepJob",
        lambda m: _sweep(m, early_termination=m.MedianStoppingPolicy(delay_evaluation=5, evaluation_interval=0)),
    ),
    ("SweepJob", lambda m: _sweep(m, early_termination=m.TruncationSelectionPolicy())),
    (
        "SweepJob",
        lambda m: _sweep(
            m, early_termination=m.TruncationSelectionPolicy(truncation_percentage=20, delay_evaluation=1)
        ),
    ),
    *(_given(early_termination=word) for word in ("bandit", "Bandit", "nope", None)),
    ("SweepJob", lambda m: _sweep(m, limits=m.SweepJobLimits())),
    (
        "SweepJob",
        lambda m: _sweep(
            m, limits=m.SweepJobLimits(max_concurrent_trials=0, max_total_trials=0, timeout=30, trial_timeout=3600)
        ),
    ),
    ("SweepJob", lambda m: _sweep(m, identity=m.UserIdentityConfiguration())),
    ("SweepJob", lambda m: _sweep(m, identity=m.AmlTokenConfiguration())),
    ("SweepJob", lambda m: _sweep(m, identity=m.ManagedIdentityConfiguration(client_id="c"))),
    ("SweepJob", lambda m: _sweep(m, queue_settings=m.QueueSettings(job_tier="Spot", priority="low"))),
    _given(resources={"instance_type": "s", "instance_count": 0, "docker_args": "--x"}),
    (
        "SweepJob",
        lambda m: _sweep(m, resources=m.JobResourceConfiguration(locations=["a"], properties={"a": {"b": 1}})),
    ),
]

_HEAD = "type: sweep\n"
_TRIAL = "trial: {command: echo, environment: 'azureml:e:1'}\n"
_SPACE = "search_space: {x: {type: uniform, min_value: 0, max_value: 1}}\n"
_OBJECTIVE = "objective: {goal: maximize, primary_metric: m}\n"
_LIMITS = "limits: {max_total_trials: 20}\n"
_ALL = _HEAD + _TRIAL + _SPACE + _OBJECTIVE + _LIMITS


def _trial(text: str) -> tuple[str, str]:
    return ("job", _HEAD + "trial: {" + text + "}\n" + _SPACE + _OBJECTIVE + _LIMITS)


def _in_space(text: str) -> tuple[str, str]:
    return ("job", _HEAD + _TRIAL + "search_space: {x: " + text + "}\n" + _OBJECTIVE + _LIMITS)


def _and(text: str) -> tuple[str, str]:
    return ("job", _ALL + text + "\n")


FILES = [
    ("job", _ALL),
    ("job", _HEAD + _SPACE + _OBJECTIVE + _LIMITS),
    ("job", _HEAD + _TRIAL + _SPACE + _LIMITS),
    ("job", _HEAD + _TRIAL + _SPACE + _OBJECTIVE),
    ("job", _HEAD + _TRIAL + "search_space: {}\n" + _OBJECTIVE + _LIMITS),
    ("job", _ALL.replace("type: sweep", "type: Sweep")),
    _and("$schema: x"),
    _and("name: n\ndisplay_name: d\ndescription: d\nexperiment_name: e\ncompute: azureml:c"),
    _and("compute: c"),
    _and("tags: {a: b, c: }\nproperties: {a: b}"),
    _and("bogus: 1"),
    _and("inputs: {a: 0, b: '', c: false, d: 0.5, e: t}"),
    _and("inputs: {a: {type: uri_folder, path: ./src, mode: download}}"),
    _and("outputs: {a: {type: uri_file, mode: upload}, b: }"),
    _and("identity: {type: user_identity}"),
    _and("identity: {type: managed_identity, client_id: c}"),
    _and("queue_settings: {job_tier: Spot, priority: low}"),
    _and("resources: {instance_type: s, instance_count: 2, shm_size: 8g}"),
    _and("resources: {bogus: s}"),
    _and("status: Completed\nid: passed"),
    # the trial
    _trial("command: echo"),
    _trial("environment: 'azureml:e:1'"),
    _trial("command: echo, environment: e"),
    _trial("command: echo, environment: {image: u}"),
    _trial("command: echo, environment: {bogus: u}"),
    _trial("command: echo, environment: 'azureml:e@latest', code: ./src"),
    _trial("command: echo, environment: 'azureml:e:1', code: src/train.py"),
    _trial("command: echo, environment: 'azureml:e:1', code: ./nowhere"),
    _trial("command: echo, environment: 'azureml:e:1', code: 'azureml:c:1'"),
    _trial("command: echo, environment: 'azureml:e:1', code: 'https://github.com/a/b'"),
    _trial("command: echo, environment: 'azureml:e:1', environment_variables: {A: b, C: 1}"),
    _trial("command: echo, environment: 'azureml:e:1', distribution: {type: pytorch, process_count_per_instance: 2}"),
    _trial("command: echo, environment: 'azureml:e:1', distribution: {type: nope}"),
    _trial("command: echo, environment: 'azureml:e:1', resources: {instance_count: 2}"),
    _trial("command: echo, environment: 'azureml:e:1', queue_settings: {job_tier: spot}"),
    _trial("command: echo, environment: 'azureml:e:1', bogus: 1"),
    _trial("command: echo, environment: 'azureml:e:1', type: command"),
    _trial("command: 'echo ${{inputs.x}}', environment: 'azureml:e:1'"),
    ("job", _ALL.replace("trial: {command: echo, environment: 'azureml:e:1'}", "trial: ./trial.yml")),
    # the search space
    _in_space("{type: choice, values: [1, 0.5, a, '16', 1.0]}"),
    _in_space("{type: choice, values: []}"),
    _in_space("{type: choice}"),
    _in_space("{type: choice, values: 3}"),
    _in_space("{type: choice, values: [true]}"),
    _in_space("{type: choice, values: [[1]]}"),
    _in_space("{type: choice, values: [null]}"),
    _in_space("{type: choice, values: [{a: 1, b: {type: uniform, min_value: 0, max_value: 1}, c: t}]}"),
    _in_space("{type: choice, values: [{a: {type: choice, values: [1]}}]}"),
    _in_space("{type: choice, values: [{a: true}]}"),
    _in_space("{type: choice, values: [{a: {b: 1}}]}"),
    *(
        _in_space(f"{{type: {word}, min_value: 0.5, max_value: 1.0{q}}}")
        for word in ("uniform", "loguniform", "LogUniform", "quniform", "qloguniform", "log_uniform")
        for q in ("", ", q: 2")
    ),
    *(
        _in_space(f"{{type: {word}, mu: 0, sigma: 1{q}}}")
        for word in ("normal", "lognormal", "qnormal", "qlognormal")
        for q in ("", ", q: 2")
    ),
    _in_space("{type: uniform, min_value: '0.1', max_value: 1}"),
    _in_space("{type: uniform, min_value: true, max_value: 1}"),
    _in_space("{type: uniform, min_value: low, max_value: 1}"),
    _in_space("{type: uniform, min_value: 0}"),
    _in_space("{type: uniform, min_value: 0, max_value: }"),
    _in_space("{type: randint, upper: 5}"),
    _in_space("{type: randint, upper: '5'}"),
    _in_space("{type: randint}"),
    _in_space("{min_value: 0, max_value: 1}"),
    _in_space("5"),
    _in_space(""),
    # how it searches
    *(_and(f"sampling_algorithm: {word}") for word in ("random", "Grid", "BAYESIAN", "nope", "''", "")),
    _and("sampling_algorithm: {type: random, rule: Sobol, seed: '5', logbase: e}"),
    _and("sampling_algorithm: {type: Random, rule: random, seed: 0, logbase: 10}"),
    _and("sampling_algorithm: {type: random, rule: nope}"),
    _and("sampling_algorithm: {type: random, seed: }"),
    _and("sampling_algorithm: {type: grid}"),
    _and("sampling_algorithm: {type: grid, seed: 1}"),
    _and("sampling_algorithm: {type: bayesian}"),
    _and("sampling_algorithm: {seed: 1}"),
    *(
        ("job", _ALL.replace(_OBJECTIVE, f"objective: {{{text}}}\n"))
        for text in (
            "goal: Minimize, primary_metric: m",
            "goal: minimize",
            "goal: nope, primary_metric: m",
            "primary_metric: m",
            "goal: minimize, primary_metric: m, bogus: 1",
        )
    ),
    *(
        ("job", _ALL.replace(_LIMITS, f"limits: {{{text}}}\n"))
        for text in (
            "max_total_trials: 0",
            "max_total_trials: 20, max_concurrent_trials: 0, timeout: 30, trial_timeout: 3600",
            "max_concurrent_trials: 2",
            "max_total_trials: '20', timeout: '90'",
            "max_total_trials: 20, bogus: 1",
        )
    ),
    *(
        _and(f"early_termination: {text}")
        for text in (
            "{type: bandit}",
            "{type: Bandit, slack_factor: '0.1', delay_evaluation: 3}",
            "{type: bandit, slack_amount: 0.2, slack_factor: , evaluation_interval: 2}",
            "{type: median_stopping}",
            "{type: medianStopping, delay_evaluation: 3}",
            "{type: MedianStopping, evaluation_interval: 0}",
            "{type: median_stopping, slack_factor: 1}",
            "{type: truncation_selection}",
            "{type: truncation_selection, truncation_percentage: 0}",
            "{type: TruncationSelection, truncation_percentage: 20}",
            "{type: truncation_selection, truncation_percentage: }",
            "{type: nope}",
            "{delay_evaluation: 1}",
            "bandit",
        )
    ),
]

_ANSWER: dict[str, Any] = {
    "id": ID + "n",
    "name": "n",
    "type": "Microsoft.MachineLearningServices/workspaces/jobs",
    "systemData": {"createdBy": "me", "createdByType": "User", "createdAt": "2024-05-01T10:00:00.1234567Z"},
    "properties": {
        "jobType": "Sweep",
        "displayName": "d",
        "description": "d",
        "experimentName": "e",
        "status": "Running",
        "isArchived": False,
        "tags": {"a": "b"},
        "properties": {"a": "b"},
        "computeId": ID.removesuffix("jobs/") + "computes/cpu",
        "searchSpace": {
            "a": ["choice", [[1, "b", {"c": ["uniform", [0, 1]], "d": 2}]]],
            "b": ["qloguniform", [0, 5, 1]],
            "c": ["normal", [0.0, 1.5]],
            "d": ["randint", [5]],
        },
        "samplingAlgorithm": {"samplingAlgorithmType": "Random", "rule": "sobol", "seed": 3, "logbase": "e"},
        "limits": {
            "jobLimitsType": "Sweep",
            "maxConcurrentTrials": 2,
            "maxTotalTrials": 20,
            "timeout": "PT2H",
            "trialTimeout": "PT10M",
        },
        "earlyTermination": {"policyType": "Bandit", "delayEvaluation": 5, "evaluationInterval": 1, "slackFactor": 0.1},
        "objective": {"goal": "Maximize", "primaryMetric": "accuracy"},
        "trial": {
            "codeId": ID.removesuffix("jobs/") + "codes/c/versions/1",
            "command": "python train.py",
            "environmentId": ID.removesuffix("jobs/") + "environments/e/versions/1",
            "environmentVariables": {"A": "b"},
            "distribution": {"distributionType": "PyTorch", "processCountPerInstance": 2},
            "resources": {"instanceCount": 2, "properties": {}},
        },
        "inputs": {
            "d": {"jobInputType": "uri_folder", "uri": "azureml:d:1", "mode": "ReadOnlyMount"},
            "n": {"jobInputType": "literal", "value": "0"},
        },
        "outputs": {"default": {"jobOutputType": "uri_folder", "uri": "azureml://o", "mode": "ReadWriteMount"}},
        "identity": {"identityType": "UserIdentity"},
        "queueSettings": {"jobTier": "Spot"},
        "resources": {"instanceCount": 2, "properties": {}},
    },
}


def _answered(**changes: Any) -> tuple[str, str, dict[str, Any]]:
    return ("SweepJob", "JobBase", {**_ANSWER, "properties": {**_ANSWER["properties"], **changes}})


DEPARTURES = {
    ("SweepJob", "dict:refused"): "a trial that is a text is refused at once, not only when the job is sent",
}

ANSWERS = [
    _answered(),
    _answered(samplingAlgorithm={"samplingAlgorithmType": "Grid"}, earlyTermination=None),
    _answered(
        samplingAlgorithm={"samplingAlgorithmType": "Bayesian"},
        earlyTermination={"policyType": "MedianStopping", "delayEvaluation": 5, "evaluationInterval": 1},
    ),
    _answered(
        earlyTermination={
            "policyType": "TruncationSelection",
            "delayEvaluation": 5,
            "evaluationInterval": 1,
            "truncationPercentage": 20,
        }
    ),
]

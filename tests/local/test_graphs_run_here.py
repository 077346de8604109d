"""Pipelines, sweeps and parallel jobs have their effect on this machine, from the client to what is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from local.here import LOG_METRIC, Here

from mlsdk import Input, Output, dsl, load_job
from mlsdk.backends import Request
from mlsdk.exceptions import JobException
from mlsdk.sweep import (
    BanditPolicy,
    Choice,
    LogNormal,
    LogUniform,
    MedianStoppingPolicy,
    Normal,
    QLogNormal,
    QLogUniform,
    QNormal,
    QUniform,
    Randint,
    RandomSamplingAlgorithm,
    TruncationSelectionPolicy,
    Uniform,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "pipeline"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A workspace whose jobs run on this machine, two at once."""
    made = Here.made(tmp_path_factory.mktemp("here"), max_workers=2)
    yield made
    made.backend.close()


def component(here: Here, name: str, text: str, **outputs: str) -> Any:
    """A component that runs a command: it takes a text and a folder, either of which may be left out."""
    return here.command(
        text,
        name=name,
        display_name=name,
        compute=None,
        inputs={
            "text": Input(type="string", optional=True),
            "data": Input(type="uri_folder", optional=True),
            "more": Input(type="uri_folder", optional=True),
        },
        outputs={output: Output(type=type_) for output, type_ in outputs.items()},
    ).component


def pipeline(function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
    """The pipeline that a function makes."""
    return dsl.pipeline(default_compute="cpu", **settings)(function)(*arguments)


def writes(here: Here, name: str = "write") -> Any:
    """Leaves a folder with the text."""
    return component(here, name, "echo $[[${{inputs.text}}]] > ${{outputs.out}}/text.txt", out="uri_folder")


def reads(here: Here, name: str = "read") -> Any:
    """Leaves a folder with what is in the one that it is given, and one line more."""
    given = "${{inputs.data}}/text.txt $[[${{inputs.more}}/text.txt]]"
    text = f"cat {given} > ${{{{outputs.out}}}}/text.txt; echo more >> ${{{{outputs.out}}}}/text.txt"
    return component(here, name, text, out="uri_folder")


# -- pipelines -------------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("pipelines.steps", "executors.processes")
def test_steps_that_need_nothing_of_each_other_run_at_once(here: Here) -> None:
    """Each of the two waits for what the other one does; the third gets what they leave."""
    meeting = here.folder / "meeting"
    meeting.mkdir()
    wait = f"touch {meeting}/${{{{inputs.text}}}}; while [ $(ls {meeting} | wc -l) -lt 2 ]; do sleep 0.01; done; "
    meets = component(
        here, "meet", f"{wait} echo ${{{{inputs.text}}}} > ${{{{outputs.out}}}}/text.txt", out="uri_folder"
    )
    read = reads(here)

    def both() -> Any:
        left, right = meets(text="left"), meets(text="right")
        last = read(data=left.outputs.out, more=right.outputs.out)
        return {"out": last.outputs.out}

    job = here.run(pipeline(both))
    assert (here.output(job, "out") / "text.txt").read_text() == "left\nright\nmore\n"


def failing(here: Here) -> Callable[[], Any]:
    """A pipeline whose first step fails; the second one does not need it, the third does."""
    broken = component(here, "broken", "exit 4", out="uri_folder")
    write, read = writes(here), reads(here)

    def three() -> None:
        first = broken()
        second = write(text="a")  # noqa: F841 - a step is called as its variable
        third = read(data=first.outputs.out)  # noqa: F841 - the same

    return three


@pytest.mark.runs_here("pipelines.failure")
def test_the_rest_goes_on_after_a_failure_where_that_is_said(here: Here) -> None:
    """What needs the failed step does not run; the pipeline has failed all the same, and says which step and why."""
    job = here.submit(pipeline(failing(here), continue_on_step_failure=True))
    with pytest.raises(JobException, match=r"(?s)first.*exit code 4"):
        here.client.jobs.wait(job.name)
    steps = here.steps(job)
    assert (steps["first"].status, steps["second"].status) == ("Failed", "Completed")
    assert "third" not in steps


def test_why_a_step_failed_is_told_once(here: Here) -> None:
    """The error of the pipeline has the step's reason, and that the end of its log: neither is repeated below it."""
    broken = component(here, "noisy", "echo no rows >&2; exit 4", out="uri_folder")
    job = here.submit(pipeline(lambda: broken() and None))
    with pytest.raises(JobException) as failed:
        here.client.jobs.wait(job.name)
    (step,) = here.client.jobs.children(job.name)
    assert str(failed.value).count("no rows") == str(failed.value).count("exit code 4") == 1
    assert str(failed.value).endswith(f"no rows\nstep 'noisy' is {step.name}")


@pytest.mark.runs_here("pipelines.cancel")
def test_a_pipeline_is_stopped_with_its_steps(here: Here) -> None:
    """Nothing of it goes on, and what waited never begins."""
    sleep, read = component(here, "sleep", "sleep 600", out="uri_folder"), reads(here)
    job = here.submit(pipeline(lambda: read(data=sleep().outputs.out) and None))
    here.until(lambda: any(step.status == "Running" for step in here.client.jobs.children(job.name)))
    here.client.jobs.begin_cancel(job.name).result()
    here.until(lambda: here.client.jobs.get(job.name).status == "Canceled")
    assert [step.status for step in here.client.jobs.children(job.name)] == ["Canceled"]


def was_reused(here: Here, job: Any) -> dict[str, bool]:
    """Which steps of a pipeline took over what they had left before."""
    return {name: "azureml.isreused" in step.properties for name, step in here.steps(job).items()}


@pytest.mark.runs_here("pipelines.reuse", "pipelines.force-rerun")
def test_what_did_not_change_is_not_run_again(here: Here) -> None:
    """A changed input has its step and those after it run; so has `force_rerun`, and what is not deterministic."""
    write, read, again = writes(here, "reused"), reads(here, "reused_too"), reads(here, "again")
    again.is_deterministic = False

    def three(text: str) -> Any:
        first = write(text=text)
        second = read(data=first.outputs.out)
        third = again(data=second.outputs.out)
        return {"out": third.outputs.out}

    assert set(was_reused(here, here.run(pipeline(three, "of reuse"))).values()) == {False}
    job = here.run(pipeline(three, "of reuse"))
    assert was_reused(here, job) == {"first": True, "second": True, "third": False}
    assert (here.output(job, "out") / "text.txt").read_text() == "of reuse\nmore\nmore\n"
    assert was_reused(here, here.run(pipeline(three, "changed"))) == {"first": False, "second": False, "third": False}
    forced = here.run(pipeline(three, "of reuse", force_rerun=True))
    assert was_reused(here, forced) == {"first": False, "second": False, "third": False}


@pytest.mark.runs_here("pipelines.nested")
def test_a_pipeline_is_a_step(here: Here) -> None:
    """Its steps run with what the outer one gives it, and its output goes on."""
    write, read = writes(here), reads(here)

    @dsl.pipeline()
    def inner(text: str) -> Any:
        first = write(text=text)
        second = read(data=first.outputs.out)
        return {"out": second.outputs.out}

    def outer(text: str) -> Any:
        inside = inner(text=text)
        last = read(data=inside.outputs.out)
        return {"out": last.outputs.out}

    job = here.run(pipeline(outer, "deep"))
    assert (here.output(job, "out") / "text.txt").read_text() == "deep\nmore\nmore\n"


@pytest.mark.runs_here("pipelines.if-else", "outputs.value")
@pytest.mark.parametrize(("text", "runs"), [("go", "yes"), ("stay", "no")])
def test_a_value_that_a_step_wrote_decides(here: Here, text: str, runs: str) -> None:
    """Of two blocks the one runs that it chooses."""
    told = '[[ "$[[${{inputs.text}}]]" == go ]] && echo true > ${{outputs.good}} || echo false > ${{outputs.good}}'
    ask, write = component(here, "ask", told, good="boolean"), writes(here)

    def deciding() -> None:
        first = ask(text=text)
        yes, no = write(text="yes"), write(text="no")
        dsl.condition(first.outputs.good, true_block=yes, false_block=no)

    job = here.run(pipeline(deciding))
    assert {"yes", "no"} & set(here.steps(job)) == {runs}


@pytest.mark.runs_here("pipelines.do-while")
def test_a_loop_goes_on_with_what_it_left(here: Here) -> None:
    """Until the step says that it is enough."""
    turn = component(
        here,
        "turn",
        "cat $[[${{inputs.data}}/text.txt]] > ${{outputs.out}}/text.txt < /dev/null; echo x >> ${{outputs.out}}/text.txt; "
        "[[ $(wc -l < ${{outputs.out}}/text.txt) -lt 3 ]] && echo true > ${{outputs.on}} || echo false > ${{outputs.on}}",
        out="uri_folder",
        on="boolean",
    )

    def looping() -> None:
        body = turn()
        dsl.do_while(body, {body.outputs.out: "data"}, max_iteration_count=9, condition=body.outputs.on)

    job = here.run(pipeline(looping))
    assert [step.status for step in here.client.jobs.children(job.name)] == ["Completed"] * 3


@pytest.mark.runs_here("pipelines.parallel-for")
def test_a_step_runs_for_each_item(here: Here) -> None:
    """Each with its own inputs."""
    write = writes(here)

    def each() -> None:
        body = write()
        dsl.parallel_for(body=body, items=[{"text": "a"}, {"text": "b"}, {"text": "c"}])

    job = here.run(pipeline(each))
    steps = list(here.client.jobs.children(job.name))
    texts = [(here.output(step, "out") / "text.txt").read_text() for step in steps]
    assert sorted(texts) == ["a\n", "b\n", "c\n"]


# -- sweeps ----------------------------------------------------------------------------------------------------------
def sweep(here: Here, script: str, space: dict[str, Any], *, goal: str = "maximize", **more: Any) -> Any:
    """A search over a script that logs `score`."""
    here.file("sweep/log.py", LOG_METRIC)
    here.file("sweep/main.py", f"import sys\nfrom log import log\nvalues = sys.argv[1:]\n{script}\n")
    places = " ".join(f"${{{{inputs.{name}}}}}" for name in space)
    job = here.command(f"python main.py {places}", code=str(here.folder / "sweep"), inputs=dict.fromkeys(space, 1))
    options = {"sampling_algorithm": "grid", "max_total_trials": 4, "max_concurrent_trials": 2, **more}
    return job(**space).sweep(primary_metric="score", goal=goal, compute="cpu", **options)


def trials(here: Here, job: Any) -> list[Any]:
    """The trials of a sweep that has ended, in their order."""
    return sorted(here.client.jobs.view(job.name).trials, key=lambda trial: int(trial.name.rpartition("_")[2]))


@pytest.mark.runs_here("sweeps.grid", "sweeps.limits", "sweeps.best-trial")
def test_a_grid_is_tried_and_the_best_is_known(here: Here) -> None:
    """The files of a sweep are those of its best trial."""
    script = (
        "import os; os.makedirs('outputs', exist_ok=True); open('outputs/x', 'w').write(values[0]); "
        "log('score', -(float(values[0]) - 2) ** 2)"
    )
    job = here.run(sweep(here, script, {"x": Choice([1, 2, 3])}, max_total_trials=9))
    assert [(trial.parameters, trial.value, trial.best) for trial in trials(here, job)] == [
        ({"x": 1}, -1.0, False),
        ({"x": 2}, 0.0, True),
        ({"x": 3}, -1.0, False),
    ]
    here.client.jobs.download(job.name, download_path=here.folder / "best")
    assert [path.read_text() for path in (here.folder / "best").rglob("x")] == ["2"]


def test_a_primary_metric_that_no_trial_has_logged_is_told(here: Here) -> None:
    """The log of the sweep says which there are, since a name that is slightly wrong is all that it takes."""
    job = here.run(sweep(here, "log('scores', 1)", {"x": Choice([1, 2])}))
    assert not any(trial.best for trial in trials(here, job))
    told = "No trial has logged the primary metric 'score', so that none is the best; logged was: scores."
    here.client.jobs.download(job.name, download_path=here.folder / "unmeasured")
    assert [told in log.read_text() for log in (here.folder / "unmeasured").rglob("hyperdrive.txt")] == [True]


@pytest.mark.runs_here("sweeps.step")
def test_a_step_is_given_what_the_best_trial_of_a_sweep_has_left(here: Here) -> None:
    """A sweep within a pipeline hands on the files of its best trial, to the next step and as the pipeline's own output."""
    here.file("tuning/log.py", LOG_METRIC)
    here.file(
        "tuning/main.py",
        "import sys\nfrom log import log\nx, model, note = sys.argv[1:]\n"
        "open(model + '/text.txt', 'w').write(x + '\\n')\nopen(note, 'w').write(x)\nlog('score', -(int(x) - 2) ** 2)\n",
    )
    tune = here.command(
        "python main.py ${{inputs.x}} ${{outputs.model}} ${{outputs.note}}",
        name="tune",
        code=str(here.folder / "tuning"),
        compute=None,
        inputs={"x": Input(type="integer")},
        outputs={"model": Output(type="uri_folder"), "note": Output(type="uri_file")},
    ).component
    read = reads(here)

    def tuned() -> Any:
        tried = tune(x=Choice([1, 2, 3])).sweep(primary_metric="score", goal="maximize", sampling_algorithm="grid")
        tried.set_limits(max_total_trials=3, max_concurrent_trials=2)
        last = read(data=tried.outputs.model)
        return {"out": last.outputs.out, "note": tried.outputs.note}

    job = here.run(pipeline(tuned))
    assert (here.output(job, "out") / "text.txt").read_text() == "2\nmore\n"
    assert [path.read_text() for path in here.output(job, "note").iterdir()] == ["2"]


ALL = {
    "a": Choice(["x y", "z"]),
    "b": Randint(9),
    "c": Uniform(0, 1),
    "d": QUniform(1, 9, 2),
    "e": LogUniform(-2, 0),
    "f": QLogUniform(0, 2, 1),
    "g": Normal(0, 1),
    "h": QNormal(0, 9, 3),
    "i": LogNormal(0, 1),
    "j": QLogNormal(0, 1, 1),
}


@pytest.mark.runs_here("sweeps.random", "sweeps.sobol", "sweeps.distributions")
@pytest.mark.parametrize("rule", ["random", "sobol"])
def test_trials_are_drawn_at_random(here: Here, rule: str) -> None:
    """From every distribution; each value reaches its script as one argument."""
    algorithm = RandomSamplingAlgorithm(rule=rule, seed=7)
    script = "assert values[0] in ('x y', 'z'); assert all(map(float, values[2:3])); log('score', len(values))"
    job = here.run(sweep(here, script, ALL, sampling_algorithm=algorithm, max_total_trials=3))
    found = trials(here, job)
    assert [trial.value for trial in found] == [len(ALL)] * 3
    assert len({json.dumps(trial.parameters) for trial in found}) == 3


@pytest.mark.runs_here("sweeps.bayesian")
def test_trials_are_drawn_from_what_earlier_ones_came_to(here: Here) -> None:
    """As many as were asked for, within the bounds."""
    script = "log('score', (float(values[0]) - 0.5) ** 2)"
    space = {"x": Uniform(0, 1)}
    job = here.run(sweep(here, script, space, goal="minimize", sampling_algorithm="bayesian", max_total_trials=5))
    found = trials(here, job)
    assert len(found) == 5
    assert all(0 <= trial.parameters["x"] <= 1 for trial in found)


WAITS = """\
import time
for step in range(9999):
    log('score', float(values[0]) * (step + 1), step)
    time.sleep(0.05)
    if values[0] == '10' and step > 40:
        break"""
"""One trial is much better than the others, which would go on for minutes."""


@pytest.mark.runs_here("sweeps.bandit", "sweeps.median-stopping", "sweeps.truncation-selection")
@pytest.mark.parametrize(
    "policy",
    [
        BanditPolicy(slack_factor=0.1, evaluation_interval=2),
        MedianStoppingPolicy(evaluation_interval=2),
        TruncationSelectionPolicy(truncation_percentage=50, evaluation_interval=2),
    ],
    ids=lambda policy: policy.type,
)
def test_a_trial_that_promises_nothing_is_stopped_early(here: Here, policy: Any) -> None:
    """The best one runs to its end."""
    job = sweep(here, WAITS, {"x": Choice([10, 1])}, early_termination_policy=policy)
    found = trials(here, here.run(job))
    assert [(trial.parameters["x"], trial.status) for trial in found] == [(10, "Completed"), (1, "Canceled")]


@pytest.mark.runs_here("sweeps.timeout")
def test_trials_and_sweeps_end_when_their_time_is_over(here: Here) -> None:
    """A trial that takes too long has failed; a sweep that does stops what runs."""
    # The client, like the official one, rounds these limits up to minutes; the service knows seconds.
    asleep = here.submit(sweep(here, "import time; time.sleep(600)", {"x": Choice([1])}, max_concurrent_trials=1))
    here.client.jobs.begin_cancel(asleep.name).result()
    url = f"{asleep.id}?api-version=2024-01-01-preview"
    body = here.backend.send(Request("GET", url)).body
    told = []
    for limit in ("trialTimeout", "timeout"):
        limits = {"jobLimitsType": "Sweep", "maxTotalTrials": 1, "maxConcurrentTrials": 1, limit: "PT1S"}
        kept = ("jobType", "computeId", "objective", "samplingAlgorithm", "searchSpace", "trial", "inputs")
        properties = {name: body["properties"][name] for name in kept}
        reply = here.backend.send(
            Request("PUT", url.replace(asleep.name, limit), body={"properties": {**properties, "limits": limits}})
        )
        assert reply.status == 201, reply.body
        here.until(lambda limit=limit: here.client.jobs.get(limit).status in {"Canceled", "Failed", "Completed"})
        told += [trial.status for trial in here.client.jobs.children(limit)]
    assert told == ["Failed", "Canceled"]


# -- parallel jobs ---------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("parallel.files", "parallel.processes", "parallel.append")
def test_files_are_scored_in_mini_batches(here: Here) -> None:
    """As `examples/pipeline/scoring.yml` has it: two at a time, in two processes, a line for each in one file."""
    model = {"neighbours": 1, "flowers": [[[5.0, 3.4, 1.5, 0.2], "setosa"], [[6.0, 2.8, 4.5, 1.4], "versicolor"]]}
    here.file("model/model.json", json.dumps(model))
    job = load_job(EXAMPLE / "scoring.yml")
    job.inputs.model = Input(type="custom_model", path=str(here.folder / "model"))
    job.settings.default_compute = "cpu"
    done = here.run(job)
    (kinds,) = (path for path in here.output(done, "kinds").rglob("*") if path.is_file())
    assert [line.split()[0] for line in kinds.read_text().splitlines()] == [
        f"field_{number}.csv" for number in range(1, 7)
    ]

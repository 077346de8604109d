"""What a script logs by MLflow lands in its job's run, and both we and MLflow read it there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.local.tracking import RunStore
from mlsdk.local.work import Metric, Tracked

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

READER = """
import json, sys
import mlflow
client = mlflow.MlflowClient(tracking_uri=sys.argv[1])
found = {}
for id in sys.argv[2:]:
    run = client.get_run(id)
    below = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{id}'")
    histories = {name: client.get_metric_history(id, name) for name in run.data.metrics}
    found[id] = {
        "name": run.info.run_name, "status": run.info.status, "ended": run.info.end_time is not None,
        "experiment": client.get_experiment(run.info.experiment_id).name,
        "params": run.data.params, "tags": run.data.tags,
        "metrics": {name: [[m.timestamp, m.value, m.step] for m in each] for name, each in histories.items()},
        "artifacts": [file.path for file in client.list_artifacts(id)],
        "below": [each.info.run_name for each in below],
    }
print(json.dumps(found))
"""
"""Reads runs as the pages of MLflow do."""


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A store in a folder whose name has to be quoted in an address."""
    return RunStore(tmp_path / "jobs of Zoë" / "mlruns")


def begin(store: RunStore, run: str = "job", **changes: Any) -> dict[str, str]:
    """A run, and the environment variables of its job."""
    values: dict[str, Any] = {"name": "a job", "experiment": "trains", "artifacts": store.folder.parent / "artifacts"}
    return store.begin(run, **{**values, **changes})


@contextmanager
def script(text: str, environment: Mapping[str, str]) -> Generator[subprocess.Popen[str], None, None]:
    """A script that runs as a job's would; it is gone afterwards."""
    variables = {**os.environ, **environment}
    command = [sys.executable, "-c", text]
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_script(text: str, environment: Mapping[str, str], *, log: str = "") -> None:
    """Run a script to its end; `log` is all that it may print."""
    with script(text, environment) as process:
        output, errors = process.communicate()
        assert (process.returncode, output + errors) == (0, log)


def read(store: RunStore, *runs: str) -> Any:
    """Runs as MLflow reads them, by id."""
    command = [sys.executable, "-c", READER, store.uri, *runs]
    variables = {**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return json.loads(subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout)


def rows(tracked: Tracked) -> dict[str, list[list[float]]]:
    """What was logged of each metric, as the reader prints it."""
    return {name: [[each.timestamp, each.value, each.step] for each in of] for name, of in tracked.metrics.items()}


@pytest.mark.runs_here("tracking.params", "tracking.ui")
def test_all_that_a_script_logs_lands_in_its_run_without_a_word_in_its_log(store: RunStore) -> None:
    """Metrics, parameters, tags, files and nested runs, with a run that is started or without."""
    environment = begin(store, parent="pipeline", tags={"team": "blue"})
    run_script(
        """
import mlflow
mlflow.autolog()
mlflow.set_experiment("trains")
mlflow.log_metric("loss", 0.5)
with mlflow.start_run(nested=True, run_name="fold"):
    mlflow.log_metric("score", 1)
mlflow.end_run()
with mlflow.start_run(run_id="job"):
    mlflow.log_metrics({"loss": 0.25, "val/loss": float("inf")}, step=3)
    mlflow.log_param("rate", 0.1)
    mlflow.log_params({"text": "two\\nlines"})
    mlflow.set_tag("stage", "trial")
    mlflow.log_text("hello", "notes/hello.txt")
""",
        environment,
    )
    tracked = store.tracked("job")
    store.end("job", "Completed")
    found = read(store, "job")["job"]
    assert (found["name"], found["status"], found["experiment"]) == ("a job", "FINISHED", "trains")
    assert [row[1:] for row in found["metrics"]["loss"]] == [[0.5, 0], [0.25, 3]]
    assert [row[1:] for row in found["metrics"]["val/loss"]] == [[float("inf"), 3]]
    assert found["params"] == {"rate": "0.1", "text": "two\nlines"}
    assert found["tags"].items() >= {"team": "blue", "stage": "trial", "mlflow.parentRunId": "pipeline"}.items()
    assert (found["below"], found["artifacts"]) == (["fold"], ["notes"])
    assert (store.folder.parent / "artifacts" / "notes" / "hello.txt").read_text(encoding="utf-8") == "hello"
    assert (rows(tracked), tracked.params, tracked.tags) == (found["metrics"], found["params"], found["tags"])
    assert store.tracked("job") == tracked == RunStore(store.folder).tracked("job")


def test_a_run_is_read_while_it_is_written(store: RunStore) -> None:
    """Each value is there as soon as it is logged, and a line that is half written is not."""
    text = """
import mlflow
for step in range(3):
    mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_param(f"p{step}", step)
    print("logged", flush=True)
    input()
"""
    tracked = Tracked()
    with script(text, begin(store)) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        for step in range(3):
            assert process.stdout.readline() == "logged\n"
            tracked = store.tracked("job")
            assert [each.step for each in tracked.metrics["loss"]] == list(range(step + 1))
            assert len(tracked.params) == step + 1
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.wait() == 0
    file = next(store.folder.glob("*/job/metrics/loss"))
    with file.open("a") as half:
        half.write("7 0.")
        half.flush()
        assert store.tracked("job") == tracked
        half.write("25 3\n")
    assert store.tracked("job").metrics["loss"][3:] == (Metric(value=0.25, step=3, timestamp=7),)
    file.unlink()
    assert "loss" not in store.tracked("job").metrics
    file.write_text("7 nan\nno value\n8 1 2 data digest\n", encoding="utf-8")
    assert [(each.timestamp, each.step) for each in store.tracked("job").metrics["loss"]] == [(7, 0), (8, 2)]


def test_twenty_processes_log_side_by_side(store: RunStore) -> None:
    """Nothing is lost of what each logs in its own run, nor of what all log in one."""
    runs = [begin(store, f"job{number}")["MLFLOW_RUN_ID"] for number in range(20)]
    text = f"""
import os, mlflow
client = mlflow.MlflowClient()
workers = []
for run in {runs}:
    workers.append(os.fork())
    if not workers[-1]:
        try:
            os.environ["MLFLOW_RUN_ID"] = run
            for step in range(20):
                mlflow.log_metric("own", step, step=step)
                client.log_metric("shared", "all", step, step=step)
        except BaseException as error:
            print(repr(error), flush=True)
        finally:
            os._exit(0)
for worker in workers:
    os.waitpid(worker, 0)
"""
    run_script(text, begin(store, "shared"))
    for run in runs:
        assert [each.value for each in store.tracked(run).metrics["own"]] == list(range(20))
    assert sorted(each.value for each in store.tracked("shared").metrics["all"]) == sorted([*range(20)] * 20)
    assert len(read(store, "shared", *runs)) == 21


def test_a_killed_job_leaves_a_run_that_can_be_read(store: RunStore) -> None:
    """What it had logged stays, also where MLflow was killed while it wrote the run's state."""
    text = """
import mlflow
mlflow.start_run(run_name="renamed")
step = 0
while True:
    mlflow.log_metrics({"loss": step, "rate": 0.5}, step=step)
    print(step, flush=True)
    step += 1
"""
    with script(text, begin(store)) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "10\n":
            pass
    tracked = store.tracked("job")
    assert len(tracked.metrics["loss"]) >= 11
    meta = next(store.folder.glob("*/job/meta.yaml"))
    meta.write_text(meta.read_text(encoding="utf-8")[:100], encoding="utf-8")
    store.end("job", "Canceled")
    found = read(store, "job")["job"]
    assert (found["status"], found["ended"], found["metrics"]) == ("KILLED", True, rows(tracked))


def test_a_run_ends_as_its_job_does(store: RunStore) -> None:
    """What was begun by a process that is gone is ended by another one."""
    shown = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}
    for status in shown:
        begin(store, status)
        RunStore(store.folder).end(status, status)
    assert {run: found["status"] for run, found in read(store, *shown).items()} == shown


def test_only_words_of_jobs_end_a_run(store: RunStore) -> None:
    """A wrong word is told as what it is; a run that was removed needs no end."""
    begin(store)
    with pytest.raises(ValueError, match="a run ends as Completed, Failed, Canceled, not as 'FINISHED'"):
        store.end("job", "FINISHED")
    store.end("../job", "Failed")
    next(store.folder.glob("*/job/meta.yaml")).unlink()
    store.end("job", "Failed")
    assert store.tracked("other") == Tracked() == RunStore(store.folder.parent / "none").tracked("job")


def test_a_name_that_comes_again_gets_a_run_of_its_own(store: RunStore) -> None:
    """Whatever the experiment, since MLflow knows runs by their ids alone; whatever is no id is made one."""
    first, again = begin(store), begin(RunStore(store.folder), experiment="others")
    assert (first["MLFLOW_RUN_ID"], again["MLFLOW_RUN_ID"]) == ("job", "job-2")
    assert begin(store)["MLFLOW_RUN_ID"] == "job-3"
    run_script("import mlflow; mlflow.log_metric('a', 1)", again)
    assert (list(store.tracked("job").metrics), list(store.tracked("job-2").metrics)) == ([], ["a"])
    assert begin(store, "../a b")["MLFLOW_RUN_ID"] == "a-b"
    assert begin(store, "..")["MLFLOW_RUN_ID"] == "run"


def test_several_processes_may_begin_runs_in_one_store(store: RunStore) -> None:
    """They agree about experiments, and none takes the id of another's run."""
    text = f"""
from pathlib import Path
from mlsdk.local.tracking import RunStore
store = RunStore(Path({str(store.folder)!r}))
for number in range(40):
    found = store.begin("job", name="a", experiment=f"e{{number % 4}}", artifacts=Path("a"))
    print(found["MLFLOW_EXPERIMENT_NAME"], found["MLFLOW_EXPERIMENT_ID"], found["MLFLOW_RUN_ID"])
"""
    processes = [subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    lines = [line.split() for process in processes for line in process.communicate()[0].splitlines()]
    assert len({name for name, _, _ in lines}) == len({(name, identity) for name, identity, _ in lines}) == 4
    assert len({run for _, _, run in lines}) == len(lines) == 160


def test_any_name_can_be_shown(store: RunStore) -> None:
    """A name is text to the store, whatever is in it, and none keeps a job from being started."""
    names = ['it\'s "a": #1', "two\nlines", "Zoë 🚂\x85\u2028\x00\x7f", "- x", "\ud800", "'{}'", ""]
    runs, again = {}, RunStore(store.folder)
    for number, name in enumerate(names):
        environment = begin(store, f"a{number}", name=name, experiment=name, tags={"note": name})
        run_script("", environment)
        runs[environment["MLFLOW_RUN_ID"]] = name.replace("\ud800", "?")
        other = begin(again, f"b{number}", experiment=name)
        assert other["MLFLOW_EXPERIMENT_ID"] == environment["MLFLOW_EXPERIMENT_ID"]
    for run, found in read(store, *runs).items():
        assert (found["name"], found["experiment"], found["tags"]["note"]) == (runs[run],) * 3


def test_tags_that_mlflow_has_no_place_for_are_left_out(store: RunStore) -> None:
    """None of them gets out of the run's folder, or keeps MLflow from reading it."""
    tags = {"a/b": "1", "a": "2", "../../../x": "3", "/x": "4", "c:d": "5", "..": "6", "x" * 300: "7", "a/../b": "8"}
    run = begin(store, tags={**tags, "": "9", "e f.g-h": ""})["MLFLOW_RUN_ID"]
    expected = {"a/b": "1", "e f.g-h": "", "mlflow.runName": "a job"}
    assert read(store, run)[run]["tags"] == store.tracked(run).tags == expected
    assert not list(store.folder.rglob("x"))


def test_experiments_are_those_of_mlflow(store: RunStore) -> None:
    """`Default` is the one that MLflow brings, one that a script made is taken, one that was deleted is made anew."""
    default = begin(store, experiment="Default")
    assert default["MLFLOW_EXPERIMENT_ID"] == "0"
    made = "import mlflow; client = mlflow.MlflowClient(); print(client.create_experiment('made'))"
    with script(made, default) as process:
        identity = process.communicate()[0].strip()
    assert begin(store, "b", experiment="made")["MLFLOW_EXPERIMENT_ID"] == identity
    run_script(f"import mlflow; mlflow.MlflowClient().delete_experiment('{identity}')", default)
    again = begin(store, "c", experiment="made")
    assert again["MLFLOW_EXPERIMENT_ID"] not in ("0", identity)
    run_script("import mlflow\nwith mlflow.start_run(): mlflow.start_run(nested=True)", again)
    assert read(store, "c")["c"]["experiment"] == "made"
    assert begin(store, "b", experiment="made")["MLFLOW_RUN_ID"] == "b-2"


def test_a_damaged_experiment_of_somebody_else_harms_no_job(store: RunStore) -> None:
    """It is passed by when the experiment of a job is looked for."""
    begin(store)
    (store.folder / "77").mkdir()
    (store.folder / "77" / "meta.yaml").write_text("name: [", encoding="utf-8")
    (store.folder / "78").mkdir()
    (store.folder / "78" / "meta.yaml").write_bytes(b"name: \xff\xfe\n")
    other = RunStore(store.folder)
    assert begin(other, "next", experiment="another")["MLFLOW_RUN_ID"] == "next"


def test_a_thousand_runs_cost_no_more_each(store: RunStore) -> None:
    """The last of them is begun, read and ended as quickly as the first."""
    took = []
    for number in range(1000):
        began = perf_counter()
        run = begin(store, f"job{number}")["MLFLOW_RUN_ID"]
        store.tracked(run)
        store.end(run, "Completed")
        took.append(perf_counter() - began)
    middle = [sorted(part)[50] for part in (took[:100], took[-100:])]
    assert middle[1] < 2 * middle[0]
    assert middle[1] < 0.01


def test_a_long_metric_is_read_once(store: RunStore) -> None:
    """Asking again costs what came since, not all that is there."""
    begin(store)
    file = next(store.folder.glob("*/job/metrics")) / "loss"
    file.write_text("".join(f"{step} {step / 3} {step}\n" for step in range(50_000)), encoding="utf-8")
    began = perf_counter()
    assert len(store.tracked("job").metrics["loss"]) == 50_000
    first = perf_counter() - began
    with file.open("a", encoding="utf-8") as more:
        more.write("1 2 3\n")
    began = perf_counter()
    assert store.tracked("job").metrics["loss"][-1] == Metric(value=2, step=3, timestamp=1)
    assert perf_counter() - began < first / 5


def test_no_mlflow_is_needed_to_begin_a_run(tmp_path: Path) -> None:
    """Jobs whose interpreter has no MLflow run as they are."""
    text = f"""
import sys
from pathlib import Path
from mlsdk.local.tracking import RunStore
store = RunStore(Path({str(tmp_path / "mlruns")!r}))
store.begin("a", name="a", experiment="e", artifacts=Path("a"))
store.tracked("a")
store.end("a", "Completed")
print([name for name in sys.modules if name.startswith("mlflow")])
"""
    assert subprocess.check_output([sys.executable, "-c", text], text=True) == "[]\n"

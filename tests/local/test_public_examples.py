"""Azure's public examples run on this machine as they stand, and so do small jobs of their kind.

The reference data has the YAML of the examples without the scripts and tables that belong to it. In the place of each script
comes one that says what it was given and leaves something in each output, so that what is shown is all that the YAML asks for.
No example runs here that installs packages: it would change the Python that runs the tests.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from azure.core.exceptions import HttpResponseError
from local.finished_jobs import Finished, client_of, run

from mlsdk import Input, load_component, load_job
from mlsdk.dsl import pipeline
from mlsdk.entities import Data
from mlsdk.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk import MLClient

JOBS = Path(__file__).parent / "jobs"
STAND_IN = """
import os, pathlib, sys
made = {value for name, value in os.environ.items() if name.startswith("AZURE_ML_OUTPUT_")}
found = ""
for option, value in zip(sys.argv[1::2], sys.argv[2::2]):
    path = pathlib.Path(value)
    files = [] if value in made else sorted(path.rglob("*")) if path.is_dir() else [path] if path.is_file() else []
    found += "".join(file.read_text() for file in files if file.is_file())
    print(option, [file.name for file in files] if path.exists() else value)
for value in made:
    (pathlib.Path(value) / "left.txt").write_text(found + " ".join(sys.argv[1::2]) + "\\n")
"""
"""A script which leaves in each output what it read, and the names of its options."""
TABLE = "number\n7\n"
"""What is in each table that the reference data has by name only."""
SCRIPTS = {
    "cli/jobs/pipelines/mnist-batch-identification-using-parallel/script/dump_mltable.py": """
import pathlib, sys
pathlib.Path(sys.argv[2], "MLTable").write_text("paths: [{pattern: ./*.png}]")
""",
    "cli/jobs/pipelines/mnist-batch-identification-using-parallel/script/prepare_data.py": """
import pathlib, sys
for number in range(12):
    pathlib.Path(sys.argv[2], f"{number}.png").write_text(str(number))
""",
    "cli/jobs/pipelines/mnist-batch-identification-using-parallel/script/digit_identification.py": """
import pathlib
def init(): pass
def run(mini_batch): return [f"{pathlib.Path(file).name}: {pathlib.Path(file).read_text()}" for file in mini_batch]
""",
    "cli/jobs/single-step/gpu_perf/src/gpu_perf.sh": "echo $NCCL_DEBUG\n",
}
"""Scripts of which more is asked than the stand-in does."""


@attrs.frozen(kw_only=True)
class Left:
    """What must come out of a job. An empty name of a step stands for the job itself."""

    logs: Mapping[str, str] = attrs.field(factory=dict)
    """By step: what its processes printed, to the letter."""
    files: Mapping[str, str] = attrs.field(factory=dict)
    """The text of files of the job, by the end of their places."""
    steps: int = 0
    """How many steps it has."""
    data: Mapping[str, str] = attrs.field(factory=dict)
    """The type of each data asset that was registered, by name."""
    models: Mapping[str, str] = attrs.field(factory=dict)
    """The type of each model that was registered, by name."""


BASICS = "cli/jobs/basics"
COMPONENTS = "cli/jobs/pipelines-with-components/basics"
OPTIONS = (
    "--componentA_input --componentA_output",
    "--componentB_input --componentB_output",
    "--componentC_input --componentC_output",
)
EXAMPLES = {
    f"{BASICS}/hello-world-input.yml": Left(logs={"": "hello world\n42\n"}),
    f"{BASICS}/hello-model-as-output.yml": Left(
        files={"named-outputs/output_folder/left.txt": "--input_model --custom_model_output\n"}
    ),
    f"{BASICS}/hello-pipeline-customize-output-file.yml": Left(
        steps=1, logs={"hello_world": "hello\n"}, files={"named-outputs/output/hello_world.txt": "world\n"}
    ),
    f"{BASICS}/hello-pipeline-customize-output-file-serverless.yml": Left(
        steps=1, logs={"hello_world": "hello\n"}, files={"named-outputs/output/hello_world.txt": "world\n"}
    ),
    f"{BASICS}/hello-pipeline-customize-output-folder-serverless.yml": Left(steps=1, logs={"hello_world": "hello\n"}),
    f"{BASICS}/hello-pipeline-io-serverless.yml": Left(steps=2, logs={"hello_job": "hello\n", "world_job": "world\n"}),
    f"{COMPONENTS}/2b_component_with_input_output/pipeline.yml": Left(
        steps=1,
        files={"sample_output_data/left.txt": f"{TABLE}--input_data --input_string --output_data\n"},
    ),
    f"{COMPONENTS}/3a_basic_pipeline/pipeline.yml": Left(steps=3),
    f"{COMPONENTS}/3b_pipeline_with_data/pipeline.yml": Left(
        steps=3, files={"final_pipeline_output/left.txt": "".join([TABLE, *(f"{line}\n" for line in OPTIONS)])}
    ),
    f"{COMPONENTS}/4b_datastore_datapath_uri/pipeline.yml": Left(
        steps=2,
        logs={
            "component_file": "--input_data ['hello-world.txt']\n"
            "--placeholder ['hello-world.txt', 'left.txt']\n"
            "--output_data []\n"
        },
    ),
    f"{COMPONENTS}/5b_env_registered/pipeline.yml": Left(steps=1),
    "cli/schedules/simple-pipeline-job.yml": Left(steps=3, logs={"a": "hello hello world\n", "b": ""}),
    "cli/jobs/pipelines/nyc-taxi/pipeline.yml": Left(
        steps=5, logs={"score_job": "--predictions ['left.txt']\n--model ['left.txt']\n--score_report []\n"}
    ),
    "cli/jobs/pipelines/mnist-batch-identification-using-parallel/pipeline.yml": Left(steps=3),
    "cli/jobs/single-step/gpu_perf/gpu_perf_job.yml": Left(logs={"": "INFO\n"}),
    "cli/monitoring/azureml-e2e-model-monitoring/configurations/training_pipeline.yaml": Left(
        steps=1, models={"credit-default-model": "mlflow_model"}
    ),
}
"""What the public examples leave that run with what is at hand."""
REFUSED = {
    "cli/jobs/automl-standalone-jobs/cli-automl-text-ner-conll-distributed-sweeping"
    "/cli-automl-text-ner-conll2003-distributed-sweeping.yml": "Automated machine learning",
    "cli/jobs/pipelines/automl/cli-automl-regression-housepricing-pipeline/pipeline.yml": (
        "step 'regression_node' .* cannot run on this machine. Automated machine learning"
    ),
}
"""Why public examples are refused that no machine but Azure's can run."""
SMALL = {
    "words.yml": Left(logs={"": "several words and 42\ngood morning\n"}),
    "listing.yml": Left(logs={"": "count.py\ntrack.py\ntrial.py\n"}),
    "web_file.yml": Left(logs={"": "rows: 150\n"}),
    "web_folder.yml": Left(logs={"": "iris.csv\nrows: 150\n"}),
    "model.yml": Left(
        files={"named-outputs/copy/weights.txt": "weights of nothing\n"}, models={"weights": "custom_model"}
    ),
    "own_folder.yml": Left(files={"outputs/line.txt": "one line\n", "logs/other.txt": "another\n"}),
    "named_output.yml": Left(files={"named-outputs/lines/line.txt": "one line\n"}),
    "steps.yml": Left(
        steps=3, logs={"alone": "good morning, alone\n", "write": "writing\n", "read": "from the step before\n"}
    ),
    "file_output.yml": Left(steps=1, files={"named-outputs/line/line.txt": "one line\n"}),
    "components.yml": Left(
        steps=2,
        logs={"all_rows": "no title: 3\n", "few_rows": "a few: 2\n"},
        files={"named-outputs/counted/count.txt": "no title: 3"},
        data={"counted": "uri_folder"},
    ),
    "processes.yml": Left(logs={"": "".join(f"process {n} of 4, on node 0 the number {n}\n" for n in range(4))}),
}
"""What jobs of the same kind leave, which are in this repository."""


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public examples, with stand-ins for what the reference data has by name only."""
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(shared / "conformance" / "corpus.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    examples = folder / "examples"
    for path in examples.rglob("*"):
        if path.is_file() and path.stat().st_size == 0:
            text = SCRIPTS.get(path.relative_to(examples).as_posix(), {".py": STAND_IN, ".csv": TABLE}.get(path.suffix))
            if text is not None:
                path.write_text(text, encoding="utf-8")
    return examples


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The jobs of this repository, in a folder which a test may change."""
    return Path(shutil.copytree(JOBS, tmp_path / "small"))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[MLClient]:
    """A workspace whose jobs run on this machine, and the data that examples ask to be made first."""
    runner = LocalRunner(tmp_path / "jobs", max_workers=2)
    client = client_of(runner, {"azureml/4b_datastore_datapath_uri/hello-world.txt": "hello world\n"})
    table = tmp_path / "reference.csv"
    table.write_text(TABLE, encoding="utf-8")
    client.data.create_or_update(Data(name="credit-default-reference", version="1", path=str(table), type="uri_file"))
    yield client
    runner.close()


def holds(client: MLClient, finished: Finished, left: Left) -> None:
    """What a job left is what it was to leave."""
    assert {step.job.status for step in finished.parts.values()} <= {"Completed"}
    assert len(finished.parts) == left.steps
    assert {name: (finished.parts[name] if name else finished).log for name in left.logs} == left.logs
    for end, text in left.files.items():
        assert [found for path, found in finished.files.items() if path.endswith(end)] == [text], [*finished.files]
    assert {name: client.data.get(name, label="latest").type for name in left.data} == left.data
    assert {name: client.models.get(name, label="latest").type for name in left.models} == left.models


@pytest.mark.filterwarnings(
    "ignore:.*default_datestore:mlsdk.exceptions.UnknownArgumentWarning"
)  # as one of them has it
@pytest.mark.parametrize("path", EXAMPLES)
@pytest.mark.filterwarnings("ignore::mlsdk.exceptions.InputTypeWarning")  # some give files where folders are declared
def test_a_public_example_runs_as_it_stands(corpus: Path, client: MLClient, tmp_path: Path, path: str) -> None:
    """Its YAML is submitted unchanged, and its steps get and leave what it says."""
    holds(client, run(client, load_job(corpus / path), tmp_path / "found"), EXAMPLES[path])


@pytest.mark.parametrize("name", ["hello-iris-file.yml", "hello-iris-folder.yml"])
def test_a_public_example_reads_public_data(corpus: Path, client: MLClient, tmp_path: Path, name: str) -> None:
    """An address of the web and one of a container stand for the file that is there."""
    finished = run(client, load_job(corpus / BASICS / name), tmp_path / "found")
    assert finished.log.endswith("--iris-csv ['iris.csv']\n")


@pytest.mark.parametrize("path", REFUSED)
def test_a_public_example_that_needs_azure_is_refused(corpus: Path, client: MLClient, path: str) -> None:
    """It fails when it is submitted, with a sentence that says which step and why."""
    with pytest.raises(HttpResponseError, match=REFUSED[path]):
        client.jobs.create_or_update(load_job(corpus / path))


def test_the_mini_batches_of_a_public_example_reach_the_next_step(
    corpus: Path, client: MLClient, tmp_path: Path
) -> None:
    """Twelve images, five at a time over two processes of each of two nodes: each is told once, and the last step shows all."""
    path = "cli/jobs/pipelines/mnist-batch-identification-using-parallel/pipeline.yml"
    finished = run(client, load_job(corpus / path), tmp_path / "found")
    shown = finished.parts["view_prediction_result"].log.splitlines()
    assert sorted(shown) == sorted(f"{number}.png: {number}" for number in range(12))


def test_the_processes_of_a_public_example_tell_themselves_apart(
    corpus: Path, client: MLClient, tmp_path: Path
) -> None:
    """Two processes on each of two nodes are four processes here, each with a rank of its own and all with one address."""
    finished = run(
        client, load_job(corpus / COMPONENTS / "6b_pytorch_hello_world" / "pipeline.yml"), tmp_path / "found"
    )
    printed = [
        text.replace("\\n", "").split()
        for path, text in sorted(finished.parts["pytorch_job"].files.items())
        if "/std_log" in path
    ]
    assert [words[:2] for words in printed] == [["RANK:", str(rank)] for rank in range(4)]
    assert len({tuple(words[words.index("MASTER_ADDR:") :]) for words in printed}) == 1


@pytest.mark.runs_here(
    *("command.bash", "command.environment-variables", "command.code", "command.optional", "command.artifacts"),
    *("command.pytorch", "inputs.literal", "inputs.web", "inputs.model", "outputs.uri_folder", "outputs.path"),
)
@pytest.mark.parametrize("name", SMALL)
def test_a_small_job_of_that_kind_runs(small: Path, client: MLClient, tmp_path: Path, name: str) -> None:
    """Each file shows one thing that the public examples do."""
    holds(client, run(client, load_job(small / name), tmp_path / "found"), SMALL[name])


@pytest.mark.runs_here("tracking.metrics", "tracking.params", "tracking.artifacts")
def test_a_small_job_logs_by_mlflow(small: Path, client: MLClient, tmp_path: Path) -> None:
    """Nothing is set up in the script: the metric with its course, the parameter and the file are the job's."""
    finished = run(client, load_job(small / "tracked.yml"), tmp_path / "found")
    found = client.jobs.metrics(finished.job.name)
    assert [point.value for point in found["loss"]] == [3.0, 2.0, 1.5]
    assert finished.files["artifacts/note.txt"] == "a note"


@pytest.mark.runs_here("sweeps.random", "sweeps.best-trial")
def test_a_small_sweep_finds_its_best_trial(small: Path, client: MLClient, tmp_path: Path) -> None:
    """Each trial gets values of the search space, and the one that came nearest is the best."""
    finished = run(client, load_job(small / "sweep.yml"), tmp_path / "found")
    distance = {trial.job.name: trial.metrics["distance"] for trial in finished.parts.values()}
    assert len(distance) == 3
    for trial in finished.parts.values():
        word, _, share = trial.log.strip().partition(": ")
        assert word in {"one", "two_words", "three"}
        assert 0.1 <= float(share) <= 1.0
        assert abs(0.5 - float(share)) == pytest.approx(trial.metrics["distance"])
    assert distance[finished.job.properties["best_child_run_id"]] == min(distance.values())


def test_components_from_files_are_put_together_in_python(small: Path, client: MLClient, tmp_path: Path) -> None:
    """What the notebooks do: `load_component`, a function with `@pipeline`, an input given when it is called."""
    count_rows = load_component(small / "component.yml")

    @pipeline(default_compute="cpu-cluster")
    def counts(table: Input, at_most: int) -> dict[str, object]:
        few = count_rows(table=table, at_most=at_most)
        everything = count_rows(table=table, title="all")
        return {"few": few.outputs.count, "everything": everything.outputs.count}

    job = counts(table=Input(type="uri_folder", path=small / "table"), at_most=1)
    finished = run(client, job, tmp_path / "found")
    assert finished.files["named-outputs/few/count.txt"] == "no title: 1"
    assert finished.files["named-outputs/everything/count.txt"] == "all: 3"

"""What a single job asks for has its effect on this machine, from the client to what is fetched; docs/runs-here.md says it."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from local.here import Here
from local.leftovers import ended

from mlsdk import Input, MpiDistribution, Output, PyTorchDistribution, TensorFlowDistribution
from mlsdk.entities import (
    CommandComponent,
    Data,
    JobResourceConfiguration,
    JupyterLabJobService,
    Model,
    QueueSettings,
    RayDistribution,
    UserIdentityConfiguration,
)
from mlsdk.exceptions import JobException

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = ["it's", 'say "hi"', "two\nlines", "$(touch ran)", "; touch ran", "`touch ran`", "a  b", "*", ""]
MODELS = ("custom_model", "mlflow_model", "triton_model")
FOLDERS = ("uri_folder", "mltable", *MODELS)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A workspace whose jobs run on this machine."""
    made = Here.made(tmp_path_factory.mktemp("here"))
    yield made
    made.backend.close()


# -- commands --------------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("command.code")
def test_the_code_is_in_the_working_folder(here: Here) -> None:
    """All of it but what is ignored; what a job changes in it is changed for nobody else."""
    here.file("code/main.sh", "ls -A; echo more >> main.sh")
    here.file("code/part/other.txt")
    here.file("code/secret.env")
    here.file("code/.amlignore", "*.env\n.amlignore\n")
    jobs = [here.run(here.command("bash main.sh", code=str(here.folder / "code"))) for _ in range(2)]
    assert [here.log(job).split() for job in jobs] == [["logs", "main.sh", "outputs", "part"]] * 2


@pytest.mark.runs_here("command.bash")
def test_a_command_is_bash(here: Here) -> None:
    """Lines, pipes, loops, tests and substitutions are those of a shell."""
    job = here.run('for i in 1 2 3; do echo "$i"; done | tac > f\n[[ -s f ]] && echo $(cat f)')
    assert here.log(job) == "3 2 1\n"


@pytest.mark.runs_here("command.values", "inputs.literal")
@pytest.mark.parametrize("value", VALUES)
def test_a_text_reaches_the_script_as_it_is(here: Here, value: str) -> None:
    """Whatever is in it: nothing of it is run or split."""
    show = "import json, os, sys; print(json.dumps([sys.argv[1:], os.path.exists('ran')]))"
    job = here.run(here.command(f'python -c "{show}" ${{{{inputs.text}}}} end', inputs={"text": value}))
    assert json.loads(here.log(job)) == [[value, "end"], False]


@pytest.mark.runs_here("inputs.literal")
def test_numbers_and_booleans_are_text_to_the_script(here: Here) -> None:
    """As Azure writes them."""
    inputs = {"whole": 7, "part": 0.5, "yes": True}
    job = here.run(here.command("echo ${{inputs.whole}} ${{inputs.part}} ${{inputs.yes}}", inputs=inputs))
    assert here.log(job) == "7 0.5 True\n"


@pytest.mark.runs_here("command.optional")
def test_what_belongs_to_an_input_that_was_not_given_vanishes(here: Here) -> None:
    """The flag and its value, and nothing else."""
    step = CommandComponent(
        name="optional",
        command="echo a $[[--rate ${{inputs.rate}}]] $[[--name ${{inputs.name}}]] z",
        environment=here.command("echo").environment,
        inputs={"rate": {"type": "number", "optional": True}, "name": {"type": "string", "optional": True}},
    )
    job = step(rate=0.5)
    job.compute = "cpu"
    assert here.log(here.run(job)) == "a --rate 0.5 z\n"


@pytest.mark.runs_here("command.environment-variables")
def test_environment_variables_are_set(here: Here) -> None:
    """As they are, beside those by which a job knows itself."""
    job = here.run(here.command('echo "$MINE"; echo $AZUREML_RUN_ID', environment_variables={"MINE": "a 'b' $HOME"}))
    assert here.log(job) == f"a 'b' $HOME\n{job.name}\n"


@pytest.mark.runs_here("command.exit-code")
def test_a_failure_says_its_exit_code_and_the_end_of_its_log(here: Here) -> None:
    """So does the error of who waits."""
    with pytest.raises(JobException, match=r"(?s)exit code 3.*the reason"):
        here.run("echo the reason >&2; exit 3")


@pytest.mark.runs_here("command.timeout")
def test_a_job_ends_when_its_time_is_over(here: Here) -> None:
    """It has failed, and says which limit it was."""
    job = here.command("sleep 600")
    job.set_limits(timeout=1)
    with pytest.raises(JobException, match=r"limits\.timeout"):
        here.run(job)


@pytest.mark.runs_here("command.cancel", "command.log")
def test_a_running_job_shows_its_log_and_can_be_stopped(here: Here) -> None:
    """With the processes that it has begun itself."""
    job = here.submit("sleep 600 & echo the child is $!; wait")
    here.until(lambda: here.client.jobs.view(job.name).log)
    (line,) = here.client.jobs.view(job.name).log
    child = int(line.rpartition(" ")[2])
    here.client.jobs.begin_cancel(job.name).result()
    here.until(lambda: here.client.jobs.get(job.name).status == "Canceled")
    assert ended(child)


@pytest.mark.runs_here("command.artifacts")
def test_files_in_outputs_and_logs_are_kept(here: Here) -> None:
    """Under these names, as Azure keeps the two folders."""
    job = here.run("mkdir -p outputs/sub logs; echo 1 > outputs/sub/a.txt; echo 2 > logs/b.txt; echo 3 > c.txt")
    assert (here.log(job, "outputs/sub/a.txt"), here.log(job, "logs/b.txt")) == ("1\n", "2\n")
    assert not (here.folder / "downloads" / job.name / "artifacts" / "c.txt").exists()


def distributed(here: Here, show: str, distribution: Any, processes: int) -> list[str]:
    """What each process of a job prints."""
    job = here.command(show, distribution=distribution, instance_count=2)
    done = here.run(job)
    names = [f"user_logs/std_log_process_{number}.txt" for number in range(processes)]
    return [here.log(done, name).strip() for name in names]


@pytest.mark.runs_here("command.pytorch")
def test_processes_for_pytorch_know_each_other(here: Here) -> None:
    """Those of all instances run here, each with its rank."""
    distribution = PyTorchDistribution(process_count_per_instance=2)
    told = distributed(here, "echo $RANK $WORLD_SIZE $MASTER_ADDR", distribution, 4)
    assert told == [f"{rank} 4 127.0.0.1" for rank in range(4)]


@pytest.mark.runs_here("command.mpi")
def test_processes_for_mpi_know_their_ranks(here: Here) -> None:
    """By the variables of Open MPI."""
    show = "echo $OMPI_COMM_WORLD_RANK $OMPI_COMM_WORLD_SIZE"
    told = distributed(here, show, MpiDistribution(process_count_per_instance=2), 4)
    assert told == [f"{rank} 4" for rank in range(4)]


@pytest.mark.runs_here("command.tensorflow")
def test_processes_for_tensorflow_know_the_cluster(here: Here) -> None:
    """Workers and parameter servers have addresses of their own."""
    told = distributed(here, "echo $TF_CONFIG", TensorFlowDistribution(parameter_server_count=1, worker_count=2), 3)
    clusters = [json.loads(text) for text in told]
    assert {len(found["cluster"]["worker"]) for found in clusters} == {2}
    assert sorted(found["task"]["type"] for found in clusters) == ["ps", "worker", "worker"]


@pytest.mark.runs_here("command.ray")
def test_a_job_for_ray_runs_on_one_node(here: Here) -> None:
    """Ray makes its own processes; the job is the head."""
    assert "one" in here.log(here.run(here.command("echo one", distribution=RayDistribution(), instance_count=2)))


# -- inputs ----------------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("inputs.uri_folder", "inputs.mltable", "inputs.model")
@pytest.mark.parametrize("type_", FOLDERS)
def test_an_input_is_a_folder(here: Here, type_: str) -> None:
    """Of local files that were uploaded, with all that is below it."""
    here.file("data/a.csv", "1\n")
    here.file("data/sub/MLTable", "2\n")
    given = Input(type=type_, path=str(here.folder / "data"))
    job = here.run(here.command("cd ${{inputs.data}}; cat a.csv sub/MLTable", inputs={"data": given}))
    assert here.log(job) == "1\n2\n"


@pytest.mark.runs_here("inputs.uri_file")
def test_an_input_is_a_file(here: Here) -> None:
    """Under its own name."""
    given = Input(type="uri_file", path=str(here.file("files/b c.csv", "of b\n")))
    job = here.run(here.command("cat ${{inputs.data}}; basename ${{inputs.data}}", inputs={"data": given}))
    assert here.log(job) == "of b\nb c.csv\n"


@pytest.mark.runs_here("inputs.asset", "inputs.datastore")
def test_registered_data_and_models_are_inputs(here: Here) -> None:
    """By version or label, and by the place in a datastore where they are."""
    path = str(here.file("asset/x.txt", "of x\n"))
    data = here.client.data.create_or_update(Data(name="x", type="uri_file", path=path))
    here.client.models.create_or_update(Model(name="m", type="custom_model", path=path))
    inputs = {
        "data": Input(type="uri_file", path="azureml:x:1"),
        "model": Input(type="custom_model", path="azureml:m@latest"),
        "place": Input(type="uri_file", path=data.path),
    }
    job = here.run(here.command("cat ${{inputs.data}} ${{inputs.model}} ${{inputs.place}}", inputs=inputs))
    assert here.log(job) == "of x\n" * 3


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and writes nothing of it."""

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


@pytest.mark.runs_here("inputs.web")
def test_a_file_from_the_web_is_an_input(here: Here) -> None:
    """It is fetched before the job begins."""
    here.file("web/w.csv", "of the web\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(here.folder / "web"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        given = Input(type="uri_file", path=f"http://127.0.0.1:{server.server_port}/w.csv")
        job = here.run(here.command("cat ${{inputs.data}}", inputs={"data": given}))
        server.shutdown()
    assert here.log(job) == "of the web\n"


@pytest.mark.runs_here("inputs.download")
def test_a_job_may_change_what_it_has_downloaded(here: Here) -> None:
    """It is a copy of its own; the next job finds the file as it was."""
    given = Input(type="uri_file", path=str(here.file("own/x.txt", "before\n")), mode="download")
    change = here.command("cat ${{inputs.x}}; echo after > ${{inputs.x}}; cat ${{inputs.x}}", inputs={"x": given})
    assert [here.log(here.run(change)) for _ in range(2)] == ["before\nafter\n"] * 2


@pytest.mark.runs_here("inputs.mount")
@pytest.mark.parametrize("mode", ["ro_mount", "rw_mount"])
def test_a_mounted_input_is_not_copied(here: Here, mode: str) -> None:
    """Two jobs read the same file."""
    given = Input(type="uri_file", path=str(here.file("mounted/x.txt", "once\n")), mode=mode)
    show = here.command("stat -L -c %i ${{inputs.x}}; cat ${{inputs.x}}", inputs={"x": given})
    first, second = (here.log(here.run(show)) for _ in range(2))
    assert first == second
    assert first.endswith("once\n")


@pytest.mark.not_here("inputs.direct", "the script gets a path, as of a mount, in the place of the address")
def test_an_input_that_is_wanted_directly_is_a_path(here: Here) -> None:
    """Nothing here answers at the address."""
    given = Input(type="uri_file", path=str(here.file("direct/x.txt", "x\n")), mode="direct")
    assert here.log(here.run(here.command("cat ${{inputs.x}}", inputs={"x": given}))) == "x\n"


# -- outputs ---------------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("outputs.uri_folder", "outputs.mltable", "outputs.model")
@pytest.mark.parametrize("type_", FOLDERS)
def test_an_output_is_a_folder(here: Here, type_: str) -> None:
    """It is there when the job begins, and fetched with all that is in it."""
    write = "mkdir ${{outputs.o}}/sub; echo 1 > ${{outputs.o}}/sub/a.txt"
    job = here.run(here.command(write, outputs={"o": Output(type=type_)}))
    assert (here.output(job, "o") / "sub" / "a.txt").read_text() == "1\n"


@pytest.mark.runs_here("outputs.uri_file")
def test_an_output_is_a_file(here: Here) -> None:
    """The script gets the path to write to."""
    job = here.run(here.command("echo 1 > ${{outputs.o}}", outputs={"o": Output(type="uri_file")}))
    (file,) = here.output(job, "o").rglob("*")
    assert file.read_text() == "1\n"


@pytest.mark.runs_here("outputs.registered")
def test_outputs_are_registered_under_their_names(here: Here) -> None:
    """A model and data, the next version each time, with the files that the job wrote."""
    outputs = {
        "m": Output(type="custom_model", name="made"),
        "d": Output(type="uri_file", name="written", version="7"),
    }
    job = here.run(here.command("echo m > ${{outputs.m}}/m.txt; echo d > ${{outputs.d}}", outputs=outputs))
    assert (job.outputs.m.version, job.outputs.d.version) == ("1", "7")
    here.client.models.download("made", "1", here.folder / "models")
    assert [path.name for path in (here.folder / "models" / "made").rglob("*.txt")] == ["m.txt"]
    given = Input(type="uri_file", path="azureml:written:7")
    assert here.log(here.run(here.command("cat ${{inputs.d}}", inputs={"d": given}))) == "d\n"


@pytest.mark.runs_here("outputs.path")
def test_an_output_is_where_it_was_asked_for(here: Here) -> None:
    """In the datastore, under the path that the job names; the next job reads it there."""
    place = "azureml://datastores/workspaceblobstore/paths/results/today/"
    here.run(here.command("echo 1 > ${{outputs.o}}/a.txt", outputs={"o": Output(type="uri_folder", path=place)}))
    given = Input(type="uri_file", path=f"{place}a.txt")
    assert here.log(here.run(here.command("cat ${{inputs.d}}", inputs={"d": given}))) == "1\n"


@pytest.mark.runs_here("outputs.not-written")
def test_an_output_that_was_not_written_fails_the_job(here: Here) -> None:
    """It names the output, and nothing is registered."""
    job = here.command("echo nothing", outputs={"o": Output(type="custom_model", name="empty")})
    with pytest.raises(JobException, match="the output 'o' was not written"):
        here.run(job)
    assert "empty" not in [model.name for model in here.client.models.list()]


@pytest.mark.runs_here("outputs.outside")
def test_an_output_that_leads_elsewhere_fails_the_job(here: Here) -> None:
    """A link out of its folder is no file that anybody may be given."""
    with pytest.raises(JobException, match="outside its folder"):
        here.run(here.command("ln -s /etc/hostname ${{outputs.o}}/a", outputs={"o": Output(type="uri_folder")}))


# -- metrics ---------------------------------------------------------------------------------------------------------
@pytest.mark.runs_here("tracking.metrics", "tracking.params", "tracking.artifacts")
def test_what_a_script_logs_by_mlflow_is_the_jobs(here: Here) -> None:
    """Metrics with their steps, parameters, and files; nothing has to be set up in the script."""
    script = here.file(
        "logs/main.py",
        "import mlflow\n"
        "mlflow.log_param('rate', 0.5)\n"
        "for step, loss in enumerate([3.0, 2.0, 1.0]):\n"
        "    mlflow.log_metric('loss', loss, step=step)\n"
        "mlflow.log_text('hello', 'notes/a.txt')\n",
    )
    job = here.run(here.command("python main.py", code=str(script.parent)))
    assert here.client.jobs.metrics(job.name)["loss"].values == [3.0, 2.0, 1.0]
    assert here.log(job, "notes/a.txt") == "hello"


# -- what is about Azure's machines ----------------------------------------------------------------------------------
NO_EFFECT = "taken, and has no effect"


@pytest.mark.not_here("azure.services", NO_EFFECT)
@pytest.mark.not_here("azure.identity", "taken, and has no effect: the job has the rights of who submits it")
@pytest.mark.not_here("azure.queue", NO_EFFECT)
@pytest.mark.not_here("azure.resources", NO_EFFECT)
@pytest.mark.not_here("azure.docker", NO_EFFECT)
def test_what_only_azures_machines_have_does_not_keep_a_job_from_running(here: Here) -> None:
    """The same file runs here and there."""
    job = here.command(
        "echo it runs",
        services={"lab": JupyterLabJobService()},
        identity=UserIdentityConfiguration(),
        queue_settings=QueueSettings(job_tier="standard"),
    )
    job.resources = JobResourceConfiguration(instance_type="Standard_NC6", shm_size="2g", docker_args="--ipc=host")
    assert here.log(here.run(job)) == "it runs\n"

"""Jobs run in the image of their environment, by commands that Docker and Podman both take.

No engine is needed here: a stand-in writes down what it is told, and runs the command of a container as a plain process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlsdk.local import contained
from mlsdk.local.builds import EnvironmentBuildError
from mlsdk.local.containers import UNTIL_ALONE, Engine, Images, dockerfile, find_engine, wrapper

STAND_IN = """#!{python}
import json, os, sys
from pathlib import Path
here = Path(__file__).parent
told = sys.argv[1:]
with (here / "told").open("a") as file:
    file.write(json.dumps({{"told": told, "pid": os.getpid(), "secret": os.environ.get("MLSDK_CONDA_FILE")}}) + "\\n")
if told[0] == "info":
    print((here / "info").read_text())
elif told[:2] == ["image", "inspect"]:
    sys.exit(0 if (here / told[-1].replace("/", "_")).exists() else 1)
elif told[0] in ("pull", "build"):
    if (here / "refusal").exists():
        sys.exit((here / "refusal").read_text())
    name = told[told.index("--tag") + 1] if told[0] == "build" else told[-1]
    (here / name.replace("/", "_")).touch()
elif told[0] == "run":
    os.chdir(told[told.index("--workdir") + 1])
    at = told.index("--entrypoint")
    os.execvp(told[at + 1], [told[at + 1], *told[at + 3:]])
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the stand-in, which is all that is on the PATH beside what bash needs."""
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "info").write_text('{"SecurityOptions": ["name=seccomp"]}', encoding="utf-8")
    docker = folder / "docker"
    docker.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def told(engine: Path) -> list[list[str]]:
    """What the stand-in was told, but the question whether it has an image."""
    path = engine / "told"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [words for words in (json.loads(line)["told"] for line in lines) if words[0] != "image"]


def wrapped(engine: Path, **changed: object) -> list[str]:
    """The command line before bash for a job in a folder of its own."""
    given: dict[str, object] = {"name": "train", "mounts": {}, **changed}
    return [*wrapper(Engine(program=engine / "docker"), "python:3.11", **given)]  # type: ignore[arg-type]


def test_the_command_line_is_the_one_that_engines_take() -> None:
    """User, network, mounts and variables are as without a container, and no value of a variable is on it."""
    line = wrapper(
        Engine(program=Path("/usr/bin/docker")),
        "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
        name="train_1",
        mounts={Path("/jobs/train_1"): "rw", Path("/data/a, b: c"): "ro"},
        of_host=["HOME", "LANG"],
        shared_memory="8g",
        arguments=["--ulimit", "memlock=-1"],
    )
    assert line == (
        *(
            sys.executable,
            "-I",
            contained.__file__,
            "train_1",
            "HOME=LANG=LC_CTYPE=OLDPWD=PATH=PWD=SHLVL=VIRTUAL_ENV=_",
            "/usr/bin/docker",
        ),
        *("--rm", "--init", "--interactive", "--network", "host", "--shm-size", "8g"),
        *("--user", f"{os.getuid()}:{os.getgid()}", "--security-opt", "label=disable"),
        *("--env", "TINI_KILL_PROCESS_GROUP=1", "--env", "HOME=/tmp"),
        *("--mount", 'type=bind,"source=/data/a, b: c","target=/data/a, b: c",readonly'),
        *("--mount", "type=bind,source=/jobs/train_1,target=/jobs/train_1"),
        *("--ulimit", "memlock=-1"),
        *(
            "--entrypoint",
            "bash",
            "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
            "-c",
            UNTIL_ALONE,
            "mlsdk",
        ),
    )


def test_a_job_may_set_its_home() -> None:
    """The one it is given otherwise does not come between."""
    line = wrapper(Engine(program=Path("docker")), "python:3.11", name="train", mounts={}, of_host=["LANG"])
    assert "HOME=/tmp" not in line
    assert "HOME" not in line[4].split("=")


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        (Engine(program=Path("docker"), is_rootless=True), ("--user", "0:0")),
        (Engine(program=Path("podman"), is_podman=True), ("--user", f"{os.getuid()}:{os.getgid()}")),
        (
            Engine(program=Path("podman"), is_podman=True, is_rootless=True),
            ("--userns", "keep-id", "--user", f"{os.getuid()}:{os.getgid()}"),
        ),
    ],
)
def test_outputs_belong_to_who_runs_the_job(engine: Engine, options: tuple[str, ...]) -> None:
    """Also where the engine runs as a user, and where ids within containers are others."""
    assert engine.user == options


@pytest.mark.runs_here("environments.container")
def test_a_job_runs_in_its_folder_with_its_values_as_they_are(engine: Path, tmp_path: Path) -> None:
    """Quotes, newlines and what a shell would run reach the command; its exit status comes back."""
    folder = tmp_path / "a job"
    folder.mkdir()
    value = "a 'b' \"c\" $(touch ran)\n;d"
    line = wrapped(engine, mounts={folder: "rw"}, of_host=os.environ)
    command = 'printf "%s" "$VALUE" > value; pwd; exit 7'
    done = subprocess.run(
        [*line, "bash", "-c", command],
        cwd=folder,
        env={**os.environ, "VALUE": value},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, f"{folder}\n", "")
    assert [path.name for path in folder.iterdir()] == ["value"]
    assert (folder / "value").read_text(encoding="utf-8") == value
    (run,) = told(engine)
    assert run[: run.index("--rm")] == ["run", "--name", run[2], "--workdir", str(folder), "--env", "VALUE"]
    assert run[2].startswith("mlsdk-train-")
    assert not any("touch ran" in word for word in run)


def test_the_command_has_no_input(engine: Path, tmp_path: Path) -> None:
    """The container's input only tells whether somebody is left who wants it."""
    line = [*wrapped(engine), "bash", "-c", "cat; echo end"]
    done = subprocess.run(line, cwd=tmp_path, input="x", capture_output=True, text=True, check=True)
    assert done.stdout == "end\n"


def test_processes_of_one_job_have_containers_of_their_own(engine: Path, tmp_path: Path) -> None:
    """Names that an engine would not take are changed."""
    line = [*wrapped(engine, name="träin/1"), "true"]
    for _ in range(2):
        subprocess.run(line, cwd=tmp_path, stdin=subprocess.DEVNULL, check=True)
    first, second = (words[2] for words in told(engine))
    assert first != second
    assert first.startswith("mlsdk-tr-in-1-")


def test_a_signal_reaches_the_command(engine: Path, tmp_path: Path) -> None:
    """A script that saves its work when it is asked to end does so in a container too."""
    command = 'trap "echo saved; exit 3" TERM; echo ready; while :; do read -r -t 1 <> <(:); done'
    with subprocess.Popen(
        [*wrapped(engine), "bash", "-c", command],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGTERM)
        assert process.stdout.read() == "saved\n"
        assert process.wait() == 3


def test_a_container_ends_when_its_job_is_killed(engine: Path, tmp_path: Path) -> None:
    """Nothing can be told to an engine by a process that was killed: the container sees by itself that it is alone."""
    with subprocess.Popen(
        [*wrapped(engine), "bash", "-c", 'trap "" TERM; echo ready; exec sleep 1000'],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGTERM)
        os.killpg(process.pid, signal.SIGKILL)
        # The end comes when the command, which ignores signals, is gone.
        assert process.stdout.read() == ""


def test_a_container_whose_client_was_killed_is_removed(engine: Path, tmp_path: Path) -> None:
    """And the job has failed."""
    with subprocess.Popen(
        [*wrapped(engine), "bash", "-c", "echo ready; exec sleep 1000"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        client = json.loads((engine / "told").read_text(encoding="utf-8"))
        os.kill(client["pid"], signal.SIGKILL)
        assert process.wait() == 128 + signal.SIGKILL
    assert told(engine)[1:] == [["rm", "--force", client["told"][2]]]


@pytest.mark.parametrize(
    ("info", "found"),
    [
        ('{"SecurityOptions": ["name=seccomp"]}', {}),
        ('{"SecurityOptions": null}', {}),
        ('{"SecurityOptions": ["name=rootless"]}', {"is_rootless": True}),
        ('{"host": {"security": {"rootless": true}}}', {"is_podman": True, "is_rootless": True}),
        ('{"host": {"security": {"rootless": false}}}', {"is_podman": True}),
    ],
)
def test_an_engine_is_known_by_what_it_tells(engine: Path, info: str, found: dict[str, bool]) -> None:
    """Podman often answers to the name docker."""
    (engine / "info").write_text(info, encoding="utf-8")
    assert find_engine() == Engine(program=engine / "docker", **found)


def test_without_an_engine_the_error_says_what_each_said(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not installed is told from one that does not run."""
    docker = engine / "docker"
    docker.write_text("#!/bin/bash\necho 'Is the docker daemon running?' >&2; exit 1\n", encoding="utf-8")
    monkeypatch.setenv("PATH", f"{engine}")
    (engine / "bash").symlink_to("/bin/bash")
    with pytest.raises(EnvironmentBuildError) as caught:
        find_engine()
    said = str(caught.value)
    assert "docker says: Is the docker daemon running?" in said
    assert "podman is not installed" in said
    assert 'LocalRunner(python="built")' in said


def test_an_image_is_fetched_once(engine: Path, tmp_path: Path) -> None:
    """And its log is kept; who comes later asks the engine alone."""
    images = Images(tmp_path, find_engine())
    with ThreadPoolExecutor(3) as threads:
        found = [*threads.map(lambda _: images.image({"image": "python:3.11"}), range(3))]
    assert {image.name for image in found} == {"python:3.11"}
    assert found[0].log is not None
    assert found[0].log.read_text(encoding="utf-8") == "$ docker pull python:3.11\n"
    assert Images(tmp_path / "other", find_engine()).image({"image": "python:3.11"}).log is None
    assert [words for words in told(engine) if words[0] == "pull"] == [["pull", "python:3.11"]]


def test_a_conda_file_is_installed_on_top_of_the_image(engine: Path, tmp_path: Path) -> None:
    """By the conda in it, and the file, which may hold a password, is in no layer, no file and on no command line."""
    environment = {
        "image": "mcr.microsoft.com/azureml/base",
        "condaFile": "dependencies: [numpy=1.26, {pip: ['-i https://me:hunter22@wheels.example/simple']}]",
    }
    images = Images(tmp_path, find_engine())
    image = images.image(environment)
    (build,) = [words for words in told(engine) if words[0] == "build"]
    context = Path(build[-1])
    assert build[:-1] == ["build", "--tag", image.name, "--secret", "id=conda_file,env=MLSDK_CONDA_FILE"]
    key = image.name.rpartition(":")[2]
    assert image.name == f"localhost/mlsdk-environment:{key}"
    assert (context / "Dockerfile").read_text(encoding="utf-8") == dockerfile("mcr.microsoft.com/azureml/base", key)
    record = [json.loads(line) for line in (engine / "told").read_text(encoding="utf-8").splitlines()]
    assert [line["secret"] for line in record if line["told"][0] == "build"] == [environment["condaFile"]]
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "images").rglob("*") if path.is_file()]
    assert not any("hunter22" in text for text in written)
    assert not any("hunter22" in word for words in told(engine) for word in words)
    assert Images(tmp_path, find_engine()).image(environment).name == image.name
    other = images.image({**environment, "condaFile": "dependencies: [numpy=1.25]"})
    assert other.name != image.name


def test_the_dockerfile_says_what_is_done() -> None:
    """The key stands before the installation, so that an engine does not take another file's for it."""
    without = (
        "base:1 has no conda to install the conda file with: take an image with it, such as Azure Machine Learning's"
    )
    prefix = "/opt/mlsdk-environment"
    assert dockerfile("base:1", "abc").splitlines() == [
        "FROM base:1",
        "LABEL mlsdk.environment=abc",
        "USER root",
        "RUN --mount=type=secret,id=conda_file,target=/run/mlsdk/conda.yaml,required=true \\",
        f'    {{ command -v conda >/dev/null || {{ echo "{without}" >&2; exit 1; }}; }} \\',
        f"    && conda env create --prefix {prefix} --file /run/mlsdk/conda.yaml \\",
        "    && conda clean --all --yes",
        f"ENV PATH={prefix}/bin:$PATH CONDA_PREFIX={prefix} CONDA_DEFAULT_ENV={prefix}",
    ]


@pytest.mark.runs_here("environments.build-context")
def test_a_build_context_is_built_by_its_content(engine: Path, tmp_path: Path) -> None:
    """A changed file is another image, an unchanged one is not."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile.train").write_text("FROM python:3.11\n", encoding="utf-8")
    environment = {"build": {"contextUri": "https://x.example/c", "dockerfilePath": "Dockerfile.train"}}
    images = Images(tmp_path, find_engine())
    first = images.image(environment, context=context)
    assert images.image(environment, context=context) == first
    assert [words for words in told(engine) if words[0] == "build"] == [
        ["build", "--tag", first.name, "--file", str(context / "Dockerfile.train"), str(context)]
    ]
    (context / "setup.sh").write_text("echo", encoding="utf-8")
    assert images.image(environment, context=context).name != first.name


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "no image"),
        ({"condaFile": "dependencies: []"}, "LocalRunner"),
        ({"image": "--privileged"}, "no name of an image"),
        ({"image": "a\nRUN true", "condaFile": "dependencies: []"}, "no name of an image"),
        ({"build": {"contextUri": "https://x.example/c"}}, "not on this machine"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_no_image_can_be_made_of_is_an_error(tmp_path: Path, environment: dict[str, object], said: str) -> None:
    """Nothing is told to the engine that it could take for an option."""
    with pytest.raises(EnvironmentBuildError, match=said):
        Images(tmp_path, Engine(program=Path("docker"))).image(environment)


def test_a_context_without_its_dockerfile_is_an_error(tmp_path: Path) -> None:
    """It says how to name the file."""
    with pytest.raises(EnvironmentBuildError, match="dockerfile_path"):
        Images(tmp_path, Engine(program=Path("docker"))).image({"build": {}}, context=tmp_path)


def test_what_the_engine_refuses_is_said_in_its_words(engine: Path, tmp_path: Path) -> None:
    """With the place of the log; the next try asks again."""
    (engine / "refusal").write_text("denied: access to https://me:hunter22@registry.example", encoding="utf-8")
    images = Images(tmp_path, find_engine())
    with pytest.raises(EnvironmentBuildError, match="denied: access") as caught:
        images.image({"image": "private:1"})
    assert "build.log" in str(caught.value)
    assert "hunter22" not in str(caught.value)
    (engine / "refusal").unlink()
    assert images.image({"image": "private:1"}).name == "private:1"


def test_a_closed_runner_fetches_nothing(engine: Path, tmp_path: Path) -> None:
    """Who comes too late is told."""
    images = Images(tmp_path, find_engine())
    images.close()
    with pytest.raises(EnvironmentBuildError, match="runner was closed"):
        images.image({"image": "python:3.11"})
    assert [words[0] for words in told(engine)] == ["info"]

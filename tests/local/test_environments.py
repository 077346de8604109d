"""The environment of a job is built once, offline too, and a build that broke is never taken for one that is done."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uv

from mlsdk.local.builds import EnvironmentBuildError
from mlsdk.local.environments import Environments

BUILD = """
import sys
from pathlib import Path
from mlsdk.local.environments import Environments
root, uv, text = sys.argv[1:]
print(Environments(Path(root), uv=Path(uv)).interpreter({"condaFile": text}))
"""


@pytest.fixture(autouse=True)
def _uv_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uv keeps nothing outside the test's folder and fetches nothing."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with one wheel, `greeting` 1.0."""
    (tmp_path / "wheels").mkdir()
    add_wheel(tmp_path / "wheels", "1.0")
    return tmp_path / "wheels"


def add_wheel(folder: Path, version: str) -> None:
    """Put a wheel of `greeting` into a folder."""
    about = f"greeting-{version}.dist-info"
    files = {
        "greeting.py": "TEXT = 'hello'\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}\n"
        for name, text in files.items()
    )
    with zipfile.ZipFile(folder / f"greeting-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{about}/RECORD": f"{record}{about}/RECORD,,\n"}.items():
            wheel.writestr(name, text)


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """A uv that writes down each of its calls in `calls`, beside it."""
    return script(tmp_path / "uv", f'echo "$1" >> {tmp_path}/calls; exec {uv.find_uv_bin()} "$@"')


def script(path: Path, text: str) -> Path:
    """A program of bash."""
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def conda_file(wheels: Path, *pip: str, dependencies: str = "") -> str:
    """A conda file whose packages come from a folder."""
    lines = ["--no-index", f"--find-links {wheels}", *pip]
    return f"dependencies: [{dependencies}{{pip: {json.dumps(lines)}}}]"


def calls(tmp_path: Path) -> list[str]:
    """What the counted uv was called for."""
    path = tmp_path / "calls"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def all_text(folder: Path) -> str:
    """All that is written in the files of a folder."""
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file())


def printed(interpreter: Path, code: str) -> str:
    """What a line of Python prints in an interpreter."""
    return subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.runs_here("environments.built")
def test_a_job_has_the_packages_of_its_conda_file_and_no_others(tmp_path: Path, wheels: Path) -> None:
    """The interpreter is one of its own: what this program has installed is not there."""
    environments = Environments(tmp_path)
    interpreter = environments.interpreter({"condaFile": conda_file(wheels, "greeting==1.0")})
    assert printed(interpreter, "import greeting; print(greeting.TEXT)") == "hello"
    assert printed(interpreter, "from importlib.util import find_spec; print(find_spec('attrs'))") == "None"


def test_a_package_of_conda_is_installed_from_the_index(tmp_path: Path, wheels: Path) -> None:
    """And what is none of Python's is said to be left out, to who asks and in the log."""
    text = conda_file(wheels, dependencies="greeting=1, gcc, ")
    prepared = Environments(tmp_path).prepared({"condaFile": text})
    assert printed(prepared.interpreter, "import greeting; print(greeting.TEXT)") == "hello"
    assert prepared.notes == ("gcc is left out: it is a package of conda, and none of Python",)
    assert prepared.log is not None
    log = prepared.log.read_text(encoding="utf-8")
    assert prepared.notes[0] in log
    assert "+ greeting==1.0" in log


@pytest.mark.runs_here("environments.built")
def test_the_same_packages_are_built_once(tmp_path: Path, wheels: Path, counted: Path) -> None:
    """Neither a new runner nor another order, name or comment builds anew; another package does."""
    first = Environments(tmp_path, uv=counted).prepared({"condaFile": conda_file(wheels, "greeting", "greeting>=1")})
    assert calls(tmp_path) == ["venv", "pip"]
    same = f"name: other # a comment\n{conda_file(wheels, 'greeting>=1', 'greeting', 'greeting')}"
    assert Environments(tmp_path, uv=counted).prepared({"condaFile": same}) == first
    assert calls(tmp_path) == ["venv", "pip"]
    other = Environments(tmp_path, uv=counted).interpreter({"condaFile": conda_file(wheels)})
    assert other != first.interpreter
    assert calls(tmp_path) == ["venv", "pip", "venv", "pip"]


def test_a_changed_file_of_requirements_is_built_anew(tmp_path: Path, wheels: Path, counted: Path) -> None:
    """What an absolute path of the pip part leads to counts by its content."""
    listed = tmp_path / "requirements.txt"
    listed.write_text("", encoding="utf-8")
    environments = Environments(tmp_path, uv=counted)
    text = conda_file(wheels, f"-r {listed}")
    before = environments.interpreter({"condaFile": text})
    listed.write_text("greeting", encoding="utf-8")
    after = environments.interpreter({"condaFile": text})
    assert before != after
    assert printed(after, "import greeting; print(greeting.TEXT)") == "hello"


def test_threads_and_processes_that_want_the_same_build_it_once(tmp_path: Path, wheels: Path, counted: Path) -> None:
    """The others wait and get what the first one built."""
    text = conda_file(wheels, "greeting")
    arguments = [sys.executable, "-c", BUILD, str(tmp_path), str(counted), text]
    others = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    environments = Environments(tmp_path, uv=counted)
    with ThreadPoolExecutor(4) as threads:
        mine = {str(path) for path in threads.map(lambda _: environments.interpreter({"condaFile": text}), range(4))}
    theirs = {other.communicate()[0].strip() for other in others}
    assert len(mine | theirs) == 1
    assert calls(tmp_path) == ["venv", "pip"]


def test_a_build_that_was_killed_is_built_anew(tmp_path: Path, wheels: Path) -> None:
    """Half of an environment is never used, and its uv does not outlive who asked for it."""
    os.mkfifo(tmp_path / "said")
    stuck = script(
        tmp_path / "stuck",
        f'[ "$1" = venv ] && exec {uv.find_uv_bin()} "$@"; exec 3> {tmp_path}/said; echo installing >&3; exec sleep 1000',
    )
    text = conda_file(wheels, "greeting")
    builder = subprocess.Popen([sys.executable, "-c", BUILD, str(tmp_path), str(stuck), text])
    with (tmp_path / "said").open(encoding="utf-8") as said:
        assert said.readline() == "installing\n"
        builder.kill()
        builder.wait()
        # The end comes when nobody holds it open any more.
        assert said.read() == ""
    assert not [*tmp_path.rglob("ready.json")]
    interpreter = Environments(tmp_path).interpreter({"condaFile": text})
    assert printed(interpreter, "import greeting; print(greeting.TEXT)") == "hello"
    assert [*interpreter.parents[2].glob("venv-*")] == [interpreter.parents[1]]


def test_closing_ends_a_build_and_who_waits_for_it(tmp_path: Path, wheels: Path) -> None:
    """Both are told why, and nothing is left running."""
    os.mkfifo(tmp_path / "said")
    stuck = script(tmp_path / "stuck", f"exec 3> {tmp_path}/said; echo begun >&3; exec sleep 1000")
    environments = Environments(tmp_path, uv=stuck)

    def ask() -> str:
        with pytest.raises(EnvironmentBuildError) as caught:
            environments.interpreter({"condaFile": conda_file(wheels, "greeting")})
        return str(caught.value)

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(ask), threads.submit(ask)]
        with (tmp_path / "said").open(encoding="utf-8") as said:
            assert said.readline() == "begun\n"
            environments.close()
            environments.close()
            assert said.read() == ""
        assert {each.result() for each in asked} == {"the environment was not built: its runner was closed"}


def test_a_build_whose_python_is_gone_is_built_anew(tmp_path: Path, wheels: Path, counted: Path) -> None:
    """An upgrade of Python leaves virtual environments behind that begin nothing."""
    environments = Environments(tmp_path, uv=counted)
    environment = {"condaFile": conda_file(wheels, "greeting")}
    before = environments.interpreter(environment)
    before.unlink()
    before.symlink_to(tmp_path / "gone")
    assert printed(environments.interpreter(environment), "import greeting; print(greeting.TEXT)") == "hello"
    assert calls(tmp_path) == ["venv", "pip"] * 2


def test_a_requirement_that_nobody_has_is_said_in_the_words_of_uv(tmp_path: Path, wheels: Path) -> None:
    """With the log and what to do; once it is there, it is built."""
    environments = Environments(tmp_path)
    environment = {"condaFile": conda_file(wheels, "greeting==2.0")}
    with pytest.raises(EnvironmentBuildError, match=r"greeting==2\.0") as caught:
        environments.interpreter(environment)
    (log,) = tmp_path.rglob("build.log")
    assert str(log) in str(caught.value)
    assert "Correct its requirements" in str(caught.value)
    assert "greeting==2.0" in log.read_text(encoding="utf-8")
    assert not [*tmp_path.rglob("venv-*")]
    add_wheel(wheels, "2.0")
    assert environments.interpreter(environment).exists()


def test_a_package_that_only_conda_has_is_named(tmp_path: Path, wheels: Path) -> None:
    """The error says that it may be none of Python's."""
    with pytest.raises(EnvironmentBuildError, match="a package of conda only"):
        Environments(tmp_path).interpreter({"condaFile": conda_file(wheels, dependencies="samtools=1.9, ")})


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The job does not run in another one."""
    with pytest.raises(EnvironmentBuildError, match=r"Install Python 3\.99"):
        Environments(tmp_path).interpreter({"condaFile": "dependencies: [python=3.99]"})


def test_another_patch_of_the_python_will_do_with_a_note(tmp_path: Path) -> None:
    """Who asks for 3.11.99 gets the 3.11 that is there, and is told."""
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = {"condaFile": f"dependencies: [python={minor}.99]"}
    prepared = Environments(tmp_path).prepared(environment)
    assert prepared.notes == (f"Python {minor}.99 is not to be had here: it is another {minor}",)
    assert printed(prepared.interpreter, "import platform; print(platform.python_version())").startswith(f"{minor}.")
    assert Environments(tmp_path).prepared(environment) == prepared


def test_without_uv_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with an extra."""
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentBuildError, match=r"pip install 'mlsdk\[local\]'"):
        Environments(tmp_path).interpreter({"condaFile": "dependencies: []"})


def test_uv_is_found_where_it_was_installed_by_itself(
    tmp_path: Path, counted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package of Python is not needed then."""
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", f"{counted.parent}:{os.environ['PATH']}")
    Environments(tmp_path).interpreter({"condaFile": "dependencies: []"})
    assert calls(tmp_path) == ["venv"]


def test_an_index_that_is_not_reached_is_said_without_its_password(tmp_path: Path) -> None:
    """The password is in no error, no log and no other file."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        text = json.dumps(
            [f"--index-url http://me:hunter22@{address}/simple", f"-c http://hunter33@{address}/c.txt", "six"]
        )
        with pytest.raises(EnvironmentBuildError, match="cannot be reached") as caught:
            Environments(tmp_path).interpreter({"condaFile": f"dependencies: [{{pip: {text}}}]"})
    for secret in ("hunter22", "hunter33"):
        assert secret not in str(caught.value)
        assert secret not in all_text(tmp_path / "environments")
    assert "--index-url http://***@127.0.0.1" in all_text(tmp_path / "environments")


def test_a_variable_in_an_address_stays_secret(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${TOKEN}` is put in by uv, and what it says is shown without."""
    monkeypatch.setenv("WHEELS_TOKEN", "hunter22")
    said = script(
        tmp_path / "said", f'[ "$1" = venv ] && exec {uv.find_uv_bin()} "$@"; echo "no hunter22 here"; exit 2'
    )
    text = conda_file(wheels, "six @ http://127.0.0.1/${WHEELS_TOKEN}/six.whl")
    with pytest.raises(EnvironmentBuildError, match=r"no \*\*\* here"):
        Environments(tmp_path, uv=said).interpreter({"condaFile": text})
    assert "hunter22" not in all_text(tmp_path / "environments")


def test_a_secret_that_changed_builds_nothing_anew(tmp_path: Path, counted: Path) -> None:
    """A token is no part of what is installed."""
    environments = Environments(tmp_path, uv=counted)
    for token in ("one", "two"):
        lines = json.dumps([f"--index-url https://me:{token}@wheels.example/simple"])
        environments.interpreter({"condaFile": f"dependencies: [{{pip: {lines}}}]"})
    assert calls(tmp_path) == ["venv", "pip"]


def test_packages_installed_from_an_address_with_a_password_do_not_keep_it(tmp_path: Path, wheels: Path) -> None:
    """No file of the environment has it."""
    import http.server

    class Serving(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(wheels))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serving) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            place = f"http://me:hunter22@127.0.0.1:{server.server_port}/greeting-1.0-py3-none-any.whl"
            text = json.dumps([f"greeting @ {place}"])
            interpreter = Environments(tmp_path).interpreter({"condaFile": f"dependencies: [{{pip: {text}}}]"})
        finally:
            server.shutdown()
    assert printed(interpreter, "import greeting; print(greeting.TEXT)") == "hello"
    assert "hunter22" not in all_text(tmp_path / "environments")


def test_an_environment_of_an_image_alone_runs_here_with_a_note(tmp_path: Path) -> None:
    """Its packages are in the image, and only a container has those."""
    environments = Environments(tmp_path)
    prepared = environments.prepared({"image": "mcr.microsoft.com/azureml/curated/sklearn-1.5"})
    assert prepared.interpreter == Path(sys.executable)
    assert "sklearn-1.5" in prepared.notes[0]
    assert "container" in prepared.notes[0]
    assert "Dockerfile" in environments.prepared({"build": {"contextUri": "https://x.example/c"}}).notes[0]
    assert environments.prepared(None).notes == ()


def test_what_is_wrong_with_the_file_is_the_error(tmp_path: Path) -> None:
    """No uv is needed to see it."""
    with pytest.raises(EnvironmentBuildError, match="absolute path"):
        Environments(tmp_path, uv=tmp_path / "none").interpreter({"condaFile": "dependencies: [{pip: ['-r a.txt']}]"})


def test_an_interrupt_from_the_keyboard_ends_the_build(tmp_path: Path, wheels: Path) -> None:
    """Neither uv nor half of an environment is left."""
    os.mkfifo(tmp_path / "said")
    stuck = script(
        tmp_path / "stuck",
        f'[ "$1" = venv ] && exec {uv.find_uv_bin()} "$@"; exec 3> {tmp_path}/said; echo installing >&3; exec sleep 1000',
    )
    arguments = [sys.executable, "-c", BUILD, str(tmp_path), str(stuck), conda_file(wheels, "greeting")]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as builder, (tmp_path / "said").open("rb") as said:
        assert said.readline() == b"installing\n"
        builder.send_signal(signal.SIGINT)
        assert said.read() == b""
    assert not [*tmp_path.rglob("venv-*")]

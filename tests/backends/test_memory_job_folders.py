"""What a job leaves on this machine's disk, as the storage of its workspace and run history show it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from mlsdk.backends.memory import JobOutcome, job_files, job_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from mlsdk.backends.memory.state import Resource

NOW = 1.0
FOLDER = {"jobOutputType": "uri_folder"}


@pytest.fixture
def job(azure: Any) -> Resource:
    """A job with an output of each kind."""
    outputs = {"out": FOLDER, "file": {"jobOutputType": "uri_file"}}
    properties = {"jobType": "Command", "command": "ls", "environmentId": "azureml:AzureML-sklearn-1.5:1"}
    azure.backend.run_jobs_with(lambda _: JobOutcome())
    azure.put("jobs/j", {"properties": {**properties, "outputs": outputs}})
    found = azure.backend.find(f"{azure.workspace}/jobs/j")
    assert found is not None
    return found


def tree(folder: Path, **files: str) -> Path:
    """A folder with these files; `__` stands for `/`."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def stored(azure: Any, name: str) -> dict[str, bytes]:
    """What is kept at an output, by path below it."""
    datastore = azure.get("datastores/workspaceblobstore")["properties"]
    container = azure.backend.container(
        f"https://{datastore['accountName']}.blob.core.windows.net/{datastore['containerName']}"
    )
    begin = f"azureml/j/{name}"
    return {info.name[len(begin) :]: container.get(info.name) for info in container.list(begin)}


def given(azure: Any, job: Resource, uri: str, type_: str = "uri_folder") -> Any:
    """What another job is given of this one."""
    return job_inputs.given_input(azure.backend, job.parent or job, "x", uri, type_)


def test_an_output_is_the_folder_on_disk(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Every file below it is at the output's place; the next job gets the folder itself."""
    out = tree(tmp_path / "out", model="m", parts__1="one", parts__2="two")
    assert job_files.link_output(azure.backend.state, job, "out", out, NOW) == []
    assert stored(azure, "out/") == {"model": b"m", "parts/1": b"one", "parts/2": b"two"}
    whole = given(azure, job, "azureml://jobs/j/outputs/out")
    assert (whole.folder, whole.is_file, sorted(whole.files)) == (out, False, ["model", "parts/1", "parts/2"])
    below = given(azure, job, "azureml://jobs/j/outputs/out/paths/parts")
    assert below.folder == out / "parts"
    one = given(azure, job, "azureml://jobs/j/outputs/out/paths/parts/1", "uri_file")
    assert (one.is_file, one.folder, [file.path for file in one.files.values()]) == (True, None, [out / "parts" / "1"])


def test_an_output_that_is_a_file_takes_the_name_of_its_place(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Whatever it is called on disk."""
    tree(tmp_path, prediction="0.5")
    assert job_files.link_output(azure.backend.state, job, "file", tmp_path / "prediction", NOW) == []
    assert stored(azure, "file") == {"": b"0.5"}
    found = given(azure, job, "azureml://jobs/j/outputs/file", "uri_file")
    assert (found.is_file, list(found.files)) == (True, ["file"])


def test_an_empty_folder_is_an_output_too(azure: Any, job: Resource, tmp_path: Path) -> None:
    """The next job gets an empty folder, not an error."""
    (tmp_path / "out").mkdir()
    job_files.link_output(azure.backend.state, job, "out", tmp_path / "out", NOW)
    found = given(azure, job, "azureml://jobs/j/outputs/out")
    assert (found.files, found.is_file) == ({}, False)


def test_links_are_followed_only_where_they_stay_inside(azure: Any, job: Resource, tmp_path: Path) -> None:
    """All that cannot be kept is left out and named: nothing outside of the folder is read by it."""
    secret = tree(tmp_path / "elsewhere", secret="s")
    out = tree(tmp_path / "out", runs__1__model="m")
    (out / "latest").symlink_to("runs/1")
    (out / "model").symlink_to(out / "runs" / "1" / "model")
    (out / "stolen").symlink_to(secret / "secret")
    (out / "stolen folder").symlink_to(secret)
    (out / "broken").symlink_to("nowhere")
    (out / "runs" / "circle").symlink_to(out)
    os.mkfifo(out / "pipe")
    left_out = job_files.link_output(azure.backend.state, job, "out", out, NOW)
    assert stored(azure, "out/") == {"runs/1/model": b"m", "latest/model": b"m", "model": b"m"}
    assert len(left_out) == 5
    assert f"'{out / 'stolen'}' was left out: it is a symbolic link that leads out of the folder." in left_out
    assert f"'{out / 'pipe'}' was left out: it is neither a file nor a folder." in left_out
    assert any("circle" in each and "leads back to a folder it is in" in each for each in left_out)
    assert given(azure, job, "azureml://jobs/j/outputs/out").folder is None


def test_a_folder_that_is_not_exactly_what_is_stored_is_not_given_as_one(
    azure: Any, job: Resource, tmp_path: Path
) -> None:
    """Neither where a file was deleted in the storage, nor where one was put beside the others; the identity tells too."""
    out = tree(tmp_path / "out", a="1", b="2")
    state = azure.backend.state
    job_files.link_output(state, job, "out", out, NOW)
    whole = given(azure, job, "azureml://jobs/j/outputs/out")
    files = state.accounts[azure.get("datastores/workspaceblobstore")["properties"]["accountName"]]
    container = next(kept for name, kept in files.containers.items() if name.startswith("blob/azureml-blobstore"))
    container.remove("azureml/j/out/b")
    part = given(azure, job, "azureml://jobs/j/outputs/out")
    assert (part.folder, list(part.files)) == (None, ["a"])
    container.put("azureml/j/out/b", b"2", {}, NOW)
    mixed = given(azure, job, "azureml://jobs/j/outputs/out")
    assert (mixed.folder, mixed.files["b"].path) == (None, None)
    assert len({whole.identity, part.identity, mixed.identity}) == 3


def test_what_was_linked_with_an_origin_is_known_by_it(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Equal wherever it is linked, other than what has another origin; without one it is known by the file on disk."""
    state = azure.backend.state
    identities = []
    for name, origin in (("one", "run-1/out"), ("two", "run-1/out"), ("three", "run-2/out"), ("four", "")):
        out = tree(tmp_path / name, a="1", b="2")
        job_files.link_output(state, job, "out", out, NOW, origin=origin)
        identities.append(given(azure, job, "azureml://jobs/j/outputs/out").identity)
    assert identities[0] == identities[1]
    assert len(set(identities)) == 3
    (tmp_path / "four" / "a").write_text("other")
    assert given(azure, job, "azureml://jobs/j/outputs/out").identity != identities[3]


def test_logs_are_named_by_run_history_as_soon_as_they_are_there(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Each with a signed address that reads it while it grows; those of several processes, too."""
    names = [f"user_logs/std_log_process_{rank}.txt" for rank in range(2)]
    logs = {name: tmp_path / name.rpartition("/")[2] for name in names}
    container = job_files.logs_of(azure.backend.state, job, NOW)
    job_files.link_logs(azure.backend.state, job, logs, NOW)
    history = f"https://eastus.api.azureml.ms/history/v1.0{azure.workspace}/runs/j/details"
    assert not set(names) & set(azure.get(history)["logFiles"])
    logs[names[0]].write_text("epoch 1\n")
    found = azure.get(history)["logFiles"]
    assert list(found) == names[:1]
    with logs[names[0]].open("a") as stream:
        stream.write("epoch 2\n")
    reply = azure.backend.serve("GET", found[names[0]], {})
    assert (reply.status, reply.body) == (200, b"epoch 1\nepoch 2\n")
    assert reply.headers["content-type"] == "text/plain"
    assert names[0] not in container


def test_the_jobs_own_files(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Under the paths they are given by; a folder brings all that is in it, and what is not there is named."""
    files = tree(tmp_path, outputs__model="m", chart="c")
    linked = {"outputs": files / "outputs", "images/chart": files / "chart", "gone": files / "gone"}
    assert job_files.link_files(azure.backend.state, job, linked, NOW) == [
        f"'{files / 'gone'}' was left out: there is no file."
    ]
    found = given(azure, job, "azureml://jobs/j/outputs/artifacts/paths/outputs/model", "uri_file")
    with found.files["model"].open() as stream:
        assert stream.read() == b"m"
    assert given(azure, job, "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.j/images").files


def test_storage_that_is_gone_is_told_before(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Nothing is linked then, and the sentence says which output it is."""
    assert job_files.unreachable(azure.backend.state, job, ["out"]) is None
    azure.backend.state.accounts.clear()
    message = job_files.unreachable(azure.backend.state, job, ["out"])
    assert message is not None
    assert "Output 'out' cannot be written: the storage behind" in message
    assert job_files.link_output(azure.backend.state, job, "out", tree(tmp_path, a="1"), NOW) == []
    assert job_files.link_files(azure.backend.state, job, {"a": tmp_path / "a"}, NOW) == []
    job_files.link_logs(azure.backend.state, job, {"a": tmp_path / "a"}, NOW)


def test_many_files_stay_in_the_order_of_their_names(azure: Any, job: Resource, tmp_path: Path) -> None:
    """Also those that are linked after somebody has listed them."""
    for part in ("first", "second"):
        out = tree(tmp_path / part, **{f"{part}{number:03}": "" for number in range(300)})
        job_files.link_output(azure.backend.state, job, "out", out, NOW)
        names = list(stored(azure, "out/"))
        assert names == sorted(names)
    assert len(names) == 600

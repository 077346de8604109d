"""What an input, code or environment of a job stands for, in every form in which bodies name it."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from azure_servers import serving

from mlsdk.backends.memory import MemoryBackend, job_inputs
from mlsdk.backends.memory.job_downloads import JobInputError
from mlsdk.testing import azure_ml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsdk.local.work import Given

STORE = "azureml://datastores/workspaceblobstore/paths"


class Workspace:
    """A workspace with a file and a folder in its default datastore, and what jobs there are given."""

    def __init__(self, wire: Any) -> None:
        self.wire, self.backend = wire, wire.backend
        datastore = wire.get("datastores/workspaceblobstore")["properties"]
        self.account, self.container = datastore["accountName"], datastore["containerName"]
        self.put(**{"data/a.csv": b"a", "data/sub/b.csv": b"bb", "one.csv": b"1"})

    def put(self, **files: bytes) -> None:
        """Upload files."""
        container = self.backend.container(f"https://{self.account}.blob.core.windows.net/{self.container}")
        for name, content in files.items():
            container.put(name, BytesIO(content), overwrite=True)

    @property
    def resource(self) -> Any:
        """The stored workspace."""
        return self.backend.find(self.wire.workspace)

    def __call__(self, uri: str, type_: str = "uri_folder", **options: Any) -> Given:
        """What an input stands for."""
        return job_inputs.given_input(self.backend, self.resource, "x", uri, type_, **options)

    def refusal(self, uri: str, type_: str = "uri_folder", **options: Any) -> str:
        """Why an input cannot be given."""
        with pytest.raises(JobInputError) as caught:
            self(uri, type_, **options)
        return str(caught.value)


@pytest.fixture
def workspace(azure: Any) -> Workspace:
    """A workspace with some data."""
    return Workspace(azure)


def contents(given: Given) -> dict[str, bytes]:
    """What is given, by path."""
    found = {}
    for path, file in given.files.items():
        with file.open() as stream:
            found[path] = stream.read()
        assert file.size == len(found[path])
    return found


def test_places_in_datastores(workspace: Workspace) -> None:
    """Short and long, with the word `paths` and without, a folder with a slash at its end and without, and a file."""
    home = "azureml://subscriptions/sub/resourcegroups/rg/workspaces/ws/datastores/workspaceblobstore/paths"
    folder = {"a.csv": b"a", "sub/b.csv": b"bb"}
    for uri in (f"{STORE}/data", f"{STORE}/data/", f"{home}/data/", f"{STORE.removesuffix('/paths')}/data"):
        given = workspace(uri)
        assert (contents(given), given.is_file, given.folder) == (folder, False, None)
    given = workspace(f"{STORE}/one.csv", "uri_file")
    assert (contents(given), given.is_file) == ({"one.csv": b"1"}, True)
    assert set(contents(workspace(f"{STORE}/"))) == {"data/a.csv", "data/sub/b.csv", "one.csv"}


def test_the_same_content_has_the_same_identity(workspace: Workspace) -> None:
    """Wherever it is; another content, another name, and one file more have another one."""
    workspace.put(**{"copy/a.csv": b"a", "copy/sub/b.csv": b"bb", "other/a.csv": b"A", "other/sub/b.csv": b"bb"})
    workspace.put(**{"named/c.csv": b"a", "named/sub/b.csv": b"bb", "more/a.csv": b"a", "more/sub/b.csv": b"bb"})
    workspace.put(**{"more/c": b""})
    first = workspace(f"{STORE}/data").identity
    assert workspace(f"{STORE}/copy").identity == first
    others = {workspace(f"{STORE}/{name}").identity for name in ("other", "named", "more", "data/sub")}
    assert len({first, *others}) == 5


def test_files_without_an_md5_are_told_by_their_bytes(workspace: Workspace) -> None:
    """Those that were uploaded in blocks have none unless the client says it."""
    workspace.put(x=b"x")
    before = workspace(f"{STORE}/x", "uri_file").identity
    url = f"https://{workspace.account}.blob.core.windows.net/{workspace.container}/x"
    signed = {"authorization": "Bearer token"}
    workspace.backend.serve("PUT", f"{url}?comp=properties", signed)
    assert workspace(f"{STORE}/x", "uri_file").identity == before


def test_versions_of_assets(workspace: Workspace) -> None:
    """Data and models are named by their ids, short or with a label; the type of the version goes before the input's."""
    wire = workspace.wire
    wire.put("data/d/versions/1", {"properties": {"dataUri": f"{STORE}/data/", "dataType": "uri_folder"}})
    wire.put("data/d/versions/2", {"properties": {"dataUri": f"{STORE}/one.csv", "dataType": "uri_file"}})
    wire.put("models/m/versions/1", {"properties": {"modelUri": f"{STORE}/data", "modelType": "mlflow_model"}})
    ids = f"{wire.workspace}/data/d/versions/"
    for uri in (f"{ids}1", f"azureml:{ids}1", "azureml:d:1", "d:1", f"{wire.workspace.upper()}/data/d/versions/1"):
        assert set(contents(workspace(uri, "uri_file"))) == {"a.csv", "sub/b.csv"}
    for uri in (f"{ids}2", "azureml:d@latest", f"{wire.workspace}/data/d/labels/latest"):
        assert workspace(uri, "uri_folder").is_file
    assert set(contents(workspace("azureml:m:1", "mlflow_model"))) == {"a.csv", "sub/b.csv"}


def test_a_model_of_no_format_is_what_is_there(workspace: Workspace) -> None:
    """A file or a folder."""
    assert workspace(f"{STORE}/one.csv", "custom_model").is_file
    assert not workspace(f"{STORE}/data", "custom_model").is_file


def test_assets_of_registries(workspace: Workspace) -> None:
    """Their files are in the registry's own storage."""
    workspace.backend.add_registry("reg")
    reference = workspace.wire.post("/".join((
        f"{workspace.backend.registry('reg').id}", "data", "d", "versions", "1", "startPendingUpload"))
    )["blobReferenceForConsumption"]  # fmt: skip
    container = workspace.backend.container(reference["credential"]["sasUri"])
    container.put("up/x.csv", BytesIO(b"x"))
    body = {"properties": {"dataUri": f"{reference['blobUri']}/up/", "dataType": "uri_folder"}}
    workspace.wire.put(f"{workspace.backend.registry('reg').id}/data/d/versions/1", body)
    assert contents(workspace("azureml://registries/reg/data/d/versions/1")) == {"x.csv": b"x"}
    assert contents(workspace("azureml://registries/reg/data/d/labels/latest")) == {"x.csv": b"x"}
    assert "there is no data asset" in workspace.refusal("azureml://registries/none/data/d/versions/1")


@pytest.mark.parametrize(
    "address",
    [
        "https://account.blob.core.windows.net/con/data",
        "https://account.blob.core.windows.net/con/data/?sv=1&sig=abc",
        "https://account.dfs.core.windows.net/con/data",
        "wasbs://con@account.blob.core.windows.net/data",
        "abfss://con@account.dfs.core.windows.net/data/",
    ],
)
def test_storage_accounts_that_are_known_here(workspace: Workspace, address: str) -> None:
    """Addresses of blobs and of the data lake, and as Hadoop writes them, need no download."""
    workspace.backend.add_storage_account("account", containers=["con"])
    workspace.backend.container("https://account.blob.core.windows.net/con").put("data/a b.csv", BytesIO(b"x"))
    assert contents(workspace(address)) == {"a b.csv": b"x"}
    assert contents(workspace(f"{address.partition('?')[0].rstrip('/')}/a%20b.csv", "uri_file")) == {"a b.csv": b"x"}


def test_folders_of_a_data_lake_are_no_files(workspace: Workspace) -> None:
    """Where folders are real they are not given beside what is in them."""
    workspace.backend.add_storage_account("lake", containers=["fs"], hierarchical=True)
    workspace.backend.container("https://lake.blob.core.windows.net/fs").put("a/b/c", BytesIO(b"c"))
    properties = {"datastoreType": "AzureDataLakeGen2", "accountName": "lake", "filesystem": "fs"}
    workspace.wire.put("datastores/lake", {"properties": {**properties, "credentials": {"credentialsType": "None"}}})
    assert contents(workspace("azureml://datastores/lake/paths/a")) == {"b/c": b"c"}


def test_paths_of_this_machine(workspace: Workspace, tmp_path: Path) -> None:
    """Also as an address; a folder is given as it is, and known by what is in it."""
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "a.csv").write_bytes(b"a")
    (tmp_path / "my data" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"e")
    for uri in (f"{tmp_path}/my data", f"{tmp_path}/my data/", (tmp_path / "my data").as_uri()):
        given = workspace(uri)
        assert (contents(given), given.folder) == ({"a.csv": b"a", "link": b"e"}, tmp_path / "my data")
    given = workspace(f"{tmp_path}/my data/a.csv", "uri_file")
    assert (given.is_file, contents(given)) == (True, {"a.csv": b"a"})
    before = given.identity
    (tmp_path / "my data" / "a.csv").write_bytes(b"ab")
    assert workspace(f"{tmp_path}/my data/a.csv", "uri_file").identity != before
    (tmp_path / "elsewhere").unlink()
    assert "'link' cannot be given" in workspace.refusal(f"{tmp_path}/my data").replace(f"{tmp_path}/my data/", "")


@pytest.mark.parametrize(
    ("uri", "type_", "message"),
    [
        (f"{STORE}/z", "uri_folder", "the datastore 'workspaceblobstore' has no file or folder at 'z'; check the path"),
        (f"{STORE}/data", "uri_file", "has a folder at 'data', but a uri_file is a file; declare it as uri_folder"),
        (f"{STORE}/one.csv", "mltable", "has a file at 'one.csv', but a mltable is a folder; declare it as uri_file"),
        ("azureml://datastores/none/paths/z", "uri_folder", "the workspace 'ws' has no datastore 'none'"),
        ("azureml:none:1", "uri_folder", "there is no data asset 'azureml:none:1'; register it"),
        ("azureml:none", "mlflow_model", "there is no model 'azureml:none'"),
        ("azureml:/subscriptions/s/x/y", "uri_folder", "nothing is known of 'x'"),
        ("azureml://jobs/none/outputs/out", "uri_folder", "Job 'none' not found"),
        ("/no/such/file", "uri_file", "this machine has no file or folder at '/no/such/file'"),
        ("s3://bucket/x?key=secret", "uri_file", "'s3://bucket/x' cannot be read here: nothing is known of 's3://'"),
        (
            "https://elsewhere.example/x?sig=secret",
            "uri_file",
            "'https://elsewhere.example/x' is outside of this Azure",
        ),
    ],
)
def test_what_is_not_there_is_told(workspace: Workspace, uri: str, type_: str, message: str) -> None:
    """In one sentence that names the input, the place, and what to do."""
    told = workspace.refusal(uri, type_)
    assert told.startswith("input 'x': ")
    assert told.endswith(".")
    assert message in told
    assert "secret" not in told


def test_a_datastore_whose_storage_is_elsewhere(workspace: Workspace) -> None:
    """What would make it is said."""
    properties = {"datastoreType": "AzureBlob", "accountName": "far", "containerName": "con"}
    workspace.wire.put("datastores/far", {"properties": {**properties, "credentials": {"credentialsType": "None"}}})
    told = workspace.refusal("azureml://datastores/far/paths/x")
    assert "backend.add_storage_account('far', containers=['con']) makes it" in told


@pytest.mark.parametrize("names", [["../up"], ["a//b"], ["a", "a/b"], ["a", "a/b/c"], ["./a"]])
def test_names_that_a_machine_cannot_have(workspace: Workspace, names: list[str]) -> None:
    """Nothing is ever put outside of the folder of an input."""
    workspace.put(**{f"odd/{name}": b"x" for name in names})
    assert "cannot" in workspace.refusal(f"{STORE}/odd")


def test_code_and_environments(workspace: Workspace) -> None:
    """The snapshot behind `codeId`, the properties of an environment's version, the folder that it is built from."""
    wire, backend, home = workspace.wire, workspace.backend, workspace.resource
    address = f"https://{workspace.account}.blob.core.windows.net/{workspace.container}/data"
    wire.put("codes/c/versions/1", {"properties": {"codeUri": address}})
    wire.put("environments/e/versions/1", {"properties": {"image": "ubuntu", "condaFile": "name: e"}})
    wire.put("environments/b/versions/1", {"properties": {"build": {"contextUri": address}}})
    for reference in ("azureml:c:1", f"{wire.workspace}/codes/c/versions/1"):
        assert set(contents(job_inputs.given_code(backend, home, reference))) == {"a.csv", "sub/b.csv"}
    with pytest.raises(JobInputError, match="the job's code: there is no 'azureml:c:2'"):
        job_inputs.given_code(backend, home, "azureml:c:2")
    plain = job_inputs.environment(backend, home, "azureml:e@latest")
    assert plain is not None
    assert (plain["image"], plain["condaFile"]) == ("ubuntu", "name: e")
    assert job_inputs.given_context(backend, home, plain) is None
    built = job_inputs.environment(backend, home, f"{wire.workspace}/environments/b/versions/1")
    assert built is not None
    context = job_inputs.given_context(backend, home, built)
    assert context is not None
    assert set(contents(context)) == {"a.csv", "sub/b.csv"}
    assert job_inputs.environment(backend, home, "azureml:none:1") is None
    curated = job_inputs.environment(
        backend, home, "azureml://registries/azureml/environments/sklearn-1.5/labels/latest"
    )
    assert curated is not None


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a server that has `/iris.csv` and breaks `/broken.csv` off."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path not in ("/iris.csv", "/broken.csv"):
                self.send_error(403)
                return
            self.send_response(200)
            self.send_header("Content-Length", "3" if path == "/iris.csv" else "30")
            self.end_headers()
            self.wfile.write(b"5.1")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_other_addresses_are_downloaded(workspace: Workspace, web: str, tmp_path: Path) -> None:
    """Into the folder that is given; the content tells its identity."""
    made: list[Path] = []

    def downloads() -> Path:
        made.append(tmp_path / str(len(made)))
        return made[-1]

    first, second = (workspace(f"{web}/iris.csv?sig=x", "uri_file", downloads=downloads) for _ in range(2))
    assert (first.is_file, contents(first)) == (True, {"iris.csv": b"5.1"})
    assert [file.path for file in second.files.values()] == [made[1] / "iris.csv"]
    assert first.identity == second.identity
    workspace(f"{STORE}/data", downloads=downloads)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("path", "type_", "message"),
    [
        ("/none.csv", "uri_file", "could not be downloaded (HTTP 403 Forbidden); download it yourself"),
        ("/broken.csv", "uri_file", "could not be downloaded (("),
        ("/iris.csv", "uri_folder", "cannot be downloaded as a folder"),
    ],
)
def test_a_download_that_fails_is_told(
    workspace: Workspace, web: str, tmp_path: Path, path: str, type_: str, message: str
) -> None:
    """With the address, but not with what may open it; nothing half-written is left."""
    told = workspace.refusal(f"{web}{path}?sig=secret", type_, downloads=lambda: tmp_path)
    assert f"'{web}{path}'" in told
    assert "secret" not in told
    assert list(tmp_path.iterdir()) == []
    if path != "/broken.csv":
        assert message in told


def test_no_network_is_told(workspace: Workspace, tmp_path: Path) -> None:
    """As a download that failed."""
    told = workspace.refusal("http://127.0.0.1:9/x.csv?sig=secret", "uri_file", downloads=lambda: tmp_path)
    assert "'http://127.0.0.1:9/x.csv' could not be downloaded" in told
    assert "secret" not in told


def test_a_folder_of_a_public_container_is_downloaded(workspace: Workspace, tmp_path: Path) -> None:
    """Every blob below the address, with the folders between; what only stands for a folder is none."""
    other = MemoryBackend()
    other.add_storage_account("public", containers=["data"], sas=["sv=1&sig=abc"])
    container = other.container("https://public.blob.core.windows.net/data")
    container.put("set", BytesIO(b""), metadata={"hdi_isfolder": "true"})
    container.put("set/sub", BytesIO(b""), metadata={"hdi_isfolder": "true"})
    container.put("set/sub/b.csv", BytesIO(b"bb"))
    container.put("set/a.csv", BytesIO(b"a"))
    container.put("sets", BytesIO(b"no"))
    address = "https://public.blob.core.windows.net/data/set?sv=1&sig=abc"
    with azure_ml(other):
        given = workspace(address, downloads=lambda: tmp_path / "in")
        told = workspace.refusal(address.replace("set", "none"), downloads=lambda: tmp_path / "none")
    assert (contents(given), given.folder) == ({"a.csv": b"a", "sub/b.csv": b"bb"}, tmp_path / "in")
    assert (
        "'https://public.blob.core.windows.net/data/none' could not be downloaded (there is no file below it)" in told
    )


def test_a_large_file_is_not_read_to_be_known(workspace: Workspace, tmp_path: Path) -> None:
    """Only its size and the time it was written: 10 GB cost nothing."""
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(10 << 30)
    given = workspace(str(tmp_path / "large"), "uri_file")
    assert [file.size for file in given.files.values()] == [10 << 30]
    assert given.identity != hashlib.sha256(b"").hexdigest()

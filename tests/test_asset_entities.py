"""Models, data, environments, code and datastores as Python objects: what a user sees of them."""

from __future__ import annotations

import copy
import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import mlsdk
from mlsdk.entities import (
    AccountKeyConfiguration,
    AzureBlobDatastore,
    AzureDataLakeGen2Datastore,
    BuildContext,
    CertificateConfiguration,
    Code,
    Data,
    Datastore,
    Environment,
    Model,
    NoneCredentialConfiguration,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)
from mlsdk.exceptions import ValidationException

if TYPE_CHECKING:
    from pathlib import Path

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
BLOB: dict[str, Any] = {"name": "raw", "account_name": "acct", "container_name": "c"}


def _answer(path: str, **properties: Any) -> dict[str, Any]:
    return {"id": f"{ID}/{path}", "name": path.rpartition("/")[2], "properties": properties}


# -- names, versions, paths --------------------------------------------------------------------------------------
def test_a_model_without_a_name_keeps_none_and_is_anonymous() -> None:
    """The name comes from the content, when the files are read."""
    model = Model(path="m")
    assert (model.name, model.version) == (None, None)
    assert mlsdk.to_wire(model)["properties"]["isAnonymous"] is True


@pytest.mark.parametrize("make", [Model, Data, Environment, Code])
def test_a_version_without_a_name_is_refused(make: Any) -> None:
    """A version of nothing cannot be meant."""
    with pytest.raises(ValidationException, match="needs a name"):
        make(version="1")


def test_a_version_is_text_also_when_a_number_is_given() -> None:
    """`version=3` and `version="3"` are the same version."""
    assert Model(name="n", version=3).version == "3"  # type: ignore[arg-type]


def test_a_local_path_is_absolute_at_construction_and_on_assignment(tmp_path: Path) -> None:
    """What a relative path means does not change when the current folder does."""
    model = Model(name="n", path="m", base_path=str(tmp_path))
    assert model.path == str(tmp_path / "m")
    model.path = "other/../k"
    assert model.path == str(tmp_path / "k")


@pytest.mark.parametrize("path", ["azureml://datastores/d/paths/p/", "https://x/y/", "runs:/r/model", "/a/b"])
def test_an_address_stays_as_it_was_written(path: str) -> None:
    """Only what is on this machine is made absolute."""
    assert Model(name="n", path=path).path == path


def test_the_folder_of_data_ends_without_a_slash(tmp_path: Path) -> None:
    """`folder` and `folder/` are the same folder; an address keeps its slash."""
    assert Data(name="n", path=f"{tmp_path}/").path == str(tmp_path)
    assert Data(name="n", path="https://x/y/").path == "https://x/y/"


def test_tags_are_an_asset_s_own() -> None:
    """A mapping that several assets were made from is not shared by them."""
    given = {"a": "b"}
    model = Model(name="n", tags=given)
    model.tags["c"] = "d"
    assert given == {"a": "b"}


def test_name_and_version_come_from_the_id() -> None:
    """A version's body calls itself by its version; what it is a version of is in its id."""
    model = mlsdk.from_wire(Model, _answer("models/credit/versions/3", modelType="custom_model"))
    assert (model.name, model.version) == ("credit", "3")
    container = mlsdk.from_wire(Model, _answer("models/credit", latestVersion="7"))
    assert (container.name, container.version, container.latest_version) == ("credit", None, "7")


def test_equal_assets_are_equal_by_value() -> None:
    """Two assets of the same name, version and content are the same, whatever folder they were loaded from."""
    assert Data(name="n", path="/a") == Data(name="n", path="/a", base_path="/elsewhere")
    assert Data(name="n", path="/a") != Data(name="n", path="/b")


def test_data_of_an_unknown_type_is_refused_when_it_is_sent() -> None:
    """The service has three types of data."""
    with pytest.raises(ValidationException, match="uri_file, uri_folder, mltable"):
        mlsdk.to_wire(Data(name="n", path="/a", type="uri_table"))


# -- environments ------------------------------------------------------------------------------------------------
def test_a_conda_file_is_read_at_construction(tmp_path: Path) -> None:
    """Later changes of the file do not change the environment."""
    file = tmp_path / "conda.yml"
    file.write_text("dependencies: [python=3.10]\n")
    environment = Environment(name="n", image="i", conda_file="conda.yml", base_path=str(tmp_path))
    file.write_text("dependencies: [python=3.12]\n")
    assert environment.conda_file == {"dependencies": ["python=3.10"]}


def test_a_conda_file_is_read_on_assignment(tmp_path: Path) -> None:
    """An assigned path is read, and the body says what it holds."""
    (tmp_path / "conda.yml").write_text("b: 1\na: 2\n")
    environment = Environment(name="n", image="i", base_path=str(tmp_path))
    environment.conda_file = tmp_path / "conda.yml"
    assert mlsdk.to_wire(environment)["properties"]["condaFile"] == "a: 2\nb: 1\n"


def test_a_conda_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error says which file was looked for, by its whole path."""
    with pytest.raises(ValidationException, match=str(tmp_path / "no.yml")):
        Environment(name="n", image="i", conda_file="no.yml", base_path=str(tmp_path))


def test_a_conda_file_with_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    """The error says where in the conda file the mistake is."""
    (tmp_path / "conda.yml").write_text("name: x\nchannels: [a\n")
    with pytest.raises(ValidationException, match=r"conda\.yml:\d+:\d+: "):
        Environment(name="n", image="i", conda_file="conda.yml", base_path=str(tmp_path))


def test_an_unchanged_conda_file_is_sent_back_as_it_came() -> None:
    """A registered definition is not changed by getting it and putting it back; a change of it is sent."""
    text = "name: x   # why\ndependencies:\n  - python=3.10\n"
    environment = mlsdk.from_wire(Environment, _answer("environments/n/versions/1", image="i", condaFile=text))
    assert mlsdk.to_wire(environment)["properties"]["condaFile"] == text
    assert isinstance(environment.conda_file, dict)
    environment.conda_file["name"] = "y"
    assert mlsdk.to_wire(environment)["properties"]["condaFile"] == "dependencies:\n- python=3.10\nname: y\n"


def test_what_is_no_conda_file_comes_through_unharmed() -> None:
    """A text that cannot be read is the service's own, and is sent back."""
    body = _answer("environments/n/versions/1", image="i", condaFile="[not, a, mapping]")
    assert mlsdk.to_wire(mlsdk.from_wire(Environment, body))["properties"]["condaFile"] == "[not, a, mapping]"


def test_an_environment_needs_an_image_or_a_build_context() -> None:
    """It can be made and shown without, as the official client has it, but not be sent."""
    with pytest.raises(ValidationException, match="needs an image or a build context"):
        mlsdk.to_wire(Environment(name="n"))
    with pytest.raises(ValidationException, match="give one of them"):
        Environment(name="n", image="i", build=BuildContext(path="https://x/y")).validate()


def test_the_anonymous_version_follows_the_definition() -> None:
    """Two anonymous environments have the same version when they hold the same, and another when one is changed."""
    one, other = Environment(image="i"), Environment(image="i")
    assert one.name == "CliV2AnonymousEnvironment"
    assert one.version == other.version
    other.conda_file = {"dependencies": ["python"]}
    assert other.named().version != one.version
    assert other.named().version == Environment(image="i", conda_file={"dependencies": ["python"]}).version


def test_a_build_context_without_a_name_must_be_there(tmp_path: Path) -> None:
    """Its content names the environment, so it is read at once."""
    with pytest.raises(ValidationException, match=str(tmp_path / "docker")):
        Environment(build=BuildContext(path="docker"), base_path=str(tmp_path))


def test_routes_are_read_by_attribute_and_by_key() -> None:
    """The routes of an inference config answer as the dictionary they were given as, and as objects."""
    route = {"port": 5001, "path": "/score"}
    config: Any = Environment(name="n", image="i", inference_config={"scoring_route": route}).inference_config
    assert config.scoring_route.port == config["scoring_route"]["port"] == 5001


def test_the_content_of_a_conda_file_is_not_an_environment() -> None:
    """Who gives the conda file in the place of the environment's is told so."""
    with pytest.raises(ValidationException, match="content of a conda file"):
        mlsdk.load_environment(io.StringIO("name: n\nchannels: [a]\ndependencies: [python]\n"))


# -- datastores --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "credentials",
    [
        AccountKeyConfiguration(account_key="hidden-1"),
        SasTokenConfiguration(sas_token="hidden-1"),
        ServicePrincipalConfiguration(client_secret="hidden-1", tenant_id="t", client_id="c"),
        CertificateConfiguration(certificate="hidden-1", thumbprint="0f"),
    ],
)
def test_secrets_are_not_shown(credentials: Any) -> None:
    """Neither a credential nor the datastore that has it shows its secret; the YAML form keeps it."""
    store = AzureBlobDatastore(**BLOB, credentials=credentials)
    for text in (repr(store), str(store), repr(credentials), str(credentials)):
        assert "hidden-1" not in text
    assert "hidden-1" in str(store.to_dict())


def test_a_refused_secret_is_not_in_the_error() -> None:
    """What is wrong is told without the value, also where a key stands in the place of the credentials."""
    for make in (
        lambda: AccountKeyConfiguration(account_key=["hidden-1"]),  # type: ignore[arg-type]
        lambda: AzureBlobDatastore(**BLOB, credentials="hidden-1"),
        lambda: AzureBlobDatastore(**BLOB, credentials=[{"account_key": "hidden-1"}]),
        lambda: AzureBlobDatastore(**BLOB, credentials={"account_key": {"value": "hidden-1"}}),
    ):
        with pytest.raises(ValidationException, match=r"account_key|credentials") as raised:
            make()
        assert "hidden-1" not in str(raised.value)


@pytest.mark.parametrize(
    "said", ["hidden-1", "[hidden-1]", "{account_key: [hidden-1]}", "{account_key: {a: hidden-1}}"]
)
def test_a_refused_secret_of_a_file_is_not_in_the_error(said: str) -> None:
    """The place is told, not the value."""
    text = f"name: x\ntype: azure_blob\naccount_name: a\ncontainer_name: c\ncredentials: {said}\n"
    with pytest.raises(ValidationException, match=r"5:\d+: credentials") as raised:
        mlsdk.load_datastore(io.StringIO(text))
    assert "hidden-1" not in str(raised.value)


def test_credentials_are_also_mappings() -> None:
    """Code that treats them as dictionaries goes on working."""
    credentials = AccountKeyConfiguration(account_key="k")
    assert credentials["account_key"] == credentials.get("account_key") == "k"
    assert dict(credentials) == {"type": "account_key", "account_key": "k"}
    assert credentials.get("sas_token") is None


def test_credentials_may_be_given_as_a_mapping() -> None:
    """At construction and on assignment."""
    store = AzureBlobDatastore(**BLOB, credentials={"account_key": "k"})
    assert store.credentials == AccountKeyConfiguration(account_key="k")
    store.credentials = {"sas_token": "s"}
    assert store.credentials == SasTokenConfiguration(sas_token="s")


def test_a_mistyped_credential_is_refused_with_the_one_meant() -> None:
    """A mapping that fits no kind of credentials is told what it may have."""
    with pytest.raises(ValidationException, match=r"accountkey: unknown field; did you mean 'account_key'\?"):
        AzureBlobDatastore(**BLOB, credentials={"accountkey": "hidden-1"})
    with pytest.raises(ValidationException, match=r"password: unknown field; known are account_key, .*sas_token"):
        AzureBlobDatastore(**BLOB, credentials={"password": "hidden-1"})


@pytest.mark.parametrize(
    "credentials",
    [AccountKeyConfiguration(account_key="k"), SasTokenConfiguration(sas_token="s"), NoneCredentialConfiguration()],
)
def test_credentials_that_were_made_a_mapping_are_taken_again(credentials: Any) -> None:
    """`dict(credentials)` says their type too."""
    assert AzureBlobDatastore(**BLOB, credentials=dict(credentials)).credentials == credentials
    with pytest.raises(ValidationException, match="type"):
        AzureBlobDatastore(**BLOB, credentials={**credentials, "type": "password"})


def test_a_datastore_without_credentials_has_none_of_a_kind() -> None:
    """So that `.credentials.type` always answers."""
    assert AzureBlobDatastore(**BLOB).credentials == NoneCredentialConfiguration()
    assert AzureBlobDatastore(**BLOB, credentials=None).credentials == NoneCredentialConfiguration()


def test_the_service_never_tells_secrets_and_none_is_made_up() -> None:
    """After a get the kind of credential is known, its secret is None."""
    body = _answer(
        "datastores/raw", datastoreType="AzureBlob", accountName="a", credentials={"credentialsType": "AccountKey"}
    )
    store = mlsdk.from_wire(Datastore, body)
    assert isinstance(store, AzureBlobDatastore)
    assert store.credentials == AccountKeyConfiguration(account_key=None)
    assert store.endpoint is None


def test_a_datastore_of_a_new_kind_comes_through_unharmed() -> None:
    """A list of datastores does not fail by one that this version does not know, and it is sent back as it came."""
    properties = {
        "datastoreType": "Hdfs",
        "nameNodeAddress": "n",
        "credentials": {"credentialsType": "KerberosPassword", "x": 1},
    }
    store = mlsdk.from_wire(Datastore, _answer("datastores/h", **properties))
    assert mlsdk.to_wire(store)["properties"] == {**properties, "tags": {}}


def test_a_file_says_which_credentials_a_datastore_takes() -> None:
    """An application cannot open a blob container; the error lists what can."""
    text = "name: x\ntype: azure_blob\naccount_name: a\ncontainer_name: c\ncredentials: {client_secret: s}\n"
    with pytest.raises(
        ValidationException, match=r"credentials: 'client_secret' is not known here.*account_key, sas_token"
    ):
        mlsdk.load_datastore(io.StringIO(text))


# -- all of them -------------------------------------------------------------------------------------------------
EVERY: list[Any] = [
    Model(name="n", version="1", path="/m", flavors={"f": {"a": 1}}, tags={"a": "b"}),
    Data(name="n", path="/d", auto_delete_setting={"value": "30d"}),  # type: ignore[arg-type]
    Environment(name="n", image="i", conda_file={"a": [1, {"b": 2}]}),
    Environment(name="n", build=BuildContext(path="https://x/y", dockerfile_path="D")),
    AzureBlobDatastore(**BLOB, credentials={"account_key": "k"}, tags={"a": "b"}),
    AzureDataLakeGen2Datastore(
        name="x",
        account_name="a",
        filesystem="f",
        credentials=CertificateConfiguration("c", "0f", tenant_id="t", client_id="c"),
    ),
]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)
def test_copies_are_equal_and_independent(one: Any) -> None:
    """Copy, pickle and evolve give the same thing again."""
    for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one)), one.evolve()):  # noqa: S301 - our own bytes
        assert other == one
        assert mlsdk.to_wire(other) == mlsdk.to_wire(one)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)
def test_a_dumped_file_loads_to_the_same(one: Any, tmp_path: Path) -> None:
    """What `dump` writes is what the loaders read."""
    kind = "datastore" if isinstance(one, Datastore) else type(one).__name__.lower()
    one.dump(tmp_path / "one.yml")
    assert mlsdk.to_wire(getattr(mlsdk, f"load_{kind}")(tmp_path / "one.yml")) == mlsdk.to_wire(one)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)
def test_what_a_newer_service_adds_survives(one: Any) -> None:
    """A field that this version does not know is sent back at every level."""
    body = mlsdk.to_wire(one)
    body["properties"]["new"] = {"a": [1]}
    for key, value in body["properties"].items():
        if isinstance(value, dict) and key != "flavors":  # its keys are the user's, and what is below them is text
            value["newer"] = "x"
    kind: Any = Datastore if isinstance(one, Datastore) else type(one)
    assert mlsdk.to_wire(mlsdk.from_wire(kind, body)) == body


@pytest.mark.parametrize("overrides", [{"name": "y"}, ["name=y"], "name=y"])
def test_overrides_are_a_list_of_mappings(overrides: Any) -> None:
    """Another form is refused with an example of what is meant."""
    with pytest.raises(TypeError, match="params_override has to be a list of mappings such as"):
        mlsdk.load_model(io.StringIO("name: x\npath: azureml://datastores/a/paths/b\n"), params_override=overrides)

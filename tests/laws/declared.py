"""What the laws do not hold for, each with its reason, and the values of attributes that are not free."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from laws import declared_automl, declared_steps, declared_sweep

from mlsdk.entities import (
    AccountKeyConfiguration,
    CertificateConfiguration,
    Command,
    CommandComponent,
    Environment,
    Input,
    NoneCredentialConfiguration,
    Output,
    Pipeline,
    PipelineComponent,
    SasTokenConfiguration,
    ServicePrincipalConfiguration,
)
from mlsdk.entities.inputs import DATA_TYPES, MODES, PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent

CANNOT_BE_SENT = {
    **declared_sweep.CANNOT_BE_SENT,
    **declared_steps.CANNOT_BE_SENT,
    "UnsupportedCompute": "its class refuses to be sent; tests/test_compute_entities.py holds that",
}

_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
)
_KEY = "https://vault.vault.azure.net/keys/key/1"

# -- jobs ----------------------------------------------------------------------------------------------------
_COMPONENT = CommandComponent(
    name="train",
    version="1",
    command="echo $[[--rate ${{inputs.rate}}]] ${{outputs.model}}",
    environment="training:1",
    inputs={
        "data": Input(type="uri_folder", optional=True),
        "rate": Input(type="number", default=0.5),
        "text": Input(type="string", optional=True),
    },
    outputs={"model": Output(type="mlflow_model")},
)
_INPUTS: list[Any] = [
    None,
    {},
    {"data": Input(type="uri_folder", path="data:1", mode="download"), "rate": 0.5},
    {"data": Input(type="mltable", path="azureml://datastores/a/paths/b", mode="eval_mount"), "text": "a: b # c"},
    {"rate": 0, "text": ""},
    {"text": "null"},
]
_OUTPUTS: list[Any] = [
    None,
    {},
    {"model": None},
    {"model": Output(type="mlflow_model", mode="upload", description="d")},
    {"model": Output(type="custom_model", path="azureml://datastores/a/paths/b", name="asset", version="1")},
]


def _steps() -> dict[str, Any]:
    """Steps of a pipeline, wired to one another, one known by its name only."""
    train = Command(
        component=_COMPONENT,
        inputs={
            "data": "${{parent.inputs.data}}",
            "rate": 0,
            "text": Input(path="${{parent.inputs.text}}", mode="direct"),
        },
        outputs={"model": Output(type="uri_folder", path="${{parent.outputs.model}}", mode="upload")},
        environment_variables={"A": ""},
        compute="cpu",
        comment="why",
    )
    by_name = Command(component="score:1", inputs={"model": "${{parent.jobs.train.outputs.model}}"}, tags={"a": "b"})
    return {"train": train, "score": by_name}


_SUB = PipelineComponent(
    name="sub",
    version="1",
    inputs={"data": Input(type="uri_folder"), "text": Input(type="string", optional=True)},
    outputs={"model": Output(type="uri_folder")},
    jobs=_steps(),
)


def _nested() -> dict[str, Any]:
    """A pipeline within a pipeline."""
    return {"sub": Pipeline(component=_SUB, inputs={"data": Input(type="uri_folder", path="data:1")})}


# -- what is drawn -------------------------------------------------------------------------------------------
_BY_ACCOUNT = AccountKeyConfiguration | SasTokenConfiguration | NoneCredentialConfiguration | None
_BY_APPLICATION = ServicePrincipalConfiguration | CertificateConfiguration | NoneCredentialConfiguration | None
_PLAIN = str | int | float | bool
TYPES: dict[str, Any] = {
    "AzureBlobDatastore.credentials": _BY_ACCOUNT,
    "AzureFileDatastore.credentials": _BY_ACCOUNT,
    "AzureDataLakeGen1Datastore.credentials": _BY_APPLICATION,
    "AzureDataLakeGen2Datastore.credentials": _BY_APPLICATION,
    "OneLakeDatastore.credentials": ServicePrincipalConfiguration | NoneCredentialConfiguration | None,
    **declared_automl.TYPES,
    **declared_sweep.TYPES,
    "Component.tags": dict[str, _PLAIN] | None,
    "Component.properties": dict[str, _PLAIN] | None,
}
"""Types of attributes that are narrower than declared: files refuse credentials that cannot open the storage, and the
tags and properties of components are texts."""

VALUES: dict[str, list[Any]] = {
    **declared_automl.VALUES,
    **declared_sweep.VALUES,
    **declared_steps.VALUES,
    "Workspace.storage_account": [None, _ID],
    "Workspace.container_registry": [None, _ID],
    "Workspace.key_vault": [None, _ID],
    "Workspace.application_insights": [None, _ID],
    "Workspace.workspace_hub": [None, _ID],
    "Workspace.kind": [None, "default", "featurestore"],
    "ServerlessComputeSettings.custom_subnet": [None, _ID],
    "CustomerManagedKey.key_uri": [None, _KEY],
    "VirtualMachineSshSettings.ssh_private_key_file": [None, str(HERE / "made_up_key.txt")],
    "EndpointsSettings.target": [1026, 8787, 65534],
    "EndpointsSettings.published": [1026, 1027, 8787, 8888, 65533, 65534],
    "VmSize.supported_compute_types": [None, [], ["AmlCompute"], ["AmlCompute", "ComputeInstance"]],
    "OutboundRule.type": [None, "", "Tomorrow"],
    "Data.type": ["uri_file", "uri_folder", "mltable"],
    "Model.type": [None, "custom_model", "mlflow_model", "triton_model"],
    "Model.flavors": [None, {}, {"python_function": {"data": "model", "env": None}, "sklearn": {}}],
    "Environment.os_type": [None, "linux", "windows"],
    "Environment.conda_file": [None, {}, {"dependencies": ["python=3.10", {"pip": []}], "name": None}],
    "Component.name": [None, "", "train", "step_2"],
    "Component.type": [None, "tomorrow"],
    "CommandComponent.code": [None, str(HERE), "code:1", "azureml:code:1", "https://example.org/code"],
    "CommandComponent.environment": [
        "training:1",
        "azureml:training@latest",
        "azureml://registries/azureml/environments/training/versions/1",
        Environment(image="ubuntu"),
        Environment(name="training", version="1", image="ubuntu"),
    ],
    "Command.component": [_COMPONENT, CommandComponent(command="echo", environment=Environment(image="ubuntu"))],
    "Command.inputs": _INPUTS,
    "Command.outputs": _OUTPUTS,
    "Command.environment": [
        None,
        "training:1",
        "training@latest",
        Environment(name="training", version="1", image="ubuntu"),
    ],
    "CommandJobLimits.timeout": [None, 0, 1, 3600, "${{parent.inputs.limit}}"],
    "Job.properties": [None, {}, {"Key": "", "snake_key": "a", "1": "null"}],
    "Job.tags": [None, {}, {"Key": "", "snake_key": "a", "1": "null"}],
    "Job.compute": [None, "cpu", "serverless"],
    "ParameterizedCommand.code": [None, str(HERE), "code:1", "https://example.org/code"],
    "ParameterizedCommand.environment": ["training:1", "training@latest"],
    "CommandJob._code": [None, str(HERE), "code:1", "https://example.org/code"],
    "Pipeline.component": [_SUB, "sub:1", "azureml://registries/r/components/sub/versions/1"],
    "Pipeline.inputs": [None, {}, {"data": Input(type="uri_folder", path="data:1")}, {"text": ""}],
    "Pipeline.outputs": _OUTPUTS[:3],
    "PipelineComponent.jobs": [None, {}, _steps(), _nested()],
    "PipelineJob.component": [None],
    # The service takes no empty text from a pipeline.
    "PipelineJob.inputs": [
        *({key: value for key, value in (one or {}).items() if value != ""} for one in _INPUTS),
        {"group.rate": 0},
    ],
    "PipelineJob.outputs": _OUTPUTS,
    "PipelineJob.jobs": [None, {}, _steps(), _nested()],
    "PipelineJob._source": ["YAML.JOB"],
    "Input.type": [*DATA_TYPES, *PARAMETERS],
    "Input.mode": [None, *MODES],
    "Input.enum": [None, [], ["a", "1.10"]],
    "Output.type": [*DATA_TYPES, *PARAMETERS],
    "Output.mode": [None, *MODES],
    "BuildContext.path": [None, str(HERE), "https://example.org/context.git"],
}
"""Values of attributes that are not free, by class and attribute; subclasses have the same."""


def _built(given: dict[str, Any]) -> dict[str, Any]:
    """An environment has an image or a build context, and not both."""
    if given.get("build") is not None:
        return {**given, "image": None}
    return {**given, "image": given.get("image") or "ubuntu"}


def _each_its_own(given: dict[str, Any]) -> dict[str, Any]:
    """Each application of a compute instance has a name and ports of its own."""
    applications = given.get("custom_applications") or []
    names = [one.name for one in applications]
    ports = [endpoint.published for one in applications for endpoint in one.endpoints]
    clear = len({*names}) == len(names) and len({*ports}) == len(ports)
    return given if clear else {**given, "custom_applications": None}


def _reached(given: dict[str, Any]) -> dict[str, Any]:
    """A service is reached by its tag, or by its addresses."""
    known = given.get("service_tag") is not None or given.get("address_prefixes") is not None
    return given if known else {**given, "service_tag": "DataFactory"}


def _runs(given: dict[str, Any]) -> dict[str, Any]:
    """A command that is a job of its own has its component at hand."""
    return given if given.get("component") is not None else {**given, "component": _COMPONENT}


def _written(given: dict[str, Any]) -> dict[str, Any]:
    """A command job has a command and an environment."""
    return {**given, "command": given.get("command") or "echo", "environment": given.get("environment") or "training:1"}


COMPLETED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Command": _runs,
    "CommandJob": _written,
    **declared_sweep.COMPLETED,
    **declared_steps.COMPLETED,
    "ComputeInstance": _each_its_own,
    "Environment": _built,
    "ServiceTagDestination": _reached,
}
"""What is given together, by class."""

TOLD: dict[str, Any] = {
    "provisioning_errors": [{"error": {"code": "told"}}],
}
"""What a body says of attributes that only the service sets, where their type does not tell."""

# -- what the laws do not hold for ---------------------------------------------------------------------------
LOADED, BACK, TOMORROW, READ, FILES = (
    "loaded_bodies_are_sent_again",
    "what_is_sent_is_read_back",
    "fields_of_tomorrow_survive",
    "what_the_service_tells_is_read_and_not_sent",
    "files_are_read_as_they_were_written",
)

DECLARED: dict[tuple[str, str, str], str] = {
    **declared_automl.DECLARED,
    **declared_sweep.DECLARED,
    **declared_steps.DECLARED,
    **{
        (
            "VirtualMachineSshSettings",
            law,
            r"\.privateKeyData is lost",
        ): "the attribute names the file of the key; from the key alone no file is known, and the service never tells it"
        for law in (LOADED, BACK, TOMORROW, READ)
    },
    **{
        (cls, BACK, r"^(network|ssh)_settings is changed: \{\} to None"): "settings that say nothing send nothing"
        for cls in ("AmlCompute", "ComputeInstance")
    },
    **{
        (cls, BACK, r"^(start|end)_time is changed: datetime"): "a schedule's moments are texts without a zone"
        for cls in ("CronTrigger", "RecurrenceTrigger")
    },
    ("ComputeInstance", BACK, r"^idle_time_before_shutdown is changed"): "the minutes win where both are said",
    **{
        (
            cls,
            BACK,
            r"^(tags|properties)\.\S+ is changed: .* to ['\"]",
        ): "the tags and properties of a component become texts"
        for cls in ("Component", "CommandComponent", "PipelineComponent")
    },
    ("RecurrencePattern", BACK, r"^\w+ is changed: \S+ to \["): "one of them is sent as a list of one",
    ("KubernetesCompute", BACK, r"^properties\.namespace is added"): "the namespace is one of the settings in the body",
    (
        "IdentityConfiguration",
        BACK,
        r"^user_assigned_identities(\[\d\]\.\w+Id is (lost|added: 'None')| is changed)",
    ): "identities are sent by their resource id alone: one of two with the same, and no id is the text None",
    (
        "ComputeSchedules",
        BACK,
        r"\.trigger\.(endTime|schedule\.monthDays) is lost",
    ): "a compute's schedule has neither an end nor days of the month",
    **{
        (cls, BACK, r"^properties\.\S+ is lost: None"): "what is None is left out of the settings of a compute"
        for cls in ("JobResourceConfiguration", "ResourceConfiguration")
    },
    (
        "Model",
        BACK,
        r"^(tags|properties)\.\S+ is (lost: None|changed: .* to ['\"])",
    ): "the tags and properties of a model become texts, and None is left out",
    **{
        (cls, BACK, r"^inputs\.\S+ is changed: (0|0\.5) to '"): "plain values are kept as texts"
        for cls in ("Command", "CommandJob", "Pipeline", "PipelineJob")
    },
    **{
        (cls, BACK, r"^inputs\.\w+ is lost: None"): "an input that is given nothing is not sent"
        for cls in ("Command", "CommandJob", "Pipeline")
    },
    **{
        (
            cls,
            FILES,
            (
                r"component(Id)?\.(properties\.componentSpec\.)?(name|version) is |properties\.isAnonymous is "
                r"|client_component_hash is lost|component(Id)?\..*(_source) is changed|jobs\.\w+\._source is changed"
            ),
        ): "a component that is written into a job is anonymous, whatever it is called"
        for cls in ("Command", "CommandJob", "Pipeline", "PipelineJob", "PipelineComponent")
    },
    **{
        (
            cls,
            FILES,
            r"^body\.properties\.(services|limits|resources|queueSettings)(\.\w+)?(\.\w+)? is lost: \{",
        ): "settings that say nothing are not written"
        for cls in ("Command", "CommandJob", "Pipeline", "PipelineJob")
    },
    **{
        (cls, TOMORROW, r"CommandComponent\(environment=…\): fieldOfTomorrow"): (
            "an environment stands in the place of its id until it is registered; the service tells ids only"
        )
        for cls in ("Command", "CommandJob")
    },
    **{
        (cls, TOMORROW, r"jobs\.fieldOfTomorrow\.(name|type|_source) is added"): "a step says what it is"
        for cls in ("PipelineJob", "PipelineComponent")
    },
    ("PipelineJob", FILES, r"^body\.properties\.settings\._source is changed: 'CLASS' to 'YAML.JOB'"): (
        "it says whether a file or Python made the job"
    ),
    ("PipelineComponent", FILES, r"_source is changed: 'CLASS' to 'YAML.COMPONENT'"): (
        "it says whether a file or Python made the component"
    ),
    (
        "ComputeStartStopSchedule",
        FILES,
        r"\.(status|action) is changed: '[A-Z]",
    ): "files have the words in lower case, Python takes those of the service too; the service reads them in any case",
    (
        "ComputeStartStopSchedule",
        FILES,
        r"\.trigger\.(endTime|schedule\.monthDays) is lost",
    ): "a compute's schedule has neither an end nor days of the month",
    (
        "RecurrenceTrigger",
        FILES,
        r"\.frequency is changed: '[A-Z]",
    ): "files have the words in lower case, Python takes those of the service too",
    (
        "RecurrencePattern",
        FILES,
        r"\.weekDays\[\d\] is changed: '[A-Z]",
    ): "files have the words in lower case, Python takes those of the service too",
    (
        "ManagedNetwork",
        FILES,
        r"managed_?[nN]etwork\.firewall_?[sS]ku is added: '[sS]tandard'",
    ): "a file that does not say which firewall means the standard one, as in the official client",
    **{
        (
            "NetworkSettings",
            law,
            r"^properties\.properties\.subnet is lost: \{\}",
        ): "the place of a subnet whose id is not known yet; it is when a compute is sent"
        for law in (LOADED, TOMORROW, READ)
    },
    (
        "NetworkAcls",
        FILES,
        r"'ip_rules' is required when default_action is Deny",
    ): "a file that would shut everybody out is refused",
    (
        "IdentityConfiguration",
        FILES,
        r"identity\.(user_assigned_identities\[\d\]\.)?(principal|tenant|client)_id is lost",
    ): "told by the service: shown in the file of a compute, and passed over when it is read",
    (
        "ManagedNetwork",
        FILES,
        r"outbound_?[rR]ules.*\.(category|status|parent_rule_names) is (lost|changed)",
    ): "told by the service: shown in files, and passed over when they are read",
    (
        "ManagedNetwork",
        FILES,
        r"managed_network\.outbound_rules is lost: \[\]",
    ): "no list of rules and an empty one are the same, and send the same",
    (
        "IdentityConfiguration",
        FILES,
        r"\btype is changed: '(System|User)[aA]ssigned",
    ): "Python has two spellings of the type, a file one; the service compares without case",
    (
        "ManagedIdentityConfiguration",
        FILES,
        r"resource_id: has no value",
    ): "the file of a workspace has identities by their resource id",
    ("ImageMetadata", FILES, r"'\w+' is required"): "told by the service about a compute instance; no file is about it",
    (
        "OutboundRule",
        FILES,
        r"'type' is required: one of fqdn|type: str '\w*' is not one of fqdn",
    ): "it stands for types that this version does not know, which files refuse",
    (
        "Job",
        FILES,
        r"'command' is required|'environment' is required",
    ): "it stands for types that this version does not know; a file of no type is a command's",
    (
        "Component",
        FILES,
        r"'command' is required|type: str 'tomorrow' is not one of command",
    ): "it stands for types that this version does not know, which files refuse",
    (
        "CommandComponent",
        FILES,
        r"^body\.properties\.componentSpec\._source is changed: 'CLASS' to 'YAML.COMPONENT'",
    ): "it says whether a file or Python made the component",
    (
        "CommandComponent",
        FILES,
        r"\benvironment\.(name|version) is changed|\.client_component_hash is changed",
    ): "an environment that is written into a component is anonymous, and the hash of the whole definition follows",
    **{
        (cls, TOMORROW, what): why
        for cls in ("Component", "CommandComponent", "PipelineComponent")
        for what, why in {
            r"\.client_component_hash is changed": "it is the hash of the definition, and more is in that now",
            r"\.componentSpec\.(in|out)puts\.fieldOfTomorrow is lost": "what has no type is not an input",
        }.items()
    },
}
"""Class, law and what the law tells (a regular expression), with the reason why it may be so."""

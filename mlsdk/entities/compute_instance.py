"""Compute instances: one person's machine, with its scripts, schedules and applications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mlsdk.entities.compute_resource import NodesCompute
from mlsdk.entities.triggers import CronTrigger, RecurrenceTrigger
from mlsdk.schema import codecs
from mlsdk.schema.bodies import from_body, to_body
from mlsdk.schema.fields import UNSET, Codec, Entity, Mapped, constant, entity, output, tag, wire
from mlsdk.schema.mappings import Field

if TYPE_CHECKING:
    Action = str
    State = str
    ApplicationType = str
else:
    # Both spellings of a word are kept as they are: files have the first, the service the second.
    Action = Literal["start", "stop", "Start", "Stop"]
    State = Literal["enabled", "disabled", "Enabled", "Disabled"]
    ApplicationType = Literal["docker"]

JSON = dict[str, Any]


@entity
class ComputeInstanceSshSettings(Entity):
    """The key with which its owner logs in to a compute instance by SSH."""

    ssh_key_value: str | None = wire("adminPublicKey", default=None)
    """The public key, `ssh-rsa AAAA…`."""
    ssh_port: int | None = output("sshPort", file="ssh_port")
    admin_username: str | None = output("adminUserName", file="admin_username")


@entity
class AssignedUserConfiguration(Mapped, Entity):
    """The person for whom someone else makes a compute instance."""

    user_tenant_id: str = wire("tenantId")
    user_object_id: str = wire("objectId")
    """The object id of the user in the directory `user_tenant_id`."""


@entity
class ImageMetadata(Entity):
    """The operating system image of a compute instance, and whether there is a newer one."""

    is_latest_os_image_version: bool | None = wire("isLatestOsImageVersion", read=False)
    current_image_version: str | None = wire("currentImageVersion", read=False)
    latest_image_version: str | None = wire("latestImageVersion", read=False)


# -- scripts -----------------------------------------------------------------------------------------------------
def _minutes_of(text: Any) -> Any:
    found = re.fullmatch(r"(\d+)m", str(text))
    return int(found[1]) if found else text


@entity(constants=(constant("scriptSource", "workspaceStorage"),))
class ScriptReference(Entity):
    """A script in the workspace's file share, run with administrator's rights."""

    path: str | None = wire("scriptData", default=None)
    """Where it is in the share `code-…` of the workspace: `Users/me/setup.sh`."""
    command: str | None = wire("scriptArguments", default=None)
    """The arguments that it gets."""
    timeout_minutes: int | None = wire(
        "timeout",
        default=None,
        codec=Codec(lambda count: f"{count}m" if isinstance(count, int) else count, _minutes_of),
    )
    """After how long it is given up."""


@entity
class SetupScripts(Entity):
    """What runs when a compute instance is made, and each time it starts.

    >>> SetupScripts(creation_script=ScriptReference(path="Users/me/setup.sh", timeout_minutes=20))
    """

    startup_script: Field[ScriptReference | None, ScriptReference | Mapping[str, Any] | None] = wire(
        "startupScript", default=None
    )
    creation_script: Field[ScriptReference | None, ScriptReference | Mapping[str, Any] | None] = wire(
        "creationScript", default=None
    )


# -- schedules ---------------------------------------------------------------------------------------------------
def _trigger_to_file(trigger: CronTrigger | RecurrenceTrigger) -> JSON:
    """The trigger without what schedules of computes do not have, its hours and minutes as lists."""
    form = trigger.to_dict()
    form.pop("end_time", None)
    if isinstance(form.get("schedule"), dict):
        form["schedule"].pop("month_days", None)
        form["schedule"] = {
            key: value if isinstance(value, list) else [value] for key, value in form["schedule"].items()
        }
    return form


@entity
class ComputeStartStopSchedule(Entity):
    """When a compute instance is started, or stopped.

    >>> ComputeStartStopSchedule(action="stop", trigger=CronTrigger(expression="0 18 * * *"))
    """

    trigger: CronTrigger | RecurrenceTrigger | None = wire(
        "trigger", default=None, file_codec=Codec(_trigger_to_file, lambda data: data)
    )
    action: Action | None = wire("action", default=None, required=True, file_codec=codecs.file_words("start", "stop"))
    """`start` or `stop`."""
    state: State = wire("status", default="Enabled", file_codec=codecs.file_words("enabled", "disabled"))
    """`enabled` or `disabled`."""
    schedule_id: str | None = output("id", file="schedule_id")
    provisioning_state: str | None = output("provisioningStatus", file="provisioning_state")
    """`Provisioning`, `Completed` or `Failed`."""

    @classmethod
    def __from_file__(cls, data: Mapping[str, Any], base: str, *, top: bool) -> Mapping[str, Any]:
        trigger = data.get("trigger")
        pattern = trigger.get("schedule") if isinstance(trigger, Mapping) else None
        if isinstance(trigger, Mapping) and trigger.get("end_time") is not None:
            message = "trigger.end_time: the schedule of a compute has no end"
            raise ValueError(message)
        if isinstance(pattern, Mapping):
            if pattern.get("month_days") is not None:
                message = "trigger.schedule.month_days: the schedule of a compute has no days of the month"
                raise ValueError(message)
            for key, value in pattern.items():
                if not isinstance(value, list):
                    message = f"trigger.schedule.{key}: expected a list, got {value!r}"
                    raise ValueError(message)  # noqa: TRY004 - what is wrong with a file is a ValueError
        return data


_PLACES = {"Cron": "cron", "Recurrence": "recurrence"}


def _schedule_to_body(schedule: ComputeStartStopSchedule) -> JSON:
    """In a body a trigger stands under the name of its type, and has no end and no days of the month."""
    body = to_body(schedule)
    trigger = body.pop("trigger", None)
    if trigger is not None:
        trigger.pop("endTime", None)
        if "schedule" in trigger:
            trigger["schedule"].pop("monthDays", None)
        body |= {"triggerType": trigger["triggerType"], _PLACES[trigger["triggerType"]]: trigger}
    return body


def _schedule_of_body(body: JSON) -> ComputeStartStopSchedule:
    place = _PLACES.get(str(body.get("triggerType")))
    if place is not None and isinstance(body.get(place), dict):
        rest = {key: value for key, value in body.items() if key not in (place, "triggerType")}
        body = {**rest, "trigger": {**body[place], "triggerType": body["triggerType"]}}
    return from_body(ComputeStartStopSchedule, body)


@entity
class ComputeSchedules(Entity):
    """The schedules of a compute instance."""

    compute_start_stop: list[ComputeStartStopSchedule] | None = wire(
        "computeStartStop",
        default=None,
        also={"computeStartStop": lambda schedules: [] if schedules is None else UNSET},
        codec=Codec(
            lambda schedules: list(map(_schedule_to_body, schedules)),
            lambda bodies: list(map(_schedule_of_body, bodies)),
        ),
    )


# -- applications ------------------------------------------------------------------------------------------------
@entity(constants=(constant("type", "docker"),))
class ImageSettings(Entity):
    """The container image of an application."""

    reference: str = wire("reference")
    """Where it is pulled from: `ghcr.io/me/app:latest`."""


@entity(constants=(constant("name", "connect"), constant("protocol", "http")))
class EndpointsSettings(Entity):
    """Which port of the compute instance leads to which port of the container; each between 1026 and 65534."""

    target: int = wire("target")
    """The port in the container."""
    published: int = wire("published")
    """The port of the compute instance."""

    def __attrs_post_init__(self) -> None:
        for name in ("target", "published"):
            port = getattr(self, name)
            if not 1025 < port < 65535:
                from mlsdk.exceptions import ValidationException

                message = f"EndpointsSettings({name}=…): the port {port} is not between 1026 and 65534"
                raise ValidationException(message)


@entity(constants=(constant("type", "bind"), constant("readOnly", False)))
class VolumeSettings(Entity):
    """A folder of the compute instance that an application sees."""

    source: str = wire("source")
    """The folder on the compute instance."""
    target: str = wire("target")
    """Where it appears in the container."""


def _variables_to_body(variables: JSON) -> JSON:
    return {
        name: value if isinstance(value, dict) else {"type": "local", "value": value}
        for name, value in variables.items()
    }


def _variables_of_body(found: JSON) -> JSON:
    """Plain values; one of which the service says more stays as it is, so that nothing is lost."""

    def plain(value: Any) -> bool:
        return isinstance(value, dict) and value.keys() == {"type", "value"} and value["type"] == "local"

    return {name: value["value"] if plain(value) else value for name, value in found.items()}


@entity(constants=(constant("docker.privileged", True),))
class CustomApplications(Entity):
    """An application in a container on a compute instance.

    >>> CustomApplications(name="rstudio",
    ...                    image=ImageSettings(reference="ghcr.io/azure/rocker-rstudio-ml-verse:latest"),
    ...                    endpoints=[EndpointsSettings(target=8787, published=8787)],
    ...                    bind_mounts=[VolumeSettings(source="/home/azureuser/files", target="/home/rstudio/files")])
    """

    name: str = wire("name")
    """Its name, of which a compute instance has only one."""
    image: Field[ImageSettings, ImageSettings | Mapping[str, Any]] = wire("image")
    type: ApplicationType = wire("type", default="docker", file_codec=codecs.file_words("docker"))
    """`docker`."""
    endpoints: list[EndpointsSettings] = wire("endpoints")
    environment_variables: dict[str, Any] | None = wire(
        "environmentVariables", default=None, codec=Codec(_variables_to_body, _variables_of_body)
    )
    bind_mounts: list[VolumeSettings] | None = wire("volumes", default=None)

    @property
    def additional_properties(self) -> JSON:
        """What a newer service says of it."""
        return dict(self._extra or {})


def _each_its_own(what: str, values: list[Any]) -> None:
    """ValidationException when two applications have one name or publish one port."""
    for value in values:
        if values.count(value) > 1:
            from mlsdk.exceptions import ValidationException

            message = f"custom_applications: two have the {what} {value!r}; each needs its own"
            raise ValidationException(message)


def _applications_to_body(applications: list[CustomApplications]) -> list[JSON]:
    _each_its_own("name", [one.name for one in applications])
    _each_its_own("published port", [endpoint.published for one in applications for endpoint in one.endpoints])
    return [to_body(one) for one in applications]


# -- the instance --------------------------------------------------------------------------------------------------
def _minutes_to_body(minutes: Any) -> str:
    return f"PT{minutes}M"


def _minutes_of_body(text: Any) -> int | None:
    found = re.fullmatch(r"PT(\d+)M", str(text))
    return int(found[1]) if found else None


def _closed(settings: ComputeInstanceSshSettings | None) -> Any:
    """The word for the SSH port where there are settings for SSH; `ssh_public_access_enabled` may say another one."""
    return UNSET if settings is None else "Disabled"


@entity(
    eq=False,
    constants=(
        constant("properties.properties.applicationSharingPolicy", "Shared"),
        constant("properties.properties.computeInstanceAuthorizationType", "personal"),
    ),
)
class ComputeInstance(NodesCompute):
    """One person's machine in the cloud, with notebooks and terminals.

    >>> ComputeInstance(name="my-machine", size="STANDARD_DS3_V2", idle_time_before_shutdown_minutes=60)
    """

    type: Literal["computeinstance"] = tag("properties.computeType", default="computeinstance", wire="ComputeInstance")
    resource_id: str | None = wire("properties.resourceId", default=None, sent=False)
    ssh_settings: Field[ComputeInstanceSshSettings | None, ComputeInstanceSshSettings | Mapping[str, Any] | None] = (
        wire(
            "properties.properties.sshSettings",
            default=None,
            also={"properties.properties.sshSettings.sshPublicAccess": _closed},
        )
    )
    """The key for SSH, which `ssh_public_access_enabled` has to allow."""
    ssh_public_access_enabled: bool | None = wire(
        "properties.properties.sshSettings.sshPublicAccess",
        default=None,
        codec=codecs.enabled,
        also={"properties.disableLocalAuth": lambda enabled: not enabled},
    )
    """Whether the SSH port is open to the internet."""
    create_on_behalf_of: Field[
        AssignedUserConfiguration | None, AssignedUserConfiguration | Mapping[str, Any] | None
    ] = wire("properties.properties.personalComputeInstanceSettings.assignedUser", default=None)
    """Whose machine it is, when someone else makes it."""
    schedules: Field[ComputeSchedules | None, ComputeSchedules | Mapping[str, Any] | None] = wire(
        "properties.properties.schedules", default=None
    )
    idle_time_before_shutdown: str | None = wire("properties.properties.idleTimeBeforeShutdown", default=None)
    """The older form of the next: ISO 8601, `PT15M` to `P3D`. The next wins."""
    idle_time_before_shutdown_minutes: int | None = wire(
        "properties.properties.idleTimeBeforeShutdown", default=None, codec=Codec(_minutes_to_body, _minutes_of_body)
    )
    """After how many idle minutes it is stopped: 15 to 4320, three days."""
    setup_scripts: Field[SetupScripts | None, SetupScripts | Mapping[str, Any] | None] = wire(
        "properties.properties.setupScripts.scripts", default=None
    )
    custom_applications: list[CustomApplications] | None = wire(
        "properties.properties.customServices",
        default=None,
        codec=Codec(_applications_to_body, lambda bodies: [from_body(CustomApplications, body) for body in bodies]),
    )
    enable_sso: bool | None = wire("properties.properties.enableSSO", default=True)
    """Whether its applications log their user in by themselves."""
    enable_root_access: bool | None = wire("properties.properties.enableRootAccess", default=True)
    release_quota_on_stop: bool | None = wire("properties.properties.releaseQuotaOnStop", default=False)
    """Whether others may use its quota while it is stopped."""
    enable_os_patching: bool | None = wire("properties.properties.enableOSPatching", default=False)
    """Whether it takes the system's updates when it starts."""
    state: str | None = output("properties.properties.state", file="state")
    """`Running`, `Stopped`, `Starting`, `Creating`, …"""
    last_operation: JSON | None = output("properties.properties.lastOperation", file="last_operation")
    """`operationName`, `operationTime`, `operationStatus`, `operationTrigger`, as the service tells them."""
    services: list[JSON] | None = output("properties.properties.applications", file="services")
    """The applications with their `displayName` and `endpointUri`."""
    os_image_metadata: ImageMetadata | None = output("properties.properties.osImageMetadata", file="os_image_metadata")

"""Errors of this side of the wire; what the service refuses is raised as azure-core's own classes.

::

    azure.core.exceptions.AzureError
      MlException
        ValidationException          (also a ValueError) a wrong argument, file or name, found before anything was sent
        AssetException               an asset that cannot be used as asked
        AssetPathException           a path of an asset that cannot be changed or read
        ComponentException
        DeploymentException
        EmptyDirectoryError          (also a ValueError) a folder without a file to upload
        JobException                 a job that failed, or that cannot be followed
          JobTimeoutError            (also a TimeoutError) a job that has not ended in the time it was given
        JobParsingError              a job that this version cannot read
        ModelException
        PipelineChildJobError
        ScheduleException
        UserErrorException
          CannotSetAttributeError
          KeywordError               a function that was called with what it does not take
            MissingPositionalArgsError   (also a TypeError)
            MultipleValueError           (also a TypeError)
            ParamValueNotExistsError     (also a ValueError)
            TooManyPositionalArgsError   (also a TypeError)
            UnexpectedAttributeError     (also an AttributeError)
            UnexpectedKeywordError       (also a TypeError)
          UnsupportedOperationError
          UnsupportedParameterKindError  (also a ValueError) a pipeline's function that takes any number of arguments

The names, and what their constructors take, are the official client's. `service_details(error)` tells of an error of
the service where, when and under which ids it happened.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
from azure.core.exceptions import AzureError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = [
    "AssetException",
    "AssetPathException",
    "CannotSetAttributeError",
    "ComponentException",
    "DeploymentException",
    "EmptyDirectoryError",
    "ErrorCategory",
    "ErrorTarget",
    "JobException",
    "JobParsingError",
    "JobTimeoutError",
    "KeywordError",
    "MissingPositionalArgsError",
    "MlException",
    "ModelException",
    "MultipleValueError",
    "ParamValueNotExistsError",
    "PipelineChildJobError",
    "ScheduleException",
    "ServiceDetails",
    "TooManyPositionalArgsError",
    "UnexpectedAttributeError",
    "UnexpectedKeywordError",
    "UnknownArgumentWarning",
    "UnsupportedOperationError",
    "UnsupportedParameterKindError",
    "UserErrorException",
    "ValidationErrorType",
    "ValidationException",
    "service_details",
]


class ErrorCategory:
    """Whose mistake an error is."""

    SYSTEM_ERROR = "SystemError"
    UNKNOWN = "Unknown"
    USER_ERROR = "UserError"


class ErrorTarget:
    """What an error is about."""

    ARM_DEPLOYMENT = "ArmDeployment"
    ARM_RESOURCE = "ArmResource"
    ARTIFACT = "Artifact"
    ASSET = "Asset"
    AUTOML = "AutoML"
    BATCH_DEPLOYMENT = "BatchDeployment"
    BATCH_ENDPOINT = "BatchEndpoint"
    BLOB_DATASTORE = "BlobDatastore"
    CAPABILITY_HOST = "CapabilityHost"
    CODE = "Code"
    COMMAND_JOB = "CommandJob"
    COMPONENT = "Component"
    COMPUTE = "Compute"
    DATA = "Data"
    DATASTORE = "Datastore"
    DATA_TRANSFER_JOB = "DataTransferJob"
    DEPLOYMENT = "Deployment"
    ENDPOINT = "Endpoint"
    ENVIRONMENT = "Environment"
    FEATURE_SET = "FeatureSet"
    FEATURE_STORE_ENTITY = "FeatureStoreEntity"
    FILE_DATASTORE = "FileDatastore"
    FINETUNING = "FineTuning"
    GEN1_DATASTORE = "Gen1Datastore"
    GEN2_DATASTORE = "Gen2Datastore"
    GENERAL = "General"
    IDENTITY = "Identity"
    INDEX = "Index"
    JOB = "Job"
    LOCAL_ENDPOINT = "LocalEndpoint"
    LOCAL_JOB = "LocalJob"
    MODEL = "Model"
    MODEL_MONITORING = "ModelMonitoring"
    ONLINE_DEPLOYMENT = "OnlineDeployment"
    ONLINE_ENDPOINT = "OnlineEndpoint"
    PIPELINE = "Pipeline"
    REGISTRY = "Registry"
    SCHEDULE = "Schedule"
    SERVERLESS_ENDPOINT = "ServerlessEndpoint"
    SPARK_JOB = "SparkJob"
    SWEEP_JOB = "SweepJob"
    UNKNOWN = "Unknown"
    WORKSPACE = "Workspace"


class ValidationErrorType(Enum):
    """What kind of mistake a validation found."""

    CANNOT_PARSE = "CANNOT PARSE"
    CANNOT_SERIALIZE = "CANNOT DUMP"
    FILE_OR_FOLDER_NOT_FOUND = "FILE OR FOLDER NOT FOUND"
    GENERIC = "GENERIC"
    INVALID_VALUE = "INVALID VALUE"
    MISSING_FIELD = "MISSING FIELD"
    RESOURCE_NOT_FOUND = "RESOURCE NOT FOUND"
    UNKNOWN_FIELD = "UNKNOWN FIELD"


class MlException(AzureError):
    """An error that this client found."""

    def __init__(
        self,
        message: str,
        no_personal_data_message: str = "",
        *args: Any,
        target: str = ErrorTarget.UNKNOWN,
        error_category: str = ErrorCategory.UNKNOWN,
        **kwargs: Any,
    ) -> None:
        """Say `message` to the user; `no_personal_data_message` is what may be logged elsewhere."""
        self.no_personal_data_message = no_personal_data_message
        self.target = target
        self.error_category = error_category
        super().__init__(message, *args, **kwargs)


class ValidationException(MlException, ValueError):
    """A wrong argument, file or name, found before anything was sent; the text says where and what to do."""

    def __init__(
        self,
        message: str,
        no_personal_data_message: str = "",
        *args: Any,
        error_type: ValidationErrorType = ValidationErrorType.GENERIC,
        target: str = ErrorTarget.UNKNOWN,
        error_category: str = ErrorCategory.USER_ERROR,
        **kwargs: Any,
    ) -> None:
        """Say `message`, a line for each problem."""
        super().__init__(
            message, no_personal_data_message, *args, target=target, error_category=error_category, **kwargs
        )
        self.error_type = error_type
        self.raw_error = message


class AssetException(MlException):
    """An asset that cannot be used as asked."""


class AssetPathException(MlException):
    """The path of an asset that cannot be changed or read."""


class ComponentException(MlException):
    """A component that cannot be used as asked."""


class DeploymentException(MlException):
    """A deployment that cannot be used as asked."""


class EmptyDirectoryError(MlException, ValueError):
    """A folder without a file to upload."""

    def __init__(
        self,
        message: str,
        no_personal_data_message: str = "",
        target: str = ErrorTarget.UNKNOWN,
        error_category: str = ErrorCategory.UNKNOWN,
    ) -> None:
        """Say `message`."""
        super().__init__(message, no_personal_data_message, target=target, error_category=error_category)


class JobException(MlException):
    """A job that failed, or that cannot be followed."""

    error: Any = None
    """What the service says of why the job failed, with `code` and `message`; None where it does not."""


class JobTimeoutError(JobException, TimeoutError):
    """A job that has not ended in the time it was given; it goes on."""


class JobParsingError(MlException):
    """A job that this version cannot read."""

    def __init__(
        self, error_category: str, no_personal_data_message: str, message: str, *args: Any, **kwargs: Any
    ) -> None:
        """Say `message`; the order of the arguments is the official client's."""
        super().__init__(message, no_personal_data_message, *args, error_category=error_category, **kwargs)


class ModelException(MlException):
    """A model that cannot be used as asked."""


class PipelineChildJobError(MlException):
    """A step of a pipeline, asked for what only its pipeline can do."""

    ERROR_MESSAGE_TEMPLATE = "az ml job {command} is not supported on pipeline child job, {prompt_message}."
    PROMPT_PARENT_MESSAGE = "please use this command on pipeline parent job"
    PROMPT_STUDIO_UI_MESSAGE = "please go to studio UI to do related actions{url}"

    def __init__(self, job_id: str, command: str = "parse", prompt_studio_ui: bool = False) -> None:
        """Say that `command` is for the parent of the job `job_id`."""
        prompt = (
            self.PROMPT_STUDIO_UI_MESSAGE.format(url=f": {job_id}") if prompt_studio_ui else self.PROMPT_PARENT_MESSAGE
        )
        message = self.ERROR_MESSAGE_TEMPLATE.format(command=command, prompt_message=prompt)
        super().__init__(message, message, target=ErrorTarget.JOB, error_category=ErrorCategory.USER_ERROR)
        self.job_id = job_id


class ScheduleException(MlException):
    """A schedule that cannot be used as asked."""


class InputTypeWarning(UserWarning):
    """A file is given where a component declares a folder, or the other way round: the service takes it, the script may not."""


class UnknownArgumentWarning(UserWarning):
    """An argument that is not known, where the official client takes any without a word."""


class UserErrorException(MlException):
    """A mistake in how a pipeline or a component was written."""

    def __init__(
        self,
        message: str,
        no_personal_data_message: str | None = None,
        error_category: str = ErrorCategory.USER_ERROR,
        target: str = ErrorTarget.PIPELINE,
    ) -> None:
        """Say `message`."""
        super().__init__(message, no_personal_data_message or message, target=target, error_category=error_category)


class CannotSetAttributeError(UserErrorException):
    """An attribute that cannot be set."""

    def __init__(self, object_name: str) -> None:
        """Say whose attribute it is."""
        super().__init__(f"the attributes of {object_name!r} cannot be set")


class UnsupportedOperationError(UserErrorException):
    """What cannot be done there."""

    def __init__(self, operation_name: str) -> None:
        """Say what was asked for."""
        super().__init__(f"{operation_name} is not supported")


class UnsupportedParameterKindError(UserErrorException, ValueError):
    """A pipeline's function that takes any number of arguments."""

    def __init__(self, func_name: str, parameter_kind: str | None = None) -> None:
        """Say which parameter of the function it is, such as `*args`."""
        kind = parameter_kind or "*args or **kwargs"
        super().__init__(f"the pipeline {func_name}() cannot have the parameter {kind}: name each input")


class KeywordError(UserErrorException):
    """A function that was called with what it does not take, or without what it needs."""

    def __init__(self, message: str, no_personal_data_message: str | None = None) -> None:
        """Say `message`."""
        super().__init__(message, no_personal_data_message)


class UnexpectedKeywordError(KeywordError, TypeError):
    """A function that was called with an argument that it does not have."""

    def __init__(self, func_name: str, keyword: str, keywords: Iterable[str] | None = None) -> None:
        """Say which of the arguments it has was meant."""
        super().__init__(f"{func_name}() has no input {keyword!r}{_meant(keyword, keywords)}")


class UnexpectedAttributeError(KeywordError, AttributeError):
    """An attribute that is not there."""

    def __init__(self, keyword: str, keywords: Iterable[str] | None = None) -> None:
        """Say which of those that are there was meant."""
        super().__init__(f"there is no attribute {keyword!r}{_meant(keyword, keywords)}")


class MissingPositionalArgsError(KeywordError, TypeError):
    """A function that was called without arguments that it needs."""

    def __init__(self, func_name: str, missing_args: Collection[str]) -> None:
        """Say which are missing."""
        super().__init__(f"{func_name}() needs {', '.join(map(repr, missing_args))}")


class TooManyPositionalArgsError(KeywordError, TypeError):
    """A function that was called with more arguments than it has."""

    def __init__(self, func_name: str, min_number: int, max_number: int, given_number: int) -> None:
        """Say how many it takes."""
        few = f"{min_number} to {max_number}" if 0 < min_number < max_number else f"{max_number}"
        super().__init__(f"{func_name}() takes {few} inputs, got {given_number}")


class MultipleValueError(KeywordError, TypeError):
    """A function that was given an argument twice."""

    def __init__(self, func_name: str, keyword: str) -> None:
        """Say which."""
        super().__init__(f"{func_name}() got the input {keyword!r} twice")


class ParamValueNotExistsError(KeywordError, ValueError):
    """A pipeline's function without the parameters that are said to be no inputs."""

    def __init__(self, func_name: str, keywords: Iterable[str]) -> None:
        """Say which are not there."""
        super().__init__(
            f"{func_name}() has no parameter {', '.join(map(repr, keywords))}, named in non_pipeline_inputs"
        )


def _meant(name: str, known: Iterable[str] | None) -> str:
    """What of `known` a wrong name was meant for, and all of them."""
    from difflib import get_close_matches

    if known is None:
        return ""
    known = [*known]
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    return f"{hint} there are {', '.join(known) or 'none'}"


@attrs.frozen(kw_only=True)
class ServiceDetails:
    """Where, when and under which ids the service failed: what its support asks for. What it did not tell is None."""

    component: str | None = None
    """The part of the service, for example `managementfrontend`."""
    operation_id: str | None = None
    """The id of the operation in Azure Machine Learning's own logs, 32 hexadecimal digits."""
    request_id: str | None = None
    """The id of the request in Azure Machine Learning's own logs, 16 hexadecimal digits."""
    environment: str | None = None
    """The deployment of the service, mostly named as the region."""
    location: str | None = None
    """The Azure region."""
    time: str | None = None
    """When, as the service writes it: ISO 8601 from Azure Machine Learning, else the `Date` of the answer."""
    inner_codes: tuple[str, ...] = ()
    """What `UserError` and `ServiceError` mean more closely, the outer one first: `("NotFoundError",)`."""
    arm_request_id: str | None = None
    """The header `x-ms-request-id`."""
    arm_correlation_id: str | None = None
    """The header `x-ms-correlation-request-id`: the id in the activity log of the subscription."""
    client_request_id: str | None = None
    """The header `x-ms-client-request-id`, which this side made up."""

    def __str__(self) -> str:
        """In one line what support asks for; empty when the service gave no id at all."""
        ids = {
            "correlation": self.arm_correlation_id,
            "operation": self.operation_id,
            "request": self.request_id or self.arm_request_id,
        }
        if ids["request"] == ids["correlation"]:
            ids["request"] = None
        given = [f"{name} {value}" for name, value in ids.items() if value]
        return ", ".join([*given, *filter(None, (self.location, self.time))]) if given else ""


def service_details(error: BaseException | None) -> ServiceDetails | None:
    """What the service told of where and when it failed, of its error or of one that was raised from it; else None."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        found = vars(error).get("service_details")
        if isinstance(found, ServiceDetails):
            return found
        # `raise error from error` makes a circle.
        seen.add(id(error))
        error = error.__cause__
    return None

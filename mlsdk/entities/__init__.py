"""The typed entities: what users make, send and get back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsdk._exports import ENTITIES, homes

if TYPE_CHECKING:
    from mlsdk.constants import ComputePowerAction, CreatedByType, ScheduleState, UsageUnit
    from mlsdk.entities.artifact import IntellectualProperty
    from mlsdk.entities.attached_compute import (
        AutoPauseSettings,
        AutoScaleSettings,
        KubernetesCompute,
        SynapseSparkCompute,
        VirtualMachineCompute,
        VirtualMachineSshSettings,
    )
    from mlsdk.entities.code import Code
    from mlsdk.entities.command_component import CommandComponent
    from mlsdk.entities.component import Component
    from mlsdk.entities.compute import (
        AmlCompute,
        AmlComputeNodeInfo,
        AmlComputeSshSettings,
        Compute,
        ImageMetadata,
        NetworkSettings,
        UnsupportedCompute,
        Usage,
        UsageName,
        VmSize,
    )
    from mlsdk.entities.compute_instance import (
        AssignedUserConfiguration,
        ComputeInstance,
        ComputeInstanceSshSettings,
        ComputeSchedules,
        ComputeStartStopSchedule,
        CustomApplications,
        EndpointsSettings,
        ImageSettings,
        ScriptReference,
        SetupScripts,
        VolumeSettings,
    )
    from mlsdk.entities.credentials import (
        AccountKeyConfiguration,
        CertificateConfiguration,
        NoneCredentialConfiguration,
        SasTokenConfiguration,
        ServicePrincipalConfiguration,
    )
    from mlsdk.entities.data import Data
    from mlsdk.entities.datastore import (
        AzureBlobDatastore,
        AzureDataLakeGen1Datastore,
        AzureDataLakeGen2Datastore,
        AzureFileDatastore,
        Datastore,
        OneLakeArtifact,
        OneLakeDatastore,
    )
    from mlsdk.entities.distribution import (
        MpiDistribution,
        PyTorchDistribution,
        RayDistribution,
        TensorFlowDistribution,
    )
    from mlsdk.entities.environment import BuildContext, Environment
    from mlsdk.entities.identity import (
        AmlTokenConfiguration,
        IdentityConfiguration,
        ManagedIdentityConfiguration,
        UserIdentityConfiguration,
    )
    from mlsdk.entities.inputs import Input, Output
    from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings, ResourceConfiguration
    from mlsdk.entities.model import DeploymentTemplateReference, Model, WorkspaceAssetReference
    from mlsdk.entities.network import (
        DefaultActionType,
        FqdnDestination,
        IPRule,
        IsolationMode,
        ManagedNetwork,
        ManagedNetworkProvisionStatus,
        NetworkAcls,
        OutboundRule,
        PrivateEndpointDestination,
        ServiceTagDestination,
    )
    from mlsdk.entities.resource import Asset, Resource, SystemData
    from mlsdk.entities.triggers import CronTrigger, RecurrencePattern, RecurrenceTrigger
    from mlsdk.entities.validation import ValidationResult
    from mlsdk.entities.workspace import (
        ComputeRuntime,
        CustomerManagedKey,
        FeatureStoreSettings,
        Hub,
        Project,
        ServerlessComputeSettings,
        Workspace,
    )
    from mlsdk.entities.workspace_answers import (
        ContainerRegistryCredential,
        DiagnoseRequestProperties,
        DiagnoseResponseResult,
        DiagnoseResponseResultValue,
        DiagnoseResult,
        DiagnoseWorkspaceParameters,
        NotebookAccessKeys,
        WorkspaceKeys,
    )

__all__ = [
    "AccountKeyConfiguration",
    "AmlCompute",
    "AmlComputeNodeInfo",
    "AmlComputeSshSettings",
    "AmlTokenConfiguration",
    "Asset",
    "AssignedUserConfiguration",
    "AutoPauseSettings",
    "AutoScaleSettings",
    "AzureBlobDatastore",
    "AzureDataLakeGen1Datastore",
    "AzureDataLakeGen2Datastore",
    "AzureFileDatastore",
    "BuildContext",
    "CertificateConfiguration",
    "Code",
    "CommandComponent",
    "Component",
    "Compute",
    "ComputeInstance",
    "ComputeInstanceSshSettings",
    "ComputePowerAction",
    "ComputeRuntime",
    "ComputeSchedules",
    "ComputeStartStopSchedule",
    "ContainerRegistryCredential",
    "CreatedByType",
    "CronTrigger",
    "CustomApplications",
    "CustomerManagedKey",
    "Data",
    "Datastore",
    "DefaultActionType",
    "DeploymentTemplateReference",
    "DiagnoseRequestProperties",
    "DiagnoseResponseResult",
    "DiagnoseResponseResultValue",
    "DiagnoseResult",
    "DiagnoseWorkspaceParameters",
    "EndpointsSettings",
    "Environment",
    "FeatureStoreSettings",
    "FqdnDestination",
    "Hub",
    "IPRule",
    "IdentityConfiguration",
    "ImageMetadata",
    "ImageSettings",
    "Input",
    "IntellectualProperty",
    "IsolationMode",
    "JobResourceConfiguration",
    "KubernetesCompute",
    "ManagedIdentityConfiguration",
    "ManagedNetwork",
    "ManagedNetworkProvisionStatus",
    "Model",
    "MpiDistribution",
    "NetworkAcls",
    "NetworkSettings",
    "NoneCredentialConfiguration",
    "NotebookAccessKeys",
    "OneLakeArtifact",
    "OneLakeDatastore",
    "OutboundRule",
    "Output",
    "PrivateEndpointDestination",
    "Project",
    "PyTorchDistribution",
    "QueueSettings",
    "RayDistribution",
    "RecurrencePattern",
    "RecurrenceTrigger",
    "Resource",
    "ResourceConfiguration",
    "SasTokenConfiguration",
    "ScheduleState",
    "ScriptReference",
    "ServerlessComputeSettings",
    "ServicePrincipalConfiguration",
    "ServiceTagDestination",
    "SetupScripts",
    "SynapseSparkCompute",
    "SystemData",
    "TensorFlowDistribution",
    "UnsupportedCompute",
    "Usage",
    "UsageName",
    "UsageUnit",
    "UserIdentityConfiguration",
    "ValidationResult",
    "VirtualMachineCompute",
    "VirtualMachineSshSettings",
    "VmSize",
    "VolumeSettings",
    "Workspace",
    "WorkspaceAssetReference",
    "WorkspaceKeys",
]

_HOMES = homes(ENTITIES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
    message = f"module 'mlsdk.entities' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

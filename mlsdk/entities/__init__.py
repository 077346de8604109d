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
    from mlsdk.entities.base_job import BaseJob
    from mlsdk.entities.code import Code
    from mlsdk.entities.command import Command
    from mlsdk.entities.command_component import CommandComponent
    from mlsdk.entities.command_job import CommandJob
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
    from mlsdk.entities.finetuning_job import CustomModelFineTuningJob, JobResources
    from mlsdk.entities.identity import (
        AmlTokenConfiguration,
        IdentityConfiguration,
        ManagedIdentityConfiguration,
        UserIdentityConfiguration,
    )
    from mlsdk.entities.input_port import InputPort
    from mlsdk.entities.inputs import Input, Output
    from mlsdk.entities.job_limits import CommandJobLimits
    from mlsdk.entities.job_resources import JobResourceConfiguration, QueueSettings, ResourceConfiguration
    from mlsdk.entities.job_services import (
        JobService,
        JupyterLabJobService,
        ServiceInstance,
        SshJobService,
        TensorBoardJobService,
        VsCodeJobService,
    )
    from mlsdk.entities.jobs import Job
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
    from mlsdk.entities.parallel import Parallel
    from mlsdk.entities.parallel_component import ParallelComponent
    from mlsdk.entities.parallel_task import ParallelTask, RetrySettings
    from mlsdk.entities.pipeline_component import PipelineComponent
    from mlsdk.entities.pipeline_job import PipelineJob
    from mlsdk.entities.pipeline_node import Pipeline
    from mlsdk.entities.pipeline_settings import PipelineJobSettings
    from mlsdk.entities.resource import Asset, Resource, SystemData
    from mlsdk.entities.run_metrics import MetricValue, RunMetric, RunMetrics
    from mlsdk.entities.serverless_connection import ServerlessConnection
    from mlsdk.entities.spark import Spark, SparkJob
    from mlsdk.entities.spark_component import SparkComponent
    from mlsdk.entities.spark_settings import SparkJobEntry, SparkJobEntryType, SparkResourceConfiguration
    from mlsdk.entities.sweep_node import Sweep
    from mlsdk.entities.sweep_trial import ParameterizedCommand
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
    "BaseJob",
    "BuildContext",
    "CertificateConfiguration",
    "Code",
    "Command",
    "CommandComponent",
    "CommandJob",
    "CommandJobLimits",
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
    "CustomModelFineTuningJob",
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
    "InputPort",
    "IntellectualProperty",
    "IsolationMode",
    "Job",
    "JobResourceConfiguration",
    "JobResources",
    "JobService",
    "JupyterLabJobService",
    "KubernetesCompute",
    "ManagedIdentityConfiguration",
    "ManagedNetwork",
    "ManagedNetworkProvisionStatus",
    "MetricValue",
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
    "Parallel",
    "ParallelComponent",
    "ParallelTask",
    "ParameterizedCommand",
    "Pipeline",
    "PipelineComponent",
    "PipelineJob",
    "PipelineJobSettings",
    "PrivateEndpointDestination",
    "Project",
    "PyTorchDistribution",
    "QueueSettings",
    "RayDistribution",
    "RecurrencePattern",
    "RecurrenceTrigger",
    "Resource",
    "ResourceConfiguration",
    "RetrySettings",
    "RunMetric",
    "RunMetrics",
    "SasTokenConfiguration",
    "ScheduleState",
    "ScriptReference",
    "ServerlessComputeSettings",
    "ServerlessConnection",
    "ServiceInstance",
    "ServicePrincipalConfiguration",
    "ServiceTagDestination",
    "SetupScripts",
    "Spark",
    "SparkComponent",
    "SparkJob",
    "SparkJobEntry",
    "SparkJobEntryType",
    "SparkResourceConfiguration",
    "SshJobService",
    "Sweep",
    "SynapseSparkCompute",
    "SystemData",
    "TensorBoardJobService",
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
    "VsCodeJobService",
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

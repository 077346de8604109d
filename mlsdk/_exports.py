"""The public names and the modules that define them; they are imported when first asked for."""

from __future__ import annotations

ENTITIES = {
    "mlsdk.entities.resource": ("Asset", "Resource", "SystemData"),
    "mlsdk.entities.identity": (
        "IdentityConfiguration",
        "ManagedIdentityConfiguration",
        "UserIdentityConfiguration",
        "AmlTokenConfiguration",
    ),
    "mlsdk.entities.credentials": (
        "AccountKeyConfiguration",
        "CertificateConfiguration",
        "NoneCredentialConfiguration",
        "SasTokenConfiguration",
        "ServicePrincipalConfiguration",
    ),
    "mlsdk.entities.datastore": (
        "AzureBlobDatastore",
        "AzureDataLakeGen1Datastore",
        "AzureDataLakeGen2Datastore",
        "AzureFileDatastore",
        "Datastore",
        "OneLakeArtifact",
        "OneLakeDatastore",
    ),
    "mlsdk.entities.artifact": ("IntellectualProperty",),
    "mlsdk.entities.model": ("Model", "WorkspaceAssetReference", "DeploymentTemplateReference"),
    "mlsdk.entities.data": ("Data",),
    "mlsdk.entities.environment": ("BuildContext", "Environment"),
    "mlsdk.entities.code": ("Code",),
    "mlsdk.entities.component": ("Component",),
    "mlsdk.entities.command_component": ("CommandComponent",),
    "mlsdk.entities.inputs": ("Input", "Output"),
    "mlsdk.entities.distribution": (
        "MpiDistribution",
        "PyTorchDistribution",
        "RayDistribution",
        "TensorFlowDistribution",
    ),
    "mlsdk.entities.job_resources": ("JobResourceConfiguration", "QueueSettings", "ResourceConfiguration"),
    "mlsdk.entities.compute": (
        "AmlCompute",
        "AmlComputeNodeInfo",
        "AmlComputeSshSettings",
        "Compute",
        "ImageMetadata",
        "NetworkSettings",
        "UnsupportedCompute",
        "Usage",
        "UsageName",
        "VmSize",
    ),
    "mlsdk.entities.compute_instance": (
        "AssignedUserConfiguration",
        "ComputeInstance",
        "ComputeInstanceSshSettings",
        "ComputeSchedules",
        "ComputeStartStopSchedule",
        "CustomApplications",
        "EndpointsSettings",
        "ImageSettings",
        "ScriptReference",
        "SetupScripts",
        "VolumeSettings",
    ),
    "mlsdk.entities.attached_compute": (
        "AutoPauseSettings",
        "AutoScaleSettings",
        "KubernetesCompute",
        "SynapseSparkCompute",
        "VirtualMachineCompute",
        "VirtualMachineSshSettings",
    ),
    "mlsdk.entities.triggers": ("CronTrigger", "RecurrencePattern", "RecurrenceTrigger"),
    "mlsdk.entities.workspace": (
        "ComputeRuntime",
        "CustomerManagedKey",
        "FeatureStoreSettings",
        "Hub",
        "Project",
        "ServerlessComputeSettings",
        "Workspace",
    ),
    "mlsdk.entities.network": (
        "DefaultActionType",
        "FqdnDestination",
        "IPRule",
        "IsolationMode",
        "ManagedNetwork",
        "ManagedNetworkProvisionStatus",
        "NetworkAcls",
        "OutboundRule",
        "PrivateEndpointDestination",
        "ServiceTagDestination",
    ),
    "mlsdk.entities.workspace_answers": (
        "ContainerRegistryCredential",
        "DiagnoseRequestProperties",
        "DiagnoseResponseResult",
        "DiagnoseResponseResultValue",
        "DiagnoseResult",
        "DiagnoseWorkspaceParameters",
        "NotebookAccessKeys",
        "WorkspaceKeys",
    ),
    "mlsdk.entities.validation": ("ValidationResult",),
    "mlsdk.constants": ("ComputePowerAction", "CreatedByType", "ScheduleState", "UsageUnit"),
}
"""What `mlsdk.entities` offers."""

TOP = {
    "mlsdk.client": ("MLClient",),
    "mlsdk.entities.inputs": ("Input", "Output"),
    "mlsdk.entities.distribution": (
        "MpiDistribution",
        "PyTorchDistribution",
        "RayDistribution",
        "TensorFlowDistribution",
    ),
    "mlsdk.loading": (
        "load_component",
        "load_compute",
        "load_data",
        "load_datastore",
        "load_environment",
        "load_model",
        "load_workspace",
    ),
    "mlsdk.wire_forms": ("from_wire", "to_wire"),
    "mlsdk.backends.memory": ("memory_backend",),
}
"""What `mlsdk` offers."""


def homes(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """The module of each name."""
    return {name: module for module, names in table.items() for name in names}

"""Real Azure, over azure-core's pipeline, azure-identity and azure-storage-blob."""

from mlsdk.backends.azure.backend import AzureBackend

__all__ = ["AzureBackend"]

"""Data transfer under its official names."""

from __future__ import annotations

from mlsdk.builders.data_transfer import copy_data, export_data, import_data
from mlsdk.entities.data_transfer import DataTransferCopy, DataTransferExport, DataTransferImport
from mlsdk.entities.data_transfer_component import (
    DataTransferCopyComponent,
    DataTransferExportComponent,
    DataTransferImportComponent,
)
from mlsdk.entities.external_data import Database, FileSystem

__all__ = [
    "DataTransferCopy",
    "DataTransferCopyComponent",
    "DataTransferExport",
    "DataTransferExportComponent",
    "DataTransferImport",
    "DataTransferImportComponent",
    "Database",
    "FileSystem",
    "copy_data",
    "export_data",
    "import_data",
]

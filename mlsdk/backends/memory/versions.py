"""The api-versions of Azure Machine Learning that are emulated: one behaviour serves them all."""

from __future__ import annotations

VERSIONS = frozenset(
    {
        "2020-09-01-preview",
        "2021-03-01-preview",
        "2021-07-01",
        "2022-01-01-preview",
        "2022-02-01-preview",
        "2022-05-01",
        "2022-06-01-preview",
        "2022-10-01",
        "2022-10-01-preview",
        "2022-12-01-preview",
        "2023-02-01-preview",
        "2023-04-01",
        "2023-04-01-preview",
        "2023-06-01-preview",
        "2023-08-01-preview",
        "2023-10-01",
        "2024-01-01-preview",
        "2024-04-01",
        "2024-04-01-preview",
        "2024-07-01-preview",
        "2024-10-01",
        "2024-10-01-preview",
        "2025-01-01-preview",
        "2025-04-01",
        "2025-04-01-preview",
        "2025-06-01",
        "2025-07-01-preview",
        "2025-09-01",
        "2025-10-01-preview",
        "2025-12-01",
        "2026-03-15-preview",
    },
)
"""What Azure Resource Manager and the front end understand, from the published specifications."""

DATA_PLANE = frozenset({"2020-09-01-dataplanepreview", "2021-10-01-dataplanepreview", "v1.0"})
"""What registries and services beside Resource Manager understand."""

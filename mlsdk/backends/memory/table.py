"""The table of all kinds of resource, a row each, put together into a tree that requests are led through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsdk.backends.memory import deployments, longrunning, sizes
from mlsdk.backends.memory.assets import ASSETS
from mlsdk.backends.memory.computes import COMPUTES
from mlsdk.backends.memory.connections import CONNECTIONS
from mlsdk.backends.memory.curated import seed_workspace
from mlsdk.backends.memory.datastores import DATASTORES
from mlsdk.backends.memory.jobs import JOBS
from mlsdk.backends.memory.kinds import ML, Kind
from mlsdk.backends.memory.registries import REGISTRIES
from mlsdk.backends.memory.surroundings import SURROUNDINGS
from mlsdk.backends.memory.versioned import versioned
from mlsdk.backends.memory.versions import VERSIONS
from mlsdk.backends.memory.workspaces import WORKSPACES

if TYPE_CHECKING:
    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

ROOT = Kind(type="", segment="", noun="Root", lists=False, methods=frozenset())


def _status(call: Call, _location: Resource, operation_id: str) -> Reply:
    return longrunning.status_reply(call, operation_id)


def _result(call: Call, _location: Resource, operation_id: str) -> Reply:
    return longrunning.result_reply(call, operation_id)


LOCATIONS = Kind(
    type=f"{ML}/locations",
    below="Microsoft.Resources/subscriptions",
    segment=f"providers/{ML}/locations",
    noun="Location",
    passing=True,
    lists=False,
    methods=frozenset(),
    api_versions=VERSIONS,
    actions={
        "GET vmsizes": sizes.list_sizes,
        "GET usages": sizes.list_usages,
        "GET quotas": sizes.list_quotas,
        "POST updatequotas": sizes.update_quotas,
    },
)

POLLED = tuple(
    Kind(
        type=f"{ML}/locations/{segment}",
        below=f"{ML}/locations",
        segment=segment,
        noun="Operation",
        lists=False,
        methods=frozenset(),
        api_versions=None,
        answers={"GET": answer},
    )
    for segment, answer in (("operationStatuses", _status), ("operationResults", _result))
)

ROWS: tuple[Kind, ...] = (
    *SURROUNDINGS,
    *deployments.ROWS,
    *WORKSPACES,
    COMPUTES,
    DATASTORES,
    CONNECTIONS,
    JOBS,
    *(
        row
        for asset in ASSETS
        for row in versioned(asset, f"{ML}/workspaces", seed=seed_workspace if asset.plural == "environments" else None)
    ),
    *REGISTRIES,
    LOCATIONS,
    *POLLED,
)

KINDS: dict[str, Kind] = {kind.key: kind for kind in (ROOT, *ROWS)}
"""Every kind by its type in lower case."""

for _row in ROWS:
    KINDS[_row.below.lower()].children[_row.path_key] = _row

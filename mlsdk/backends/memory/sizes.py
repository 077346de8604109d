"""Virtual machine sizes, and how much of a quota is in use."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import attrs

from mlsdk.backends.memory.bodies import dig, dig_object
from mlsdk.backends.memory.calls import reply
from mlsdk.backends.memory.errors import refusal
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.resource_lists import tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsdk.backends import Reply
    from mlsdk.backends.memory.calls import Call
    from mlsdk.backends.memory.state import Resource

COMPUTE = f"{ML}/workspaces/computes".lower()
CORES_PER_FAMILY = 100
CORES_PER_REGION = 350


# Neither compared nor shown: to compile what does that is most of the time that importing such a class takes.
@attrs.frozen(eq=False, repr=False)
class Size:
    """One virtual machine size, the prices in US dollars an hour for Linux."""

    name: str
    family: str
    cores: int
    gpus: int
    memory: float
    """GB."""
    disk: int
    """GB of temporary disk."""
    price: float
    low_priority: bool = True


TABLE = (
    Size("Standard_DS1_v2", "standardDSv2Family", 1, 0, 3.5, 7, 0.073),
    Size("Standard_DS2_v2", "standardDSv2Family", 2, 0, 7.0, 14, 0.146),
    Size("Standard_DS3_v2", "standardDSv2Family", 4, 0, 14.0, 28, 0.293),
    Size("Standard_DS4_v2", "standardDSv2Family", 8, 0, 28.0, 56, 0.585),
    Size("Standard_DS5_v2", "standardDSv2Family", 16, 0, 56.0, 112, 1.17),
    Size("Standard_DS11_v2", "standardDSv2Family", 2, 0, 14.0, 28, 0.185),
    Size("Standard_DS12_v2", "standardDSv2Family", 4, 0, 28.0, 56, 0.371),
    Size("Standard_DS13_v2", "standardDSv2Family", 8, 0, 56.0, 112, 0.741),
    Size("Standard_DS14_v2", "standardDSv2Family", 16, 0, 112.0, 224, 1.482),
    Size("Standard_DS15_v2", "standardDSv2Family", 20, 0, 140.0, 280, 1.853),
    Size("Standard_D1_v2", "standardDv2Family", 1, 0, 3.5, 50, 0.073),
    Size("Standard_D2_v2", "standardDv2Family", 2, 0, 7.0, 100, 0.146),
    Size("Standard_D3_v2", "standardDv2Family", 4, 0, 14.0, 200, 0.293),
    Size("Standard_D4_v2", "standardDv2Family", 8, 0, 28.0, 400, 0.585),
    Size("Standard_D13_v2", "standardDv2Family", 8, 0, 56.0, 400, 0.741),
    Size("Standard_D14_v2", "standardDv2Family", 16, 0, 112.0, 800, 1.482),
    Size("Standard_D2_v3", "standardDv3Family", 2, 0, 8.0, 50, 0.096),
    Size("Standard_D4_v3", "standardDv3Family", 4, 0, 16.0, 100, 0.192),
    Size("Standard_D8_v3", "standardDv3Family", 8, 0, 32.0, 200, 0.384),
    Size("Standard_D2s_v3", "standardDSv3Family", 2, 0, 8.0, 16, 0.096),
    Size("Standard_D4s_v3", "standardDSv3Family", 4, 0, 16.0, 32, 0.192),
    Size("Standard_D8s_v3", "standardDSv3Family", 8, 0, 32.0, 64, 0.384),
    Size("Standard_D16s_v3", "standardDSv3Family", 16, 0, 64.0, 128, 0.768),
    Size("Standard_D32s_v3", "standardDSv3Family", 32, 0, 128.0, 256, 1.536),
    Size("Standard_D2as_v4", "standardDASv4Family", 2, 0, 8.0, 16, 0.096),
    Size("Standard_D4as_v4", "standardDASv4Family", 4, 0, 16.0, 32, 0.192),
    Size("Standard_D8as_v4", "standardDASv4Family", 8, 0, 32.0, 64, 0.384),
    Size("Standard_A2_v2", "standardAv2Family", 2, 0, 4.0, 20, 0.076),
    Size("Standard_A4_v2", "standardAv2Family", 4, 0, 8.0, 40, 0.159),
    Size("Standard_E4s_v3", "standardESv3Family", 4, 0, 32.0, 64, 0.252),
    Size("Standard_E8s_v3", "standardESv3Family", 8, 0, 64.0, 128, 0.504),
    Size("Standard_E16s_v3", "standardESv3Family", 16, 0, 128.0, 256, 1.008),
    Size("Standard_E32s_v3", "standardESv3Family", 32, 0, 256.0, 512, 2.016),
    Size("Standard_E4ds_v4", "standardEDSv4Family", 4, 0, 32.0, 150, 0.288),
    Size("Standard_E8ds_v4", "standardEDSv4Family", 8, 0, 64.0, 300, 0.576),
    Size("Standard_E16ds_v4", "standardEDSv4Family", 16, 0, 128.0, 600, 1.152),
    Size("Standard_F2s_v2", "standardFSv2Family", 2, 0, 4.0, 16, 0.085),
    Size("Standard_F4s_v2", "standardFSv2Family", 4, 0, 8.0, 32, 0.169),
    Size("Standard_F8s_v2", "standardFSv2Family", 8, 0, 16.0, 64, 0.338),
    Size("Standard_F16s_v2", "standardFSv2Family", 16, 0, 32.0, 128, 0.677),
    Size("Standard_F32s_v2", "standardFSv2Family", 32, 0, 64.0, 256, 1.353),
    Size("Standard_NC6", "standardNCFamily", 6, 1, 56.0, 340, 0.9),
    Size("Standard_NC12", "standardNCFamily", 12, 2, 112.0, 680, 1.8),
    Size("Standard_NC24", "standardNCFamily", 24, 4, 224.0, 1440, 3.6),
    Size("Standard_NC6s_v3", "standardNCSv3Family", 6, 1, 112.0, 736, 3.06),
    Size("Standard_NC12s_v3", "standardNCSv3Family", 12, 2, 224.0, 1474, 6.12),
    Size("Standard_NC24s_v3", "standardNCSv3Family", 24, 4, 448.0, 2948, 12.24),
    Size("Standard_NC24rs_v3", "standardNCSv3Family", 24, 4, 448.0, 2948, 13.46),
    Size("Standard_NC4as_T4_v3", "standardNCASv3T4Family", 4, 1, 28.0, 176, 0.526),
    Size("Standard_NC8as_T4_v3", "standardNCASv3T4Family", 8, 1, 56.0, 352, 0.752),
    Size("Standard_NC16as_T4_v3", "standardNCASv3T4Family", 16, 1, 110.0, 352, 1.204),
    Size("Standard_NC64as_T4_v3", "standardNCASv3T4Family", 64, 4, 440.0, 2816, 4.352),
    Size("Standard_NC24ads_A100_v4", "standardNCADSA100v4Family", 24, 1, 220.0, 64, 3.673),
    Size("Standard_NC48ads_A100_v4", "standardNCADSA100v4Family", 48, 2, 440.0, 128, 7.346),
    Size("Standard_NC96ads_A100_v4", "standardNCADSA100v4Family", 96, 4, 880.0, 256, 14.692),
    Size("Standard_NC40ads_H100_v5", "standardNCadsH100v5Family", 40, 1, 320.0, 3576, 6.98),
    Size("Standard_NC80adis_H100_v5", "standardNCadsH100v5Family", 80, 2, 640.0, 7152, 13.96),
    Size("Standard_ND40rs_v2", "standardNDSv2Family", 40, 8, 672.0, 2948, 22.032),
    Size("Standard_ND96asr_v4", "standardNDASv4Family", 96, 8, 900.0, 6000, 27.197),
    Size("Standard_ND96amsr_A100_v4", "standardNDAMSv4A100Family", 96, 8, 1900.0, 6400, 32.77),
    Size("Standard_ND96isr_H100_v5", "standardNDSH100v5Family", 96, 8, 1900.0, 28000, 98.32, low_priority=False),
    Size("Standard_NV6", "standardNVFamily", 6, 1, 56.0, 340, 1.14),
    Size("Standard_NV12", "standardNVFamily", 12, 2, 112.0, 680, 2.28),
    Size("Standard_M64ms", "standardMSFamily", 64, 0, 1792.0, 2048, 10.34, low_priority=False),
)

SIZES = {size.name.lower(): size for size in TABLE}


def size_of(name: str) -> Size:
    """The size of that name; ServiceError (400) when there is none."""
    found = SIZES.get(name.lower())
    if found is None:
        near = difflib.get_close_matches(name.lower(), SIZES, 3)
        hint = f"Near it are {', '.join(SIZES[word].name for word in near)}. " if near else ""
        message = (
            f"The specified VM size '{name}' is not supported. {hint}"
            f"The memory backend knows {len(TABLE)} sizes; list_sizes() names them."
        )
        raise refusal(400, message, "InvalidVmSize")
    return found


def list_sizes(_call: Call, _location: Resource) -> Reply:
    """The sizes a location offers."""
    return reply({"value": [_shown(size) for size in TABLE]})


def _shown(size: Size) -> dict[str, Any]:
    price = {"retailPrice": size.price, "osType": "Linux", "vmTier": "Standard"}
    return {
        "name": size.name,
        "family": size.family,
        "vCPUs": size.cores,
        "gpus": size.gpus,
        "osVhdSizeMB": 1_047_552,
        "maxResourceVolumeMB": size.disk * 1024,
        "memoryGB": size.memory,
        "lowPriorityCapable": size.low_priority,
        "premiumIO": "s" in size.name.rpartition("_v")[0].removeprefix("Standard_"),
        "estimatedVMPrices": {"billingCurrency": "USD", "unitOfMeasure": "OneHour", "values": [price]},
        "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
    }


def list_usages(call: Call, location: Resource) -> Reply:
    """How many cores, clusters and workspaces a subscription uses in a location."""
    used: dict[str, int] = {}
    clusters = 0
    for compute in _computes(location):
        clusters += 1
        size = SIZES.get(str(dig(compute.stored, "properties.properties.vmSize", "")).lower())
        if size is not None:
            used[size.family] = used.get(size.family, 0) + size.cores * compute.known.get("nodes", 1)
    families = sorted({size.family for size in TABLE})
    rows = [
        ("Clusters", "Clusters", clusters, 200),
        ("Total Cluster Dedicated Regional vCPUs", "totalCores", sum(used.values()), CORES_PER_REGION),
    ]
    rows += [
        (f"{family} Cluster Dedicated vCPUs", family, used.get(family, 0), CORES_PER_FAMILY) for family in families
    ]
    return reply({"value": [_usage(call, location, *row) for row in rows]})


def _usage(call: Call, location: Resource, label: str, name: str, current: int, limit: int) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{call.subscription}/providers/{ML}/locations/{location.name}/usages/{name}",
        "type": f"{ML}/usages",
        "amlWorkspaceLocation": location.name,
        "unit": "Count",
        "currentValue": current,
        "limit": limit,
        "name": {"value": name, "localizedValue": label},
    }


def _computes(location: Resource) -> Iterator[Resource]:
    """The computes of a subscription that are in a location."""
    wanted = location.name.replace(" ", "").lower()
    for workspace in tracked(location.parent or location):
        computes = (workspace.children or {}).get(COMPUTE)
        for compute in computes.items.values() if computes is not None else ():
            if str(compute.stored.get("location", "")).replace(" ", "").lower() == wanted:
                yield compute


def list_quotas(call: Call, location: Resource) -> Reply:
    """How many cores of each family a subscription may use in a location."""
    families = sorted({size.family for size in TABLE})
    limits = (location.parent.known.get("quotas", {}) if location.parent is not None else {}) or {}
    return reply({"value": [_quota(call, location, one, limits.get(one, CORES_PER_FAMILY)) for one in families]})


def update_quotas(call: Call, location: Resource) -> Reply:
    """Set how many cores of a family a subscription may use."""
    wanted = call.json().get("value", [])
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise refusal(400, "The request content was invalid: 'value' has to be a list of quotas.")
    subscription = location.parent or location
    limits = subscription.known.setdefault("quotas", {})
    for one in wanted:
        dig_object({"quota": one}, "quota")
        family = str(one.get("id", "")).rstrip("/").rpartition("/")[2]
        limits[family] = one.get("limit")
    return reply({"value": [{**one, "status": "Success"} for one in wanted]})


def _quota(call: Call, location: Resource, family: str, limit: int) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{call.subscription}/providers/{ML}/locations/{location.name}/quotas/{family}",
        "type": f"{ML}/vmFamily/quotas",
        "amlWorkspaceLocation": location.name,
        "unit": "Count",
        "limit": limit,
        "name": {"value": family, "localizedValue": f"{family} Cluster Dedicated vCPUs"},
    }

"""What to do about a refusal of the service: a table of codes, statuses and words, each with one sentence.

The first row that fits wins. A sentence may name what its row's pattern found in the text of the error, and what the
address that was asked tells: `{subscription}`, `{group}`, `{workspace}`, `{wait}`, `{roles}`. Only what is known is said:
an error without a row stands for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from mlsdk.arm.roles import roles_with

if TYPE_CHECKING:
    from collections.abc import Iterable

NOT_JSON = "(not JSON)"
"""Stands among the codes of an error whose answer was a page."""

FAILURES = frozenset({500, 502, 503, 504})


def _lower(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code.lower() for code in codes)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE | re.DOTALL)


@attrs.frozen
class Advice:
    """One row: where its parts all fit an error, its sentence says what to do."""

    sentence: str
    codes: frozenset[str] = attrs.field(default=frozenset(), converter=_lower)
    """Any of these, compared without case; empty for whatever code."""
    statuses: frozenset[int] = frozenset()
    """Any of these; empty for whatever status."""
    words: re.Pattern[str] | None = attrs.field(default=None, converter=attrs.converters.optional(_pattern))
    """Found anywhere in the text; its named groups go into the sentence."""

    def facts(self, status: int, codes: Iterable[str], text: str) -> dict[str, str] | None:
        """What the words of the row found, None when the row does not fit."""
        if (self.statuses and status not in self.statuses) or (self.codes and self.codes.isdisjoint(_lower(codes))):
            return None
        if self.words is None:
            return {}
        found = self.words.search(text)
        return None if found is None else {name: value for name, value in found.groupdict().items() if value}


MISSING_ROLE = (
    "the credential lacks the action {action}. {roles} Ask an owner of that scope for it, and give a new role some minutes "
    "to take effect."
)
OTHER_TENANT = "the credential signed in to another tenant than that of subscription {subscription}: "
NETWORK = (
    "this machine is outside the network that may reach it. Run from inside the virtual network (or over its VPN), or let "
    "public network access be enabled"
)
QUOTA = (
    "the quota of the region or the workspace is used up: free some of it (compute.list_usage() shows it), choose another "
    "size or region, or ask for more in the portal under Quotas."
)

TABLE = (
    # A page instead of an answer: nothing else in it can be believed.
    Advice(
        "this is a page of something between here and Azure (a proxy, a firewall, a gateway): check HTTPS_PROXY and the "
        "address of the cloud; when the status is 5xx, try again later.",
        codes={NOT_JSON},
    ),
    # Who is asking.
    Advice(
        OTHER_TENANT + "`az login --tenant {tenant}`, or give the credential tenant_id='{tenant}'.",
        codes={"InvalidAuthenticationTokenTenant"},
        words=r"must match (?:the tenant|one of the tenants) '[^']*?(?P<tenant>[0-9a-f]{8}-[0-9a-f-]{27})",
    ),
    Advice(
        OTHER_TENANT + "sign in to its tenant, or give the credential tenant_id=….",
        codes={"InvalidAuthenticationTokenTenant"},
    ),
    Advice(
        "the token ran out: sign in again (`az login`). An own credential has to give a fresh token at each get_token, and "
        "the clock of this machine has to be right.",
        codes={"ExpiredAuthenticationToken"},
    ),
    Advice(
        "the token was made for another service or another cloud: leave the scope to mlsdk, and give MLClient cloud=… when "
        "the subscription is not in the public cloud.",
        codes={"InvalidAuthenticationTokenAudience"},
    ),
    Advice(
        "the token is not accepted: sign in again (`az login`), with a credential of this cloud and tenant.",
        statuses=frozenset({401}),
    ),
    # Where it was asked.
    Advice(
        "no subscription {subscription} can be seen with this credential: check the subscription_id given to MLClient, and "
        "that the credential signs in to its tenant (`az account list` shows what it sees).",
        codes={"SubscriptionNotFound", "MissingSubscription"},
    ),
    Advice(
        "subscription_id must be the id of a subscription, such as 12345678-1234-1234-1234-123456789abc, not its name "
        "(`az account list` shows both); it is {subscription}.",
        codes={"InvalidSubscriptionId"},
    ),
    Advice(
        "the subscription is disabled or read-only: its owner has to enable it again.",
        codes={"ReadOnlyDisabledSubscription", "DisabledSubscription", "SubscriptionDisabled"},
    ),
    Advice(
        "an owner or contributor of subscription {subscription} has to register the provider once: "
        "`az provider register --namespace {namespace}`, then wait a minute.",
        codes={"MissingSubscriptionRegistration", "SubscriptionNotRegistered"},
        words=r"use namespace '(?P<namespace>[^']+)'",
    ),
    Advice(
        "an owner or contributor of subscription {subscription} has to register the provider once: "
        "`az provider register --namespace Microsoft.MachineLearningServices`, then wait a minute.",
        codes={"MissingSubscriptionRegistration", "SubscriptionNotRegistered"},
    ),
    Advice(
        "check the resource_group_name given to MLClient, and that it is in subscription {subscription}; "
        "`az group create --name {missing} --location …` makes it.",
        codes={"ResourceGroupNotFound"},
        words=r"resource group '(?P<missing>[^']+)'",
    ),
    Advice(
        "wait until the resource group is gone, or take another one.",
        codes={"ResourceGroupBeingDeleted"},
    ),
    Advice(
        "there is no workspace '{missing}' in resource group '{in_group}' of subscription {subscription}: check the names "
        "given to MLClient, or make it with workspaces.begin_create(Workspace(name='{missing}')).",
        statuses=frozenset({404}),
        words=r"Resource 'Microsoft\.MachineLearningServices/workspaces/(?P<missing>[^'/]+)' "
        r"under resource group '(?P<in_group>[^']+)' was not found",
    ),
    Advice(
        "there is no registry '{missing}' in resource group '{in_group}': check the names given to MLClient.",
        statuses=frozenset({404}),
        words=r"Resource 'Microsoft\.MachineLearningServices/registries/(?P<missing>[^'/]+)' "
        r"under resource group '(?P<in_group>[^']+)' was not found",
    ),
    # What the one who asks may do.
    Advice(
        "a deny assignment forbids it, which no role outweighs: ask who owns the subscription or the managed application.",
        codes={"DenyAssignmentAuthorizationFailed"},
    ),
    Advice(
        "a policy of the subscription forbids it: change what is asked for, or ask who owns the policy.",
        codes={"RequestDisallowedByPolicy"},
    ),
    Advice(
        "a lock protects it: who owns the scope has to remove the lock first (`az lock list`).",
        codes={"ScopeLocked"},
    ),
    Advice(
        MISSING_ROLE,
        statuses=frozenset({403}),
        words=r"does not have permission to perform action(?:\(s\))? '?(?P<action>[\w.]+/[\w./]+)'? on the linked scope",
    ),
    Advice(
        MISSING_ROLE,
        statuses=frozenset({403}),
        words=r"does not have authorization to perform action '?(?P<action>[\w.]+/[\w./]+)",
    ),
    Advice(
        MISSING_ROLE,
        statuses=frozenset({403}),
        words=r"does not have permissions? for (?P<action>[\w.]+/[\w./]+\w) actions?",
    ),
    Advice(
        "the credential lacks a role for the data: 'Storage Blob Data Contributor' on the storage account to write, 'Storage "
        "Blob Data Reader' to read. Being owner or contributor is not enough.",
        codes={"AuthorizationPermissionMismatch"},
    ),
    # From where it was asked: after those, since a scope may be called `private-link`. The network denies as 403, or as 502.
    Advice(
        NETWORK + " (`public_network_access='Enabled'`).",
        statuses=frozenset({403, 502}),
        words=r"private[ -]?link|private[ -]?endpoint|public[ -]?network[ -]?access|public access is (?:not|disabled)"
        r"|from (?:a |the )?public network",
    ),
    Advice(
        NETWORK + ", or this address be added to the rules of its firewall.",
        statuses=frozenset({403}),
        words=r"\bIP ?address|\bIP rules?\b|\bfirewall\b|network (?:security )?(?:rule|perimeter|acl)|virtual network",
    ),
    Advice(
        "the storage account refused the request: its firewall keeps this machine out, or the key or SAS is wrong.",
        codes={"AuthorizationFailure"},
        statuses=frozenset({403}),
    ),
    Advice(
        "the credential is known but lacks a role for this: 'AzureML Data Scientist' on the workspace allows most of what is "
        "done inside one, 'Contributor' on the resource group workspaces, computes and what stands around them.",
        statuses=frozenset({403}),
    ),
    # Names that are taken.
    Advice(
        "a workspace of this name was deleted and is kept for 14 days: recover or purge it in the portal, delete with "
        "workspaces.begin_delete(…, permanently_delete=True) next time, or take another name.",
        words=r"soft[- ]?deleted workspace",
    ),
    Advice(
        "the name is taken, perhaps by somebody else, since it is one for all of Azure: take another name.",
        codes={"StorageAccountAlreadyTaken", "VaultAlreadyExists", "AlreadyInUse", "NameUnavailable"},
    ),
    # What was asked for.
    Advice(
        "the service here does not know this api-version; the text above may name those it knows. Give MLClient "
        "api_versions={{…}}, or use the version of mlsdk which goes with this cloud.",
        codes={
            "NoRegisteredProviderFound",
            "InvalidApiVersionParameter",
            "UnsupportedApiVersion",
            "InvalidResourceType",
        },
    ),
    Advice(
        QUOTA,
        codes={"QuotaExceeded", "OutOfQuota", "InsufficientQuota"},
    ),
    Advice(
        QUOTA,
        words=r"exceed\w*[^.]{0,80}\bquota|\bquota\b[^.]{0,80}\bexceeded|not enough [^.]{0,60}\bquota|\bOutOfQuota\b",
    ),
    # When it was asked.
    Advice(
        "too many requests were made with this credential or in this subscription, and waiting was not enough: try again "
        "{wait}, with fewer at once.",
        statuses=frozenset({429}),
    ),
    Advice(
        "it was changed by somebody else since it was read: get it again, make the change there, and send that.",
        statuses=frozenset({412}),
    ),
    Advice(
        "another operation on it still runs: wait for its end, then try again.",
        codes={
            "AnotherOperationInProgress",
            "RetryableError",
            "RetryableErrorDueToAnotherOperation",
            "OperationInProgress",
        },
    ),
    Advice(
        "the service failed by itself: try again later; when it lasts, open a support request and give it the ids of this "
        "error.",
        statuses=FAILURES,
    ),
)

ADDRESS = re.compile(
    r"(?:/subscriptions/(?P<subscription>[^/?]+))"
    r"(?:/resourcegroups/(?P<group>[^/?]+))?"
    r"(?:/providers/microsoft\.machinelearningservices/workspaces/(?P<workspace>[^/?]+))?",
    re.IGNORECASE,
)


def advice(status: int, codes: Iterable[str], text: str, url: str, retry_after: str | None = None) -> str | None:
    """What to do about an error, None when nothing more is known than what the service says.

    `codes` are those of the error and of its details, `text` is all that it says, `url` the address that was asked, and
    `retry_after` the header of that name.
    """
    codes = list(codes)
    for row in TABLE:
        facts = row.facts(status, codes, text)
        if facts is not None:
            address = ADDRESS.search(url)
            asked = {name: f"'{value}'" for name, value in address.groupdict().items() if value} if address else {}
            wait = f"in {retry_after} seconds" if retry_after and retry_after.isdecimal() else "later"
            known = {
                "subscription": "(the one given)",
                "wait": wait,
                "roles": _roles(facts.get("action")),
                **asked,
                **facts,
            }
            return row.sentence.format_map(known)
    return None


def _roles(action: str | None) -> str:
    """The sentence on the built-in roles that allow an action; the two that allow least."""
    names = [f"'{name}'" for name in roles_with(action)[:2]] if action else []
    if not names:
        return "No built-in role that mlsdk knows allows it."
    return f"The built-in role {names[0]} allows it" + (f", so does {names[1]}." if len(names) > 1 else ".")

"""Asynchronous clients and credentials are led into the memory backend as the others are."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import azure.identity.aio
import pytest
from azure.core import AsyncPipelineClient
from azure.core.exceptions import ResourceNotFoundError
from azure.core.rest import HttpRequest

from mlsdk.backends.memory import ManualClock, MemoryBackend
from mlsdk.testing import HostRefusedError, azure_ml

pytest.importorskip("aiohttp", reason="asynchronous clients of azure-core go over aiohttp")

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ML = "https://ml.azure.com/.default"


def test_files_come_back_as_they_went() -> None:
    """azure-storage-blob's asynchronous client writes, reads and lists, with a credential that asks nobody."""
    from azure.storage.blob.aio import BlobServiceClient

    content, name = bytes(range(256)) * 20_000, "a folder/größe+%.bin"

    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    async def use() -> list[str]:
        credential = azure.identity.aio.DefaultAzureCredential()
        async with credential, BlobServiceClient("https://acct.blob.core.windows.net", credential) as service:
            container = service.get_container_client("data")
            await container.upload_blob(name, content)
            await container.upload_blob("pieces", pieces(), length=3)
            downloaded = await container.download_blob(name)
            assert b"".join([chunk async for chunk in downloaded.chunks()]) == content
            return [blob.name async for blob in container.list_blobs()]

    with azure_ml() as memory:
        memory.add_storage_account("acct", containers=["data"])
        assert asyncio.run(use()) == [name, "pieces"]
        assert memory.container("https://acct.blob.core.windows.net/data").get("pieces") == b"abc"


def test_nobody_waits_in_a_loop_either() -> None:
    """Neither for azure-core to try again nor for a long-running operation, which a clock moved by hand jumps over."""
    from azure.mgmt.resource.resources.aio import ResourceManagementClient

    async def use() -> None:
        credential = azure.identity.aio.AzureCliCredential()
        async with credential, ResourceManagementClient(credential, "sub") as client:
            assert (await client.resource_groups.get("rg")).name == "rg"
            await (await client.resource_groups.begin_delete("rg")).result()
            with pytest.raises(ResourceNotFoundError):
                await client.resource_groups.get("rg")

    with azure_ml(MemoryBackend(long_running="async", operation_seconds=600, clock=ManualClock())) as memory:
        memory.add_resource_group("sub", "rg")
        memory.fail(status=503, times=3)
        begin = time.monotonic()
        asyncio.run(use())
        assert time.monotonic() - begin < 5


def test_a_host_that_is_not_azures_is_refused() -> None:
    """In the loop as elsewhere; one that is let through is really asked."""

    async def ask(address: str) -> None:
        async with AsyncPipelineClient(address, retry_total=0) as client:
            await client.send_request(HttpRequest("GET", address))

    with azure_ml(allow_hosts=["127.0.0.1"]):
        with pytest.raises(HostRefusedError, match=r"GET to example\.com"):
            asyncio.run(ask("https://example.com/"))
        with pytest.raises(Exception, match="Cannot connect to host 127"):
            asyncio.run(ask("http://127.0.0.1:9/"))


@pytest.mark.parametrize("name", [name for name in azure.identity.aio.__all__ if name.endswith("Credential")])
def test_every_credential_is_stood_in_for(name: str) -> None:
    """Whichever it is gives a token without being asked how it would get one."""

    async def ask(credential: Any) -> tuple[str, str]:
        given = await credential.get_token(ML)
        info = await credential.get_token_info(ML, options={})
        return given.token, info.token

    kind = getattr(azure.identity.aio, name)
    with azure_ml():
        assert all(token.count(".") == 2 for token in asyncio.run(ask(kind.__new__(kind))))


def test_afterwards_credentials_ask_again() -> None:
    """Outside of a context azure-identity is as it was."""

    async def ask() -> None:
        async with azure.identity.aio.EnvironmentCredential() as credential:
            with azure_ml():
                await credential.get_token(ML)
            with pytest.raises(azure.identity.CredentialUnavailableError):
                await credential.get_token(ML)

    asyncio.run(ask())


def test_a_coroutine_function_can_be_decorated() -> None:
    """The context lasts as long as what it awaits, not as long as the call that makes the coroutine."""

    @azure_ml()
    async def status() -> int:
        await asyncio.sleep(0)
        async with AsyncPipelineClient("https://management.azure.com") as client:
            request = HttpRequest(
                "GET", "https://management.azure.com/subscriptions", params={"api-version": "2021-04-01"}
            )
            return (await client.send_request(request)).status_code

    assert asyncio.run(status()) == 200


def test_the_loops_own_waits_are_waited_for() -> None:
    """Only modules of `azure` are spared them, and what was to come of a wait comes."""
    with azure_ml():
        begin = time.monotonic()
        assert asyncio.run(asyncio.sleep(0.05, "result")) == "result"
        assert time.monotonic() - begin >= 0.05

"""Azurite, Microsoft's blob server for tests, on a free loopback port for as long as the tests run."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from azure.storage.blob import ContainerClient, generate_container_sas
from certificates import write_certificate

from mlsdk.backends.azure.storage import BlobContainer

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parent.parent
ACCOUNT = "filesoftests"
KEY = base64.b64encode(b"the key of an account that lives for a test run").decode()
FOLDER = os.environ.get("MLSDK_AZURITE")
"""Read here, since no test sees the environment variables of the package."""


@attrs.frozen
class Azurite:
    """A blob server with one account."""

    url: str
    """Where the account is, without a slash at the end."""
    certificate: str | None = None
    """The file of the certificate to trust, where it speaks HTTPS."""
    key: str = KEY
    """The key of the account."""

    def new(self) -> str:
        """The address of a new, empty container."""
        url = f"{self.url}/{uuid.uuid4().hex}"
        with self.official(url) as client:
            client.create_container()
        return url

    def official(self, url: str) -> ContainerClient:
        """Microsoft's own client of a container."""
        key = {"account_name": ACCOUNT, "account_key": KEY}
        return ContainerClient.from_container_url(url, key, connection_verify=self.certificate or True)

    def container(self, url: str | None = None, **options: Any) -> BlobContainer:
        """A container as the backend gives it; a new one where none is named."""
        return BlobContainer(url or self.new(), KEY, connection_verify=self.certificate or True, **options)

    def signature(self, url: str, permission: str = "racwdl", hours: float = 1) -> str:
        """A shared access signature for a container."""
        return generate_container_sas(
            ACCOUNT,
            url.rpartition("/")[2],
            account_key=KEY,
            permission=permission,
            expiry=datetime.now(timezone.utc) + timedelta(hours=hours),
        )


def program() -> str:
    """The blob server: on the search path, below the folder `$MLSDK_AZURITE`, or where nox installs it; a skip without Node."""
    found = shutil.which("azurite-blob") or shutil.which(
        "azurite-blob", path=str(Path(FOLDER or REPOSITORY / ".azurite") / "node_modules" / ".bin")
    )
    if shutil.which("node") is None:
        pytest.skip("Node is missing, in which the blob server Azurite runs")
    if found is None:
        pytest.fail("Azurite is missing; `npm install --prefix .azurite azurite` brings it, as `nox -s tests` does")
    return found


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Run the blob server, which keeps all in memory, to the end of the block; where it listens."""
    command = [program(), "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--silent"]
    environment = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    with subprocess.Popen(
        [*command, "--skipApiVersionCheck", "--disableTelemetry", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        said = ""
        try:
            for line in process.stdout:
                said += line
                if found := re.search(r"listens on (https?://\S+)", line):
                    yield found[1]
                    break
            else:
                pytest.fail(f"Azurite did not start: {said}")
        finally:
            process.terminate()
            process.communicate()


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """A blob server that is opened by keys and signatures."""
    with running() as address:
        yield Azurite(f"{address}/{ACCOUNT}")


@pytest.fixture(scope="session")
def azurite_over_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """A blob server over HTTPS, which takes tokens too; it looks at what they say, not at who signed them."""
    certificate = str(write_certificate(tmp_path_factory.mktemp("certificate")))
    with running("--cert", certificate, "--key", certificate, "--oauth", "basic") as address:
        yield Azurite(f"{address}/{ACCOUNT}", certificate)


@pytest.fixture
def container(azurite: Azurite) -> BlobContainer:
    """A new, empty container."""
    return azurite.container()

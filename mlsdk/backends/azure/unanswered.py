"""What to do where no answer came: the service was not reached, or nobody is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError

if TYPE_CHECKING:
    from mlsdk.clouds import Cloud

NOT_SIGNED_IN = (
    "no credential was given and none was found: sign in with `az login`, or give MLClient a credential. Without Azure, "
    "MLClient(…, backend='memory') or MLSDK_BACKEND=memory runs the same code in memory."
)


def advised(error: AzureError, url: str, cloud: Cloud, *, default_credential: bool) -> AzureError:
    """The same error, its text followed by what to do, where that is known.

    `default_credential` says that no credential was given, so that the default one was taken.
    """
    host = urlsplit(url).netloc
    if isinstance(error, ClientAuthenticationError) and error.response is None and default_credential:
        hint = NOT_SIGNED_IN
    elif isinstance(error, ServiceRequestError) and error.inner_exception is not None:
        hint = (
            f"{host} was not reached, so nothing was done: check the network, HTTPS_PROXY and NO_PROXY, the certificates "
            f"(REQUESTS_CA_BUNDLE), and that {cloud.name} is the cloud meant (MLClient(…, cloud=…))."
        )
    else:
        return error
    error.message = f"{error.message}\nWhat to do: {hint}"
    error.args = (error.message, *error.args[1:])
    return error

"""Components before they are sent, and brought back to this machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlsdk import hashing, ids
from mlsdk.assets.code import CODE_VERSION, download_code
from mlsdk.assets.references import is_remote, local_path, versioned
from mlsdk.assets.steps import register_components, resolved_component
from mlsdk.assets.submission import Submission
from mlsdk.schema import files
from mlsdk.schema.refusals import wrong

if TYPE_CHECKING:
    from mlsdk.assets.session import Session
    from mlsdk.entities.component import Component

JSON = dict[str, Any]


def resolve_component(component: Component, session: Session) -> Component:
    """A component whose code, environment and steps are in the workspace; without a name it is anonymous."""
    submission = Submission(session)
    registered = register_components(getattr(component, "jobs", None) or {}, submission)
    resolved = resolved_component(component, submission, registered)
    return versioned(resolved.named(), session) if resolved.name else resolved.named()


def localize_component(component: Component, folder: Path, session: Session) -> None:
    """Write a registered component and its code into `folder`: `component_spec.yaml` beside `code/`."""
    form, code = component.to_dict(), getattr(component, "code", None)
    if isinstance(code, str) and ids.is_arm_id(code.removeprefix("azureml:")):
        version = session.connection.api_version("codes", CODE_VERSION)
        body = session.connection.exchange("GET", code.removeprefix("azureml:"), version).body
        download_code(str(body["properties"]["codeUri"]), folder / "code", session)
        form["code"] = "./code"
    form.pop("additional_includes", None)  # they are in the snapshot already
    files.write(form, folder / "component_spec.yaml")


def write_catalog(component: Component) -> None:
    """Write `catalog.json` and `catalog.json.sig` into a component's code folder: the SHA-256 of each of its files."""
    code = getattr(component, "code", None)
    if code is None or is_remote(code):
        message = f"component {component.name!r} has no code on this machine to sign"
        raise wrong(message)
    folder = local_path(code, component.base_path)
    for name in ("catalog.json", "catalog.json.sig"):
        (folder / name).unlink(missing_ok=True)
    items = {
        file.name: hashlib.sha256(Path(file.path).read_bytes()).hexdigest().upper()
        for file in hashing.code_source(folder, hashing.COMPONENT_IGNORES).files
    }
    content = json.dumps({"HashAlgorithm": "SHA256", "CatalogItems": dict(sorted(items.items()))})
    for name in ("catalog.json", "catalog.json.sig"):
        (folder / name).write_text(content, encoding="utf-8")

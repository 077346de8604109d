"""Runs the tests that public packages ship with their sources, each test with the fixture `azure_ml`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

SUITES = {
    "submit-aml": ["tests"],
    "ez-azml": ["tests"],
}
"""Which tests of a package are run. Those of kedro-azureml-pipeline are not: all of them mock the client itself."""

ADDED = {
    "ez-azml": {
        # Its tests read a file that its archive does not have.
        "configs/environments/conda.yaml": "name: demo\ndependencies: [python=3.12]\n",
        # Its own `ml_client` replaces the operations by mocks; here they reach the workspace. Its test of a pipeline keeps
        # the mocks, since pipelines are not emulated.
        "tests/cloud_runs/commands/conftest.py": """
import pytest
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential


@pytest.fixture
def ml_client(azure_ml):
    azure_ml.add_workspace("sub", "rg", "ws")
    return MLClient(DefaultAzureCredential(), "sub", "rg", "ws")
""",
    },
}
"""What is put beside the tests of a package, by its path."""


def sources(package: str, folder: Path) -> Path:
    """The unpacked source archive of the version that is installed."""
    wanted = [f"--no-binary={package}", f"{package}=={version(package)}"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(folder), *wanted], check=True)
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def run(package: str, folder: Path) -> int:
    """Run the tests of a package with its own configuration left out; what pytest ended with."""
    unpacked = sources(package, folder)
    for name, text in ADDED.get(package, {}).items():
        path = unpacked / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    options = ["-c", os.devnull, f"--rootdir={unpacked}", "--quiet", "--disable-warnings", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "-p", "through_azure_ml", *SUITES[package]]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.run(command, check=False, cwd=unpacked, env=environment).returncode


def main() -> None:
    """Run them all, and fail if one failed."""
    failed = []
    for package in SUITES:
        print(f"{package} {version(package)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            if run(package, Path(folder)) != 0:
                failed.append(package)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()

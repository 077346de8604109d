"""Where in a git repository a job is submitted from: properties that MLflow and the studio show beside its run."""

from __future__ import annotations

import os
import re
import subprocess
import warnings
from pathlib import Path

REPOSITORY = "mlflow.source.git.repoURL"
BRANCH = "mlflow.source.git.branch"
COMMIT = "mlflow.source.git.commit"
DIRTY = "azureml.git.dirty"
_VARIABLES = {
    REPOSITORY: "AZUREML_GIT_REPOSITORY_URI",
    BRANCH: "AZUREML_GIT_BRANCH",
    COMMIT: "AZUREML_GIT_COMMIT",
    DIRTY: "AZUREML_GIT_DIRTY",
    "azureml.git.build_id": "AZUREML_GIT_BUILD_ID",
    "azureml.git.build_uri": "AZUREML_GIT_BUILD_URI",
}
"""The environment variable by which each property may be told, which wins over what git says."""
_COMMANDS = {
    REPOSITORY: ("ls-remote", "--get-url"),
    BRANCH: ("symbolic-ref", "--short", "HEAD"),
    COMMIT: ("rev-parse", "HEAD"),
}
_SECRET = re.compile(r"https://(?:[^/@]+/)?([^/@]+)@")
"""A user or token in the address of a repository."""


def git_properties() -> dict[str, str]:
    """The repository, branch and commit of the current folder, and whether it has changes; empty outside of repositories.

    Nothing of git is told when the repository's address has a token in it.
    """
    found = {name: os.environ.get(variable) for name, variable in _VARIABLES.items()}
    if _may_be_inside() and (_git("rev-parse", "--is-inside-work-tree") or "").strip() == "true":
        for name, command in _COMMANDS.items():
            found[name] = found[name] or _git(*command)
        found[DIRTY] = found[DIRTY] or ("true" if _git("status", "--porcelain", ".") else None)
    told = {name: value.strip() for name, value in found.items() if value is not None and value.strip()}
    if DIRTY in told:
        told[DIRTY] = str(told[DIRTY].lower() in ("true", "1"))
    if _SECRET.search(told.get(REPOSITORY, "")):
        warnings.warn("the address of the git repository has a token in it: the job tells nothing of git", stacklevel=4)
        for name in (REPOSITORY, BRANCH, COMMIT, DIRTY):
            told.pop(name, None)
    return told


def _may_be_inside() -> bool:
    """Whether git is worth asking: outside of repositories its start takes longer than all else that submits a small job."""
    if "GIT_DIR" in os.environ:
        return True
    try:
        here = Path.cwd()
    except FileNotFoundError:  # somebody removed it
        return False
    return any(os.path.lexists(folder / ".git") for folder in (here, *here.parents))


def _git(*arguments: str) -> str | None:
    """What git says; None where it is not installed or refuses."""
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are those above
            ["git", *arguments],  # noqa: S607 - the git of whoever submits
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None

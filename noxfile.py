"""The checks of the project: `nox` runs those that must pass, `nox -s NAME` one of them, `nox -l` lists them.

Everything after `--` goes to the tool a session runs: `nox -s tests -- tests/test_files.py -k duplicate`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "lint", "typing", "docs", "notebooks"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
AZURITE = "3.35.0"
"""Microsoft's blob server for tests, an npm package."""
KFP = "2.17.0"
"""Kubeflow's pipelines, whose local runs ours are measured beside."""
UNCOVERED = ("tests/official", "tests/moved", "tests/local/test_kills.py")
"""What runs the official client from its first request to its last, and programs that are killed: coverage is held without
them, and would have them take twice as long."""


def install(session: nox.Session, *groups: str, extras: str = "") -> None:
    """The package is installed as a user gets it, with extras, beside what the groups need."""
    # uv takes a folder with the same version for the same package, so it must be told to build anew.
    again = ["--reinstall-package=mlsdk"] if session.venv_backend == "uv" else []
    package = f".[{extras}]" if extras else "."
    session.install(*again, package, *nox.project.dependency_groups(PROJECT, *groups))


def install_azurite(session: nox.Session) -> None:
    """A blob server for the tests of uploads and downloads; without Node they are skipped and say so."""
    if os.environ.get("MLSDK_AZURITE") or shutil.which("azurite-blob"):
        return
    if shutil.which("npm") is None:
        session.warn("npm is missing, so the tests against a real blob server are skipped")
        return
    folder = Path(".azurite")
    installed = folder / "node_modules" / "azurite" / "package.json"
    if not installed.exists() or f'"version": "{AZURITE}"' not in installed.read_text(encoding="utf-8"):
        quiet = ("--no-audit", "--no-fund", "--no-save", "--loglevel=error")
        session.run("npm", "install", "--prefix", str(folder), *quiet, f"azurite@{AZURITE}", external=True)


def install_kfp(session: nox.Session) -> None:
    """Kubeflow's pipelines in an environment of their own; with pip, which their steps call."""
    if os.environ.get("MLSDK_KFP"):
        return
    folder = Path(".kfp")
    if not any(folder.glob(f"lib/python*/site-packages/kfp-{KFP}.dist-info")):
        session.run("uv", "venv", "--clear", "--python", sys.executable, str(folder))
        session.run("uv", "pip", "install", "--python", str(folder / "bin" / "python"), "pip", f"kfp=={KFP}")


def run_tests(session: nox.Session) -> None:
    """All tests, with coverage held; or those that were asked for, without."""
    install(session, "test")
    install_azurite(session)
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    # One file more at once than there are processors, since many tests wait for processes that they have started; the tests
    # of a file stay together, since some look back on the others.
    spread = (f"--numprocesses={(os.cpu_count() or 1) + 1}", "--dist=loadfile")
    # Of the comparisons of jobs with the official client every eighth: all of them are the session `compare`.
    apart = [f"--ignore={path}" for path in UNCOVERED]
    # By its folder, since the programs in it that jobs run are no modules of the package to those who run them.
    where = "import mlsdk, pathlib; print(pathlib.Path(mlsdk.__file__).parent)"
    package = str(session.run("python", "-I", "-c", where, silent=True)).strip()
    session.run("pytest", *spread, *apart, "--every=8", f"--cov={package}", "--cov-report=term")
    session.run("pytest", *spread, *UNCOVERED)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on this Python, and hold branch coverage; of the comparisons of jobs, every eighth."""
    run_tests(session)


@nox.session(default=False)
def compare(session: nox.Session) -> None:
    """Compare all that is sent and written with the official client: every case, and whether each departure is met."""
    install(session, "test")
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", "tests/conformance", *session.posargs)


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """Run the tests on every Python we support; `nox -s pythons-3.12` on one."""
    run_tests(session)


@nox.session
def imports(session: nox.Session) -> None:
    """Show what `from mlsdk import MLClient` loads and how long each module takes, then hold it and the layers."""
    install(session, "test")
    session.run("python", "-X", "importtime", "-c", "from mlsdk import MLClient")
    session.run("pytest", "tests/test_imports.py", "tests/test_layers.py", "tests/test_exports.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format; `nox -s lint -- --fix` mends what can be mended."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    mend = "--fix" in session.posargs
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", *([] if mend else ["--check", "--diff"]))


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the package, and of `tests/typing`, which is written as its users write."""
    install(session, "typing")
    session.run("mypy", *session.posargs)
    # pyright looks up what is installed for the interpreter it is given.
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"), *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, a warning being an error; its examples are run by `tests/test_docs.py`."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """Run each notebook from its first cell to its last, offline."""
    found = [str(path) for path in sorted(Path("notebooks").glob("*.ipynb"))]
    if not found:
        session.error("notebooks/ holds no notebook")
    install(session, "notebooks", extras="local,display")
    # The user's own IPython settings take no part, and what a notebook does not say goes to memory.
    environment = {"IPYTHONDIR": session.create_tmp(), "MLSDK_BACKEND": "memory"}
    session.run("jupyter", "execute", "--kernel_name=python3", *(session.posargs or found), env=environment)


@nox.session(default=False)
def public(session: nox.Session) -> None:
    """Run public code bases that use the official client, and the tests which they ship, on an Azure in memory."""
    # Not a check of ours: what these packages need changes without us. `tests` runs submit-aml, which needs little.
    install(session, "public")
    session.run("pytest", "tests/public", *session.posargs)
    if not session.posargs:
        session.run("python", "tests/public/shipped.py")


@nox.session(default=False)
def spark(session: nox.Session) -> None:
    """Run Spark jobs, and parallel jobs over tables, on this machine; Java has to be there."""
    install(session, "test", "spark")
    session.run("pytest", "tests/spark", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure beside the official client, moto and kfp in one run; `nox -s bench -- --write` renews docs/performance.md."""
    install(session, "bench", extras="local")  # uv among it
    install_azurite(session)
    install_kfp(session)
    session.run("python", "benchmarks", *session.posargs)


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """Let eight threads of the official client work on one workspace for a minute; fail when anything is lost or doubled."""
    install(session, "test")
    session.run("python", "benchmarks/soak.py", *session.posargs)


if __name__ == "__main__":
    sys.exit("Run `nox`, for example `nox -s tests`; `nox -l` lists the sessions.")

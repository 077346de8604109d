"""A conda file, as what pip and uv understand: a Python, requirements, and a note for each thing that only conda has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import attrs

_NOT_PYTHON = """
    anaconda binutils blas blosc bzip2 ca-certificates compilers conda cpuonly cuda cudatoolkit cudnn curl cxx-compiler
    c-compiler expat ffmpeg fontconfig fortran-compiler freetype gcc gfortran git git-lfs glib gmp graphviz gxx hdf5 icu
    intel-openmp java-jdk jpeg krb5 lapack lcms2 ld_impl_linux-64 libblas libcblas libcurl libffi libgcc libgfortran
    libgomp liblapack libopenblas libpng libpq libsndfile libspatialindex libstdcxx libtiff libuuid libxgboost libxml2
    lz4-c make mamba mesalib mpi mpich msodbcsql17 msodbcsql18 nccl ncurses nodejs nomkl openblas openjdk openmp openmpi
    openssl perl pkg-config postgresql python_abi pytorch-cuda pytorch-mutex readline rust snappy sqlite sysroot tar tk
    unixodbc unzip wget xz yaml zip zlib zstd
"""
NOT_PYTHON = frozenset(_NOT_PYTHON.split())
"""Packages of conda that are no Python packages, though some of their names are taken by others on PyPI."""

NOT_PYTHON_FORM = re.compile(r"_.*|r-.*|cuda-.*|.*-ng|.*_linux-(64|aarch64)|.*_osx-(64|arm64)|lib.*-dev")
"""How the names of further ones look: `_libgcc_mutex`, `r-base`, `cuda-nvcc`, `libgcc-ng`, `gxx_linux-64`."""

NAMES_ON_PYPI = {
    "brotli-python": "brotli",
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "pytables": "tables",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-xxhash": "xxhash",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "ruamel_yaml": "ruamel.yaml",
    "seaborn-base": "seaborn",
    "tensorflow-base": "tensorflow",
}
"""The Python packages that conda has under another name than PyPI."""

_DEPENDENCY = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)\s*(?P<version>[^\[]*?)\s*(?:\[(?P<brackets>.*)\])?", re.DOTALL)
"""`numpy=1.26=py311_0`, `numpy >=1.26,<2`, `numpy[version='>=1.26']`."""

_TERM = re.compile(r"(?P<operator>==|!=|~=|>=|<=|>|<|=)?\s*(?P<version>[0-9A-Za-z.!+_*-]+)")

_WITH_PATH = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-f": "--find-links"}

_OF_THE_COMMAND = {"--pre": "--prerelease=allow"}
"""Options of a requirements file that uv takes on its command line only."""

_WITHOUT_MEANING = ("--prefer-binary", "--use-feature", "--use-pep517", "--no-use-pep517", "--use-deprecated")
"""Options of pip that say how it works, not what is installed."""


class CondaFileError(ValueError):
    """A conda file that says what cannot be done here; the text says where and what to do."""


@attrs.frozen(kw_only=True)
class CondaFile:
    """What is to be installed."""

    python: str | None = None
    """The Python, as uv is asked for it: `3.10`, `3.8.13`, `>=3.8,<3.11`; None for any."""
    requirements: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Lines of a requirements file: options in their order, then requirements. An index's address may hold a secret."""
    options: tuple[str, ...] = ()
    """Options for the command line of `uv pip install`."""
    conda_names: frozenset[str] = frozenset()
    """Which requirements were packages of conda, by their names on PyPI."""
    notes: tuple[str, ...] = ()
    """A sentence for each thing that is not as conda would do it."""


@lru_cache(maxsize=64)
def read_conda_file(text: str) -> CondaFile:
    """The conda file `text`, in YAML; a problem raises `CondaFileError`."""
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The error quotes the file's text, which may hold the password of an index.
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        message = f"the environment's conda file is no YAML{place}: correct it there"
        raise CondaFileError(message) from None
    if not isinstance(content, Mapping):
        message = "the environment's conda file must be a mapping such as `dependencies: [python=3.11]`"
        raise CondaFileError(message)
    return _Reading().read(content)


class _Reading:
    """One reading of a conda file."""

    def __init__(self) -> None:
        self.python: str | None = None
        self.options_of_file: list[str] = []
        self.requirements: list[str] = []
        self.options: list[str] = []
        self.conda_names: set[str] = set()
        self.notes: list[str] = []

    def read(self, content: Mapping[str, Any]) -> CondaFile:
        """What it comes to."""
        for dependency in _listed(content.get("dependencies"), "dependencies"):
            if isinstance(dependency, Mapping) and set(dependency) == {"pip"}:
                for line in _listed(dependency["pip"], "pip"):
                    self.pip_line(str(line).strip())
            elif isinstance(dependency, str):
                self.conda_package(dependency.strip())
            else:
                message = (
                    f"`dependencies` of the environment's conda file holds a {type(dependency).__name__}: each of them is a "
                    "package such as `numpy=1.26`, or `pip:` with a list"
                )
                raise CondaFileError(message)
        if content.get("variables"):
            self.notes.append(
                f"the variables {', '.join(content['variables'])} of the conda file are not set: "
                "name them in the job's `environment_variables`"
            )
        return CondaFile(
            python=self.python,
            requirements=(*self.options_of_file, *sorted(set(self.requirements))),
            options=tuple(dict.fromkeys(self.options)),
            conda_names=frozenset(self.conda_names),
            notes=tuple(self.notes),
        )

    def conda_package(self, text: str) -> None:
        """Take a package of conda: the Python, one that PyPI has too, or one that is left out."""
        # The channel before it matters to conda alone, and its address may hold a token.
        text = text.rsplit("::", 1)[-1]
        match = _DEPENDENCY.fullmatch(text)
        if not match:
            message = f"the conda file's dependency {text!r} is not understood: write it as `name=version`"
            raise CondaFileError(message)
        name = match["name"].lower()
        in_brackets = re.search(r"""version\s*=\s*(['"]?)(.*?)\1\s*(?:,\s*\w+\s*=|$)""", match["brackets"] or "")
        version, build = _without_build(in_brackets[2] if in_brackets else match["version"])
        if name == "python":
            self.python = _python(text, version) or self.python
            return
        if name in NOT_PYTHON or NOT_PYTHON_FORM.fullmatch(name):
            self.notes.append(f"{text} is left out: it is a package of conda, and none of Python")
            return
        package = NAMES_ON_PYPI.get(name, name)
        if build:
            self.notes.append(f"{text} is installed in any build: builds are conda's")
        if package != name:
            self.notes.append(f"{text} is installed as {package}, its name on PyPI")
        self.conda_names.add(package)
        self.requirements.append(f"{package}{_specifier(text, version)}")

    def pip_line(self, line: str) -> None:
        """Take a line of the pip part: a requirement, or an option of pip."""
        if not line or line.startswith("#"):
            return
        if "\n" in line:
            for each in line.splitlines():
                self.pip_line(each.strip())
            return
        if not line.startswith("-"):
            # `./package`, `parts/package`; but not `package @ https://…`, `git+https://…`, `/opt/package` or a marker's text.
            place = line.partition(";")[0]
            if line.startswith(".") or ("/" in place and not line.startswith("/") and not re.search(r"@|:/", place)):
                raise _beside(line)
            self.requirements.append(line)
            return
        option, value = _option(line)
        if option in _OF_THE_COMMAND:
            self.options.append(_OF_THE_COMMAND[option])
        elif option == "--trusted-host":
            self.options.append(f"--allow-insecure-host={value}")
        elif option in _WITHOUT_MEANING:
            self.notes.append(f"{option} is left out: it tells pip how to work, and uv installs here")
        else:
            if option in _WITH_PATH.values() and "://" not in value and not PurePosixPath(value).is_absolute():
                raise _beside(line)
            self.options_of_file.append(line)


def local_paths(requirements: Iterable[str]) -> Iterator[str]:
    """The files and folders of this machine whose content the lines of a requirements file install or include."""
    for line in requirements:
        if line.startswith("-"):
            option, value = _option(line)
            if option in {"--requirement", "--constraint"} and "://" not in value:
                yield value
        else:
            place = line.split(" @ ", 1)[-1].split(" ;", 1)[0].strip()
            if place.startswith(("/", "file:///")):
                yield place.removeprefix("file://").split("#", 1)[0].split("[", 1)[0]


def _option(line: str) -> tuple[str, str]:
    """An option of pip in its long form, and what it is given."""
    match = re.match(r"(--[\w-]+|-\w)[=\s]*(.*)", line)
    if not match:
        message = f"the pip part of the environment's conda file holds {line.split(maxsplit=1)[0]!r}: that is no option of pip"
        raise CondaFileError(message)
    return _WITH_PATH.get(match[1], match[1]), match[2].strip()


def _beside(line: str) -> CondaFileError:
    """The error that a conda file names a file by a path from itself."""
    return CondaFileError(
        f"the pip part of the environment's conda file names {line!r}, but only its text is kept with an environment, no files "
        "beside it (nor are there any on Azure): list the packages themselves, or name an address or an absolute path"
    )


def _listed(value: Any, name: str) -> list[Any]:
    """The items of a list in the file; none where there is nothing."""
    if value is None:
        return []
    if not isinstance(value, list):
        message = f"`{name}` of the environment's conda file must be a list, each item on a line that begins with `-`"
        raise CondaFileError(message)
    return value


def _without_build(version: str) -> tuple[str, str]:
    """A version as conda writes it, without its build, and the build."""
    version = version.strip()
    if match := re.fullmatch(r"=?=?\s*([\w.!+*]+)\s*(?:=|\s)\s*([\w.*]+)", version):
        return (f"={match[1]}" if "*" in match[1] else f"=={match[1]}"), match[2]
    return version, ""


def _terms(text: str, version: str) -> Iterator[tuple[str, str]]:
    """The operators and versions of which a version of conda is made; `=` where the version says only how it begins."""
    if "|" in version:
        message = (
            f"the conda file's dependency {text!r} leaves a choice (`|`), which pip does not know: name one of them"
        )
        raise CondaFileError(message)
    for term in filter(None, (part.strip() for part in version.split(","))):
        match = _TERM.fullmatch(term)
        if not match:
            message = (
                f"the version in the conda file's dependency {text!r} is not understood: write it as in `numpy=1.26`"
            )
            raise CondaFileError(message)
        operator, number = match["operator"] or "==", match["version"]
        begins = number.rstrip("*").rstrip(".")
        if begins and operator in {"=", "=="} and (operator == "=" or number.endswith("*")):
            yield "=", begins
        elif begins:
            yield operator, number if operator in {"==", "!="} else begins


def _specifier(text: str, version: str) -> str:
    """A version of conda as pip writes it: `=1.26` is `==1.26.*`."""
    return ",".join(
        (f"=={number}.*" if re.fullmatch(r"[0-9.]+", number) else f"=={number}")
        if operator == "="
        else f"{operator}{number}"
        for operator, number in _terms(text, version)
    )


def _python(text: str, version: str) -> str | None:
    """A version of Python as uv is asked for it; None for any."""
    terms = list(_terms(text, version))
    if len(terms) == 1 and terms[0][0] in {"=", "=="}:
        return terms[0][1]
    return ",".join(f"=={number}.*" if operator == "=" else f"{operator}{number}" for operator, number in terms) or None

"""A conda file is read as pip would install it, and what pip cannot install is said, not guessed."""

from __future__ import annotations

import pytest

from mlsdk.local.conda_files import CondaFileError, read_conda_file

ALL = """
name: train
channels: [conda-forge, defaults]
dependencies:
- python=3.10
- pip=23
- numpy=1.26
- gcc_linux-64=9.4
- pip:
  - --extra-index-url https://wheels.example/simple
  - mlflow>=2.9  # tracking
  - azureml-mlflow==1.57
"""

VERSIONS = {
    "numpy": "numpy",
    "numpy=1.26": "numpy==1.26.*",
    "numpy=1.26.*": "numpy==1.26.*",
    "numpy 1.26.*": "numpy==1.26.*",
    "numpy==1.26.4": "numpy==1.26.4",
    "numpy 1.26.4": "numpy==1.26.4",
    "numpy=1.26.4=py311h64a7726_0": "numpy==1.26.4",
    "numpy=1.26.*=*py311*": "numpy==1.26.*",
    "numpy>=1.24,<2": "numpy>=1.24,<2",
    "numpy >=1.24.*,!=1.25.0,<2.0a0": "numpy>=1.24,!=1.25.0,<2.0a0",
    "numpy=*": "numpy",
    "numpy[version='>=1.24,<2']": "numpy>=1.24,<2",
    'numpy[build="py*", version=1.26.4]': "numpy==1.26.4",
    "numpy=2.0rc1": "numpy==2.0rc1",
    "conda-forge::numpy=1.26": "numpy==1.26.*",
    "conda-forge/linux-64::numpy=1.26": "numpy==1.26.*",
    "pytorch::pytorch=2.1": "torch==2.1.*",
    "Matplotlib-Base=3": "matplotlib==3.*",
}

PYTHONS = {
    "python": None,
    "python=3.10": "3.10",
    "python=3.10.*": "3.10",
    "python 3.8.13": "3.8.13",
    "python=3.8.13=h582c2e5_0_cpython": "3.8.13",
    "python>=3.8,<3.11": ">=3.8,<3.11",
}

WRONG = {
    "dependencies: [": "no YAML",
    "- numpy": "must be a mapping",
    "dependencies: numpy": "`dependencies`",
    "dependencies: [{pip: numpy}]": "`pip`",
    "dependencies: [{conda: [numpy]}]": "holds a dict",
    "dependencies: ['numpy=1.25|1.26']": "name one of them",
    "dependencies: ['numpy=>1']": "not understood",
    "dependencies: ['nu mpy?']": "not understood",
    "dependencies: [{pip: ['-r requirements.txt']}]": "absolute path",
    "dependencies: [{pip: ['--find-links=wheels']}]": "absolute path",
    "dependencies: [{pip: ['-e .']}]": "absolute path",
    "dependencies: [{pip: [./package]}]": "absolute path",
    "dependencies: [{pip: [parts/package]}]": "absolute path",
    "dependencies: [{pip: ['-?']}]": "no option of pip",
}


def requirements(*dependencies: str) -> tuple[str, ...]:
    """What conda's packages come to."""
    return read_conda_file(f"dependencies: {list(dependencies)!r}").requirements


def test_a_file_becomes_a_python_and_requirements() -> None:
    """What pip has is asked of it as it stands, what conda has with its versions in pip's words."""
    read = read_conda_file(ALL)
    assert read.python == "3.10"
    assert read.requirements == (
        "--extra-index-url https://wheels.example/simple",
        "azureml-mlflow==1.57",
        "mlflow>=2.9",
        "numpy==1.26.*",
        "pip==23.*",
    )
    assert read.notes == ("gcc_linux-64=9.4 is left out: it is a package of conda, and none of Python",)


@pytest.mark.parametrize(("dependency", "requirement"), VERSIONS.items())
def test_a_version_of_conda_means_the_same_to_pip(dependency: str, requirement: str) -> None:
    """`=1.26` is any 1.26, `==1.26.4` and `1.26.4` are that one, and builds do not matter."""
    assert requirements(dependency) == (requirement,)


@pytest.mark.parametrize(("dependency", "python"), PYTHONS.items())
def test_the_python_is_asked_of_uv(dependency: str, python: str | None) -> None:
    """A pin of Python is no package."""
    read = read_conda_file(f"dependencies: ['{dependency}']")
    assert (read.python, read.requirements) == (python, ())


@pytest.mark.parametrize(
    "name", ["_libgcc_mutex", "cudatoolkit=11.3", "gxx", "r-base=4", "libgcc-ng", "pytorch-cuda=12.1"]
)
def test_what_is_no_python_package_is_left_out_with_a_note(name: str) -> None:
    """It is never installed from PyPI, where somebody else may have taken the name."""
    read = read_conda_file(f"dependencies: ['{name}', librosa]")
    assert read.requirements == ("librosa",)
    assert read.notes == (f"{name} is left out: it is a package of conda, and none of Python",)


@pytest.mark.parametrize(
    "line",
    [
        "package @ https://wheels.example/package.whl",
        "git+https://code.example/package@main#egg=package",
        "https://wheels.example/package.whl",
        "/opt/package",
        "file:///opt/package",
        "package[all]>=1; platform_system != 'a/b'",
        "-e git+https://code.example/package#egg=package",
        "--find-links https://wheels.example/",
        "-r /opt/requirements.txt",
    ],
)
def test_addresses_and_absolute_paths_reach_uv_as_they_are(line: str) -> None:
    """Whatever pip takes from elsewhere, uv takes."""
    assert read_conda_file(f"dependencies: [{{pip: [{line!r}]}}]").requirements == (line,)


def test_another_name_on_pypi_is_noted() -> None:
    """Nobody wonders where torch comes from."""
    assert read_conda_file("dependencies: [pytorch=2.1]").notes == (
        "pytorch=2.1 is installed as torch, its name on PyPI",
    )


def test_options_of_pip_reach_uv_in_its_words() -> None:
    """Those that say what is installed count; those that say how pip works are left out with a note."""
    lines = ["--pre", "--trusted-host wheels.example", "--prefer-binary", "-i https://wheels.example/simple", "six"]
    read = read_conda_file(f"dependencies: [{{pip: {lines!r}}}]")
    assert read.options == ("--prerelease=allow", "--allow-insecure-host=wheels.example")
    assert read.requirements == ("-i https://wheels.example/simple", "six")
    assert read.notes == ("--prefer-binary is left out: it tells pip how to work, and uv installs here",)


def test_variables_of_the_file_are_said_not_to_be_set() -> None:
    """Nothing of a file is passed over without a word."""
    (note,) = read_conda_file("variables: {SEED: 1}\ndependencies: []").notes
    assert "SEED" in note
    assert "environment_variables" in note


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_what_is_not_understood_is_an_error_that_says_where(text: str, said: str) -> None:
    """Nothing is installed by a guess."""
    with pytest.raises(CondaFileError, match=said):
        read_conda_file(text)


def test_secrets_are_in_no_error_and_no_repr() -> None:
    """A channel and an index may carry tokens."""
    text = "dependencies: [{pip: ['-i https://me:hunter22@wheels.example/simple']}, 'https://x.example/t/hunter22/c::numpy=1']"
    read = read_conda_file(text)
    assert "hunter22" not in repr(read)
    with pytest.raises(CondaFileError) as caught:
        read_conda_file(f"{text}]")
    assert "hunter22" not in str(caught.value)

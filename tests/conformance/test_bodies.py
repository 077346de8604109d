"""What mlsdk sends, writes and reads, beside what the official client does with the same arguments, files and answers.

The cases are data, in the files `cases_*.py` beside this one:

* `CASES`: `(class, lambda m: {keyword: value})`, built with both clients (`m` has the names of one of them);
* `BUILT`: `(name, lambda m: entity)`, whatever is written to build it; a step is compared as a step and as a job;
* `FILES`: `(kind, text)` or `(kind, text, {name: text of a file beside it})`, loaded with `load_<kind>` by both;
* `BESIDE`: `{name: text}`, files in the current folder when `CASES` are built;
* `ANSWERS`: `(class, official REST model, body)`, what each attribute is after a `get`;
* `DEPARTURES`: `{(class or kind, place): reason}`, where we differ on purpose. A place is `body:$.properties.x`,
  `dict:$.x`, `attribute:$.x`, or `body:refused` where only one of the two clients refuses. One that no
  case meets is a mistake. What stands after a comma in the name of a case tells it from the others: `"job, a date"`.
"""

from __future__ import annotations

import importlib
import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance.official import (
    OFFICIAL,
    OURS,
    attribute_differences,
    compared,
    official_body,
    official_dict,
    official_step,
    our_body,
    our_dict,
    our_step,
    rest_model,
)

import mlsdk

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = [
    importlib.import_module(f"conformance.{path.stem}") for path in sorted(Path(__file__).parent.glob("cases_*.py"))
]


def _gathered(name: str) -> list[Any]:
    """The cases of all files under one name, each with an id that tells its file, class and place in the list."""
    return [
        pytest.param(module, *case, id=f"{module.__name__.removeprefix('conformance.cases_')}-{case[0]}-{number}")
        for module in MODULES
        for number, case in enumerate(getattr(module, name, ()))
    ]


class _Met:
    """Which departures cases have met, to find those that none does."""

    def __init__(self) -> None:
        self.departures: set[tuple[str, str, str]] = set()
        self.tests: Counter[tuple[str, str]] = Counter()

    def judge(self, module: Any, name: str, rows: list[tuple[str, Any, Any]]) -> None:
        """Fail with the differences that are no departure, one a line."""
        departures = getattr(module, "DEPARTURES", {})
        self.tests[module.__name__, name] += 1
        self.departures |= {(module.__name__, name, place) for place, _, _ in rows if (name, place) in departures}
        left = [
            f"{place}: the official client has {expected!r}, mlsdk {found!r}"
            for place, expected, found in rows
            if (name, place) not in departures
        ]
        if left:
            pytest.fail("\n".join(left), pytrace=False)


@pytest.fixture(scope="module")
def met() -> _Met:
    """The departures met so far."""
    return _Met()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The official client's notes about previews are not about us."""
    monkeypatch.setattr(logging.getLogger("azure.ai.ml"), "disabled", True)


def _called(name: str) -> str:
    """The name of a class, kind or function, without what is said of the case after a comma."""
    return name.partition(",")[0]


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _both(build: Callable[[Any], Any], theirs: Callable[[Any], Any], ours: Callable[[Any], Any], at: str) -> list[Any]:
    return compared(lambda: theirs(build(OFFICIAL)), lambda: ours(build(OURS)), at)


@pytest.mark.parametrize(("module", "name", "arguments"), _gathered("CASES"))
def test_the_same_arguments_give_the_same_body(
    module: Any,
    name: str,
    arguments: Callable[[Any], dict[str, Any]],
    met: _Met,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a user builds is sent as the official client sends it, or refused as it refuses it."""
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, getattr(module, "BESIDE", {}))
    rows = _both(lambda m: getattr(m, _called(name))(**arguments(m)), official_body, our_body, "body")
    met.judge(module, name, rows)


@pytest.mark.parametrize(("module", "name", "arguments"), _gathered("CASES"))
def test_the_same_arguments_give_the_same_yaml(
    module: Any,
    name: str,
    arguments: Callable[[Any], dict[str, Any]],
    met: _Met,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a user builds is written to a file as the official client writes it."""
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, getattr(module, "BESIDE", {}))
    rows = _both(lambda m: getattr(m, _called(name))(**arguments(m)), official_dict, our_dict, "dict")
    met.judge(module, name, rows)


@pytest.mark.parametrize(("module", "name", "build"), _gathered("BUILT"))
def test_what_is_built_gives_the_same_body_and_yaml(
    module: Any, name: str, build: Callable[[Any], Any], met: _Met, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a user writes in several steps is sent and written as the official client does."""
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, getattr(module, "BESIDE", {}))
    rows = [*_both(build, official_body, our_body, "body"), *_both(build, official_dict, our_dict, "dict")]
    if name.startswith("step"):
        rows += _both(build, official_step, our_step, "step")
    met.judge(module, name, rows)


@pytest.mark.parametrize(
    ("module", "name", "file"),
    [pytest.param(*param.values[:2], param.values[2:], id=param.id) for param in _gathered("FILES")],
)
def test_the_same_file_gives_the_same_body_and_yaml(
    module: Any, name: str, file: tuple[Any, ...], met: _Met, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that the official client reads is read to the same, and one that it refuses is refused."""
    monkeypatch.chdir(tmp_path)
    text, beside = (*file, {})[:2]
    source = tmp_path / "given.yml"
    _write(tmp_path, {source.name: text, **beside})

    def load(m: Any) -> Any:
        return getattr(m, f"load_{_called(name)}")(source)

    rows = [*_both(load, official_body, our_body, "body"), *_both(load, official_dict, our_dict, "dict")]
    met.judge(module, name, rows)


@pytest.mark.parametrize(("module", "name", "model", "body"), _gathered("ANSWERS"))
def test_the_same_answer_gives_the_same_attributes(
    module: Any, name: str, model: str, body: dict[str, Any], met: _Met, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the service answers is read to the same attributes, and what it leaves out is None."""
    monkeypatch.chdir(tmp_path)
    theirs = getattr(OFFICIAL, name)._from_rest_object(rest_model(model, body))
    ours = mlsdk.from_wire(getattr(OURS, name), body)
    rows = [(f"attribute:{place}", expected, found) for place, expected, found in attribute_differences(theirs, ours)]
    met.judge(module, name, rows)


def test_every_departure_is_met_by_a_case(met: _Met) -> None:
    """A departure that nothing meets would hide a difference that nobody decided on."""
    wanted = Counter(
        (case.values[0].__name__, case.values[1])
        for part in ("CASES", "CASES", "BUILT", "FILES", "ANSWERS")
        for case in _gathered(part)
    )
    listed = {
        (module.__name__, *key)
        for module in MODULES
        for key in getattr(module, "DEPARTURES", {})
        if met.tests[module.__name__, key[0]] == wanted[module.__name__, key[0]]
    }  # all its cases were asked for
    unmet = sorted(map(str, listed - met.departures))
    assert unmet == []

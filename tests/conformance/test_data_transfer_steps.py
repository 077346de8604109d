"""Steps that move data, made in Python: in a pipeline's body and in files, beside the official client's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conformance.official import Names, differences, official_dict, our_body, our_dict, plain

from mlsdk.entities.data_transfer import DataTransfer

if TYPE_CHECKING:
    from collections.abc import Callable

OFFICIAL = Names("azure.ai.ml.data_transfer", "azure.ai.ml")
OURS = Names("mlsdk.data_transfer", "mlsdk")


def _data(m: Any, kind: str = "uri_folder") -> Any:
    return m.Input(type=kind, path="azureml://datastores/s/paths/t")


CASES: dict[str, Callable[[Any], Any]] = {
    "copy": lambda m: m.copy_data(
        name="n",
        inputs={"a": _data(m)},
        outputs={"o": m.Output(type="uri_folder", path="azureml://datastores/s/paths/u")},
        data_copy_mode="merge_with_overwrite",
        compute="adf",
        description="d",
        tags={"a": "b"},
        display_name="d",
        experiment_name="e",
    ),
    "import a query": lambda m: m.import_data(
        name="n",
        source=m.Database(query="select", connection="azureml:c"),
        outputs={"sink": m.Output(type="mltable", path="azureml://datastores/s/paths/u")},
        compute="adf",
    ),
    "import a procedure": lambda m: m.import_data(
        name="n",
        source={
            "type": "database",
            "stored_procedure": "p",
            "stored_procedure_params": [{"name": "j", "value": "v", "type": "String"}],
            "connection": "c",
        },
    ),
    "import files": lambda m: m.import_data(name="n", source=m.FileSystem(path="p", connection="c")),
    "import nothing": lambda m: m.import_data(name="n"),
    "export": lambda m: m.export_data(
        name="n",
        sink=m.Database(table_name="t", connection="c"),
        inputs={"source": _data(m, "uri_file")},
        compute="adf",
    ),
    "copy by name": lambda m: m.DataTransferCopy(
        name="n", component="c:1", inputs={"a": _data(m)}, data_copy_mode="fail_if_conflict"
    ),
    "import by name": lambda m: m.DataTransferImport(name="n", component="c:1", source=m.Database(connection="c")),
    "export by name": lambda m: m.DataTransferExport(
        name="n", component="c:1", sink={"type": "database", "connection": "c"}
    ),
}


def _same(expected: Any, found: Any) -> None:
    assert [*differences(expected, json.loads(json.dumps(found)))] == []


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_has_the_body_of_the_official_client(build: Callable[[Any], Any]) -> None:
    """What a pipeline's body says of a data transfer is what the official client says."""
    _same(plain(build(OFFICIAL)._to_rest_object()), build(OURS).node_body())


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_has_the_file_form_of_the_official_client(build: Callable[[Any], Any]) -> None:
    """A data transfer is written to a file as the official client writes it."""
    _same(official_dict(build(OFFICIAL)), our_dict(build(OURS)))


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_that_was_loaded_is_sent_again_as_it_was(build: Callable[[Any], Any]) -> None:
    """The body of a step survives being read, fields of tomorrow included."""
    body = {**build(OURS).node_body(), "tomorrow": {"a": None, "b": 1}}
    _same(json.loads(json.dumps(body)), DataTransfer.of_node_body(body).node_body())


def test_a_file_system_is_not_written_to() -> None:
    """Both clients export to databases only."""
    for m in (OFFICIAL, OURS):
        with pytest.raises(Exception, match=r"(?i)export"):
            m.export_data(sink=m.FileSystem(path="p", connection="c"), inputs={"source": _data(m)})


@pytest.mark.parametrize("build", CASES.values(), ids=CASES)
def test_a_step_is_no_job_of_its_own(build: Callable[[Any], Any]) -> None:
    """Data is moved within pipelines only, which is said before anything is sent."""
    with pytest.raises(ValueError, match="put it into a pipeline"):
        our_body(build(OURS))


def test_the_components_of_import_and_export_are_not_called() -> None:
    """Their steps have a source or a sink, which a call cannot give."""
    with pytest.raises(ValueError, match="import_data"):
        OURS.DataTransferImportComponent(name="c", source={"type": "database"})()
    with pytest.raises(ValueError, match="export_data"):
        OURS.DataTransferExportComponent(name="c", sink={"type": "database"})()


def test_a_component_that_copies_is_called_as_a_function() -> None:
    """A call makes the step."""
    component = OURS.DataTransferCopyComponent(
        name="c", inputs={"a": {"type": "uri_folder"}}, outputs={"o": {"type": "uri_folder"}}
    )
    step = component(a=_data(OURS))
    assert (step.task, list(step.outputs), step.component) == ("copy_data", ["o"], component)


def test_what_does_not_fit_is_told_before_it_is_sent() -> None:
    """Sources, sinks and the types of what they are brought to or taken from."""
    wrong_type = OURS.import_data(
        source=OURS.Database(connection="c"), outputs={"sink": OURS.Output(type="uri_folder")}
    )
    assert [where for where, _ in wrong_type.problems()] == ["outputs.sink.type"]
    assert [where for where, _ in OURS.import_data().problems()] == ["source"]
    wrong_name = OURS.export_data(sink=OURS.Database(connection="c"), inputs={"other": _data(OURS)})
    assert [where for where, _ in wrong_name.problems()] == ["inputs.source"]

"""Data transfers: their components, and their steps in pipelines that a file writes out."""

from __future__ import annotations

CASES = [
    (
        "DataTransferCopyComponent",
        lambda m: {"name": "c", "inputs": {"a": {"type": "uri_folder"}}, "outputs": {"o": {"type": "uri_folder"}}},
    ),
    ("DataTransferCopyComponent", lambda m: {"name": "c", "data_copy_mode": "fail_if_conflict"}),
    ("DataTransferCopyComponent", lambda m: {}),
    ("DataTransferCopyComponent", lambda m: {"name": "c", "version": "1", "tags": {"a": "b"}, "description": "d"}),
    *(
        ("DataTransferImportComponent", lambda m, word=word: {"name": "c", "source": {"type": word}})
        for word in ("database", "file_system", "nope")
    ),
    ("DataTransferImportComponent", lambda m: {"name": "c"}),
    ("DataTransferImportComponent", lambda m: {"name": "c", "source": m.Database(connection="c", query="q")}),
    (
        "DataTransferImportComponent",
        lambda m: {"source": m.FileSystem(path="p"), "outputs": {"sink": {"type": "uri_folder"}}},
    ),
    (
        "DataTransferExportComponent",
        lambda m: {"name": "c", "inputs": {"source": {"type": "uri_file"}}, "sink": {"type": "database"}},
    ),
    ("DataTransferExportComponent", lambda m: {"name": "c"}),
]

_COMPONENT = "type: data_transfer\nname: c\nversion: 1\n"
_PORTS = "inputs: {a: {type: uri_folder}}\noutputs: {o: {type: uri_folder}}\n"
_IMPORT = "task: import_data\nsource: {type: database}\noutputs: {sink: {type: mltable}}\n"
_EXPORT = "task: export_data\nsink: {type: database}\ninputs: {source: {type: uri_file}}\n"


def _step(text: str) -> tuple[str, str]:
    lines = [f"    {line}\n" for line in text.splitlines()]
    return ("job", "type: pipeline\njobs:\n  a:\n    type: data_transfer\n" + "".join(lines))


_COPY_STEP = """task: copy_data
compute: azureml:adf
inputs: {a: {type: uri_folder, path: azureml:d:1}}
outputs: {o: {type: uri_folder, path: azureml://datastores/s/paths/t}}
"""
_IMPORT_STEP = """task: import_data
compute: azureml:adf
source: {type: database, query: select, connection: azureml:c}
outputs: {sink: {type: mltable, path: azureml://datastores/s/paths/t}}
"""
_EXPORT_STEP = """task: export_data
sink: {type: database, table_name: t, connection: azureml:c}
inputs: {source: {type: uri_file, path: azureml:d:1}}
"""
FILES = [
    *(
        ("component", _COMPONENT + text)
        for text in (
            "task: copy_data\n" + _PORTS,
            "task: copy_data\ndata_copy_mode: merge_with_overwrite\n" + _PORTS,
            "task: copy_data\ndata_copy_mode: nope\n" + _PORTS,
            "task: copy_data\ninputs: {a: {type: uri_folder}}\noutputs: {o: {type: uri_folder}, p: {type: uri_file}}\n",
            _IMPORT,
            _IMPORT.replace("database", "file_system").replace("mltable", "uri_folder"),
            _IMPORT.replace("database", "nope"),
            _IMPORT.replace("mltable", "uri_file"),
            _IMPORT.replace("sink:", "other:"),
            _IMPORT.replace("{type: database}", "{type: database, query: q}"),
            _IMPORT + "inputs: {a: {type: uri_folder}}\n",
            "task: import_data\n",
            _EXPORT,
            _EXPORT.replace("source:", "other:"),
            _EXPORT.replace("uri_file", "mltable"),
            _EXPORT + "outputs: {o: {type: uri_folder}}\n",
            "task: nope\n",
            "",
        )
    ),
    *map(
        _step,
        (
            _COPY_STEP,
            _COPY_STEP + "data_copy_mode: fail_if_conflict\n",
            _COPY_STEP + "component: azureml:c:1\n",
            _COPY_STEP + "display_name: d\ndescription: d\ntags: {a: b}\n",
            _IMPORT_STEP,
            _IMPORT_STEP.replace("database, query", "file_system, path").replace("mltable", "uri_folder"),
            _IMPORT_STEP.replace(
                "query: select, ", "stored_procedure: p, stored_procedure_params: [{name: j, value: v, type: String}], "
            ),
            _IMPORT_STEP.replace(", connection: azureml:c", ""),
            _IMPORT_STEP.replace("database", "nope"),
            _IMPORT_STEP.replace("sink:", "other:"),
            _IMPORT_STEP + "component: azureml:c:1\n",
            _EXPORT_STEP,
            _EXPORT_STEP.replace("database, table_name", "file_system, path"),
            _EXPORT_STEP.replace("source:", "other:"),
            _EXPORT_STEP.replace("sink: {type: database, table_name: t, connection: azureml:c}\n", ""),
            _COPY_STEP.replace("copy_data", "nope"),
            _COPY_STEP.replace("task: copy_data\n", ""),
        ),
    ),
]

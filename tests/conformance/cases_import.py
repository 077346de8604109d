"""Import jobs and components, as files: the official client reads and writes them, and sends the components only."""

from __future__ import annotations

_JOB = (
    "type: import\nname: n\nsource: {type: azuresqldb, connection: azureml:c, query: select}\n"
    "output: {type: mltable, path: azureml://datastores/s/paths/t}\n"
)
_COMPONENT = (
    "type: import\nname: c\nversion: 1\n"
    "source: {type: {type: string}, connection: {type: string}, query: {type: string}}\noutput: {type: mltable}\n"
)
FILES = [
    ("job", _JOB),
    ("job", _JOB + "tags: {a: b}\ndescription: d\nexperiment_name: e\n"),
    ("job", _JOB.replace("azuresqldb", "AzureSqlDb")),
    ("job", _JOB.replace("azuresqldb", "snowflake")),
    ("job", _JOB.replace("azuresqldb", "azuresynapseanalytics")),
    ("job", _JOB.replace("azuresqldb", "s3").replace("query", "path")),
    ("job", _JOB.replace("azuresqldb", "s3")),
    ("job", _JOB.replace("azuresqldb", "nope")),
    ("job", _JOB.replace(", query: select", "")),
    ("job", _JOB.replace("output:", "outputs:")),
    ("job", _JOB + "compute: azureml:c\n"),
    ("component", _COMPONENT),
    ("component", _COMPONENT + "tags: {a: b}\ndescription: d\ndisplay_name: d\n"),
    ("component", _COMPONENT.replace("query:", "path:")),
    ("component", _COMPONENT.replace("query:", "other:")),
    ("component", _COMPONENT.replace("output:", "other:")),
]

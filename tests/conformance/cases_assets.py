"""Models, data, environments and code, as arguments, as files and as answers of the service."""

from __future__ import annotations

from typing import Any

BESIDE = {
    "conda.yml": "name: env\nchannels: [conda-forge]\ndependencies:\n- python=3.10\n- pip:\n  - numpy # why\nz: 1.10\n",
    "folder/a.txt": "a",
    "folder/MLTable": "paths: []",
    "docker/Dockerfile": "FROM scratch",
}
TEMPLATE = "azureml://registries/r/deploymenttemplates/t/versions/1"
ROUTES = {
    "liveness_route": {"port": 5001, "path": "/"},
    "readiness_route": {"port": 0, "path": ""},
    "scoring_route": {"port": 5001, "path": "/score"},
}
LONG = {
    "name": "é",
    "dependencies": ["a" * 30 + " " + "b" * 90, None, 1.0, True, "3.10", "2020-01-01", {"pip": []}],
    "channels": [],
}

CASES = [
    ("Model", lambda m: {"name": "n"}),
    ("Model", lambda m: {"path": "folder", "name": "n"}),
    ("Model", lambda m: {"name": "n", "version": "1", "path": "./folder/../folder/", "type": "mlflow_model"}),
    (
        "Model",
        lambda m: {"name": "n", "version": "", "path": "", "type": "", "description": "", "stage": "", "datastore": ""},
    ),
    (
        "Model",
        lambda m: {"name": "n", "version": "1.10", "description": "d", "stage": "Production", "datastore": "store"},
    ),
    ("Model", lambda m: {"name": "n", "path": "azureml://datastores/d/paths/p/", "type": "triton_model"}),
    ("Model", lambda m: {"name": "n", "path": "runs:/r/model"}),
    ("Model", lambda m: {"name": "n", "path": "azureml:other:1"}),
    ("Model", lambda m: {"name": "n", "path": "/abs/../x"}),
    ("Model", lambda m: {"name": "n", "path": __import__("pathlib").Path("folder", "a.txt")}),
    ("Model", lambda m: {"name": "n", "base_path": "/elsewhere", "path": "m"}),
    (
        "Model",
        lambda m: {
            "name": "n",
            "tags": {"a": 1, "b": None, "c": True, "d": 1.5, "e": ""},
            "properties": {"p": 0, "q": None},
        },
    ),
    ("Model", lambda m: {"name": "n", "tags": None, "properties": None, "flavors": None, "type": None, "path": None}),
    ("Model", lambda m: {"name": "n", "tags": {}, "properties": {}, "flavors": {}, "allowed_deployment_templates": []}),
    (
        "Model",
        lambda m: {"name": "n", "flavors": {"python_function": {"loader_module": "x", "env": {"a": 1}}, "none": {}}},
    ),
    ("Model", lambda m: {"name": "n", "type": "some_other_model"}),
    ("Model", lambda m: {"name": "n", "default_deployment_template": m.DeploymentTemplateReference(asset_id=TEMPLATE)}),
    ("Model", lambda m: {"name": "n", "default_deployment_template": {"asset_id": TEMPLATE}, "stage": "s"}),
    (
        "Model",
        lambda m: {
            "name": "n",
            "allowed_deployment_templates": [{"asset_id": TEMPLATE}, m.DeploymentTemplateReference(asset_id=TEMPLATE)],
        },
    ),
    ("Model", lambda m: {"name": "n", "system_metadata": {"a": 1}}),
    ("Model", lambda m: {"name": "n", "intellectual_property": m.IntellectualProperty(publisher="p")}),
    ("Model", lambda m: {"name": "n", "is_anonymous": True}),
    ("Model", lambda m: {"version": "1"}),
    ("Model", lambda m: {"name": "n", "colour": "red"}),
    ("Data", lambda m: {"name": "n", "path": "folder"}),
    ("Data", lambda m: {"name": "n", "path": "folder/", "version": "1", "description": "d", "type": "uri_folder"}),
    (
        "Data",
        lambda m: {
            "name": "n",
            "path": "folder/a.txt",
            "type": "uri_file",
            "tags": {"a": 1, "b": None},
            "properties": {"p": 0},
        },
    ),
    ("Data", lambda m: {"name": "n", "path": "folder/", "type": "mltable", "referenced_uris": ["a"]}),
    ("Data", lambda m: {"name": "n", "path": "azureml://datastores/d/paths/p/", "datastore": "d"}),
    ("Data", lambda m: {"name": "n", "path": "https://x/y", "type": "uri_file", "description": "", "version": ""}),
    ("Data", lambda m: {"name": "n", "path": "runs:/r/x/"}),
    ("Data", lambda m: {"name": "n", "path": "", "tags": {}, "properties": {}}),
    ("Data", lambda m: {"name": "n", "path": None, "tags": None, "properties": None}),
    ("Data", lambda m: {"name": "n"}),
    ("Data", lambda m: {"name": "n", "path": "/abs/"}),
    ("Data", lambda m: {"name": "n", "path": "x", "type": "uri_table"}),
    ("Data", lambda m: {"name": "n", "path": "x", "auto_delete_setting": m.AutoDeleteSetting(value="30d")}),
    (
        "Data",
        lambda m: {
            "name": "n",
            "path": "x",
            "auto_delete_setting": m.AutoDeleteSetting(condition="last_accessed_greater_than", value=""),
        },
    ),
    ("Data", lambda m: {"name": "n", "path": "x", "skip_validation": True}),
    ("Data", lambda m: {"name": "n", "path": "x", "is_anonymous": True}),
    ("Data", lambda m: {"version": "1", "path": "x"}),
    ("Data", lambda m: {"name": "n", "path": "x", "type": "mltable", "mltable_schema_url": "u"}),
    ("Environment", lambda m: {"name": "n", "image": "i"}),
    ("Environment", lambda m: {"image": "i"}),
    ("Environment", lambda m: {"image": "i", "conda_file": "conda.yml"}),
    ("Environment", lambda m: {"image": "i", "inference_config": ROUTES}),
    ("Environment", lambda m: {"image": "i", "inference_config": ROUTES, "conda_file": {"b": 1, "a": 2}}),
    ("Environment", lambda m: {"build": m.BuildContext(path="docker")}),
    ("Environment", lambda m: {"build": m.BuildContext(path="docker", dockerfile_path="Dockerfile")}),
    ("Environment", lambda m: {"build": m.BuildContext(path="nothing-here")}),
    (
        "Environment",
        lambda m: {
            "name": "n",
            "version": "1",
            "image": "i",
            "description": "d",
            "tags": {"a": 1, "b": None},
            "properties": {"p": 1},
            "os_type": "Linux",
            "datastore": "d",
        },
    ),
    (
        "Environment",
        lambda m: {"name": "n", "version": "", "image": "i", "tags": {}, "properties": {}, "datastore": ""},
    ),
    (
        "Environment",
        lambda m: {"name": "n", "image": "i", "tags": None, "properties": None, "conda_file": None, "os_type": None},
    ),
    ("Environment", lambda m: {"name": "n", "image": "i", "description": ""}),
    ("Environment", lambda m: {"name": "n", "image": "i", "os_type": "linux", "conda_file": "./conda.yml"}),
    (
        "Environment",
        lambda m: {"name": "n", "image": "i", "conda_file": __import__("pathlib").Path("conda.yml").resolve()},
    ),
    ("Environment", lambda m: {"name": "n", "image": "i", "conda_file": LONG}),
    ("Environment", lambda m: {"name": "n", "image": "i", "conda_file": {}}),
    ("Environment", lambda m: {"name": "n", "image": "i", "conda_file": ""}),
    ("Environment", lambda m: {"name": "n", "image": "i", "conda_file": "nothing-here.yml"}),
    ("Environment", lambda m: {"name": "n", "image": "i", "inference_config": ROUTES}),
    (
        "Environment",
        lambda m: {"name": "n", "image": "i", "inference_config": {"scoring_route": {"port": 1, "path": "/s"}}},
    ),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext(path="docker")}),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext(path="docker", dockerfile_path="")}),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext(path="nothing-here", dockerfile_path="f")}),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext(path="https://github.com/a/b.git#main:c")}),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext(path="git://github.com/a/b")}),
    ("Environment", lambda m: {"name": "n", "build": m.BuildContext()}),
    ("Environment", lambda m: {"name": "n"}),
    ("Environment", lambda m: {"name": "n", "image": "i", "build": m.BuildContext(path="docker")}),
    ("Environment", lambda m: {"name": "n", "image": "", "build": m.BuildContext(path="docker")}),
    ("Environment", lambda m: {"name": "n", "image": "i", "is_anonymous": True}),
    ("Environment", lambda m: {"version": "1", "image": "i"}),
    ("Environment", lambda m: {"name": "n", "image": "i", "auto_delete_setting": m.AutoDeleteSetting(value="30d")}),
    (
        "Environment",
        lambda m: {"name": "n", "image": "i", "intellectual_property": m.IntellectualProperty(publisher="p")},
    ),
    ("Code", lambda m: {"name": "n", "path": "folder"}),
    ("Code", lambda m: {"name": "n", "version": "1", "path": "folder/a.txt"}),
    ("Code", lambda m: {"name": "n", "path": "https://acct.blob.core.windows.net/c/p"}),
    ("Code", lambda m: {"name": "n"}),
    (
        "WorkspaceAssetReference",
        lambda m: {"name": "n", "version": "1", "asset_id": "azureml://locations/l/workspaces/w/models/m/versions/1"},
    ),
    ("WorkspaceAssetReference", lambda m: {"name": "n", "asset_id": ""}),
    ("WorkspaceAssetReference", lambda m: {"name": "n"}),
    ("WorkspaceAssetReference", lambda m: {"version": "1"}),
]

_MODEL = "name: n\npath: folder\n"
_DATA = "name: n\npath: folder\n"
_ENV = "name: n\nimage: i\n"
_FOLDER = {"folder/a.txt": "a"}
_ROUTES = (
    "inference_config:\n  liveness_route: {port: 5001, path: /}\n  readiness_route: {port: '5001', path: /}\n"
    "  scoring_route: {port: 5001.0, path: /score}\n"
)
FILES = [
    *(("model", _MODEL + f"{key}:\n") for key in ("description", "version", "tags", "type", "stage", "flavors", "id")),
    ("model", "name:\npath: folder\n"),
    ("model", _MODEL + "tags: {a: }\nproperties: {a: , b: [null]}\n"),
    ("model", _MODEL + "allowed_deployment_templates: [null]\n"),
    ("model", _MODEL + "default_deployment_template: {asset_id: }\n"),
    *(
        ("model", _MODEL + f"type: {word}\n")
        for word in ("Mlflow_Model", "mlflow-model", "mlflowmodel", "' mlflow_model'")
    ),
    *(
        ("data", f"name: n\npath: x\n{key}:\n")
        for key in ("description", "version", "tags", "type", "auto_delete_setting")
    ),
    ("data", "name: n\npath:\n"),
    ("data", "name: n\npath: x\ntags: {a: }\n"),
    *(
        ("data", f"name: n\npath: x\nauto_delete_setting: {{condition: {word}}}\n")
        for word in ("created_greater_than", "createdGreaterThan", "Created_Greater_Than", "created-greater-than", "")
    ),
    *(
        ("environment", f"name: n\nimage: i\n{key}:\n")
        for key in ("description", "version", "tags", "conda_file", "build")
    ),
    *(("environment", f"name: n\nimage: i\nos_type: {word}\n") for word in ("LINUX", "' linux'", "lin-ux", "")),
    ("model", _MODEL),
    ("model", "$schema: https://azuremlschemas.azureedge.net/latest/model.schema.json\n" + _MODEL),
    ("model", _MODEL + "version: 3\ndescription: d\ntype: mlflow_model\nstage: s\ndatastore: azureml:store\n"),
    (
        "model",
        _MODEL + "type: MLFLOW_MODEL\ntags: {1: 2, a: 2020-01-01, b: yes, c: 1.5}\nproperties: {a: [1], b: {c: d}}\n",
    ),
    ("model", _MODEL + "flavors: {sklearn: {pickled_model: m.pkl}, python_function: {}}\n"),
    ("model", _MODEL + "type: mlflow\n"),
    (
        "model",
        _MODEL + "version: 1.0\njob_name: j\nlatest_version: 5\nid: azureml:x\ncreation_context: {created_by: x}\n",
    ),
    ("model", _MODEL + "system_metadata: {a: 1}\n"),
    (
        "model",
        _MODEL
        + f"default_deployment_template: {{asset_id: '{TEMPLATE}'}}\nallowed_deployment_templates: [{{asset_id: x}}]\n",
    ),
    ("model", _MODEL + "default_deployment_template: {asset: x}\n"),
    ("model", _MODEL + "auto_delete_setting: {value: 30d}\n"),
    ("model", _MODEL + "pth: x\n"),
    ("model", _MODEL + "tags: [a]\n"),
    ("model", _MODEL + "path: x\n"),
    ("model", "path: folder\n"),
    ("model", "name: n\n"),
    ("model", "name: n\npath: azureml://jobs/j/outputs/artifacts/paths/model/\n"),
    ("model", "name: n\npath: sub/../folder\n"),
    ("data", _DATA),
    ("data", _DATA + "type: uri_folder\nversion: 2\ndescription: d\ntags: {a: 1, b: yes}\ndatastore: d\n"),
    ("data", "name: n\npath: folder/a.txt\ntype: uri_file\n", _FOLDER),
    ("data", "name: n\npath: folder/\ntype: mltable\n", _FOLDER),
    ("data", "name: n\npath: https://x/y/\n"),
    ("data", _DATA + "properties: {a: b}\n"),
    ("data", _DATA + "type: URI_FOLDER\n"),
    ("data", _DATA + "type: uri_table\n"),
    ("data", _DATA + "auto_delete_setting: {condition: last_accessed_greater_than, value: 30d}\n"),
    ("data", _DATA + "auto_delete_setting: {condition: sometimes, value: 30d}\n"),
    ("data", _DATA + "referenced_uris: [a]\n"),
    ("data", _DATA + "paths: [a]\n"),
    ("data", "name: n\n"),
    ("data", "path: folder\nversion: 1\n"),
    ("environment", _ENV),
    ("environment", _ENV + "version: 5\ndescription: d\ntags: {a: 1, b: {c: d}}\nos_type: LINUX\ndatastore: d\n"),
    ("environment", _ENV + "conda_file: c/conda.yml\n", {"c/conda.yml": BESIDE["conda.yml"]}),
    (
        "environment",
        _ENV
        + "conda_file:\n  name: x\n  channels: [a]\n  dependencies: [python=3.10, {pip: [numpy]}, 1.10]\n  z: 010\n",
    ),
    ("environment", _ENV + "conda_file: nothing-here.yml\n"),
    ("environment", _ENV + "conda_file: conda.yml\n", {"conda.yml": "a: [b"}),
    ("environment", _ENV + "conda_file: [a]\n"),
    ("environment", _ENV + _ROUTES),
    ("environment", _ENV + "inference_config: {scoring_route: {port: 1, path: /}}\n"),
    ("environment", _ENV + _ROUTES.replace("path: /score", "pth: /score")),
    ("environment", _ENV + "os_type: solaris\n"),
    ("environment", _ENV + "properties: {a: b}\n"),
    ("environment", _ENV + "auto_delete_setting: {value: 30d}\n"),
    ("environment", _ENV + "chanels: []\n"),
    ("environment", "name: n\nbuild: {path: docker}\n", {"docker/Dockerfile": "FROM scratch"}),
    (
        "environment",
        "name: n\nbuild: {path: ./docker/, dockerfile_path: Dockerfile.gpu}\n",
        {"docker/Dockerfile": "FROM scratch"},
    ),
    ("environment", "name: n\nbuild: {path: nothing-here}\n"),
    ("environment", "name: n\nbuild: {path: 'https://github.com/a/b.git#main:c'}\n"),
    ("environment", "name: n\nbuild: {path: 'git://github.com/a/b'}\n"),
    ("environment", "name: n\nbuild: {path: ., local_path: .}\n"),
    ("environment", "name: n\nimage: i\nbuild: {path: .}\n"),
    ("environment", "name: n\n"),
    ("environment", "image: i\n"),
    ("environment", "name: n\nchannels: [a]\ndependencies: [python]\n"),
]

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/"
MADE = {
    "createdAt": "2024-01-02T03:04:05.123456+00:00",
    "createdBy": "someone",
    "createdByType": "User",
    "lastModifiedAt": "2024-01-03T03:04:05.5+00:00",
    "lastModifiedBy": "other",
    "lastModifiedByType": "Application",
}


def _answer(path: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": ID + path,
        "name": path.rpartition("/")[2],
        "type": "t",
        "systemData": MADE,
        "properties": {
            "isAnonymous": False,
            "isArchived": False,
            "tags": {"a": "b"},
            "properties": {"p": "q"},
            "description": "d",
            **properties,
        },
    }


ANSWERS = [
    (
        "Model",
        "ModelVersion",
        _answer(
            "models/n/versions/3",
            modelType="mlflow_model",
            modelUri="azureml://x/y",
            stage="Production",
            jobName="j",
            flavors={"python_function": {"data": {"a": "b"}}},
            provisioningState="Succeeded",
        ),
    ),
    (
        "Model",
        "ModelVersion",
        _answer(
            "models/n/versions/1",
            modelType="custom_model",
            modelUri="azureml://u/v",
            flavors={},
            description=None,
            defaultDeploymentTemplate={"assetId": TEMPLATE},
            allowedDeploymentTemplates=[{"assetId": "x"}],
            intellectualProperty={"publisher": "p", "protectionLevel": "none"},
        ),
    ),
    (
        "Model",
        "ModelVersion",
        {
            "id": "azureml://registries/r/models/n/versions/2",
            "name": "2",
            "systemData": MADE,
            "properties": {
                "modelType": "custom_model",
                "modelUri": "azureml://u/v",
                "flavors": {},
                "tags": {},
                "properties": {},
            },
        },
    ),
    ("Data", "DataVersionBase", _answer("data/n/versions/3", dataType="uri_folder", dataUri="azureml://x/y/")),
    (
        "Data",
        "DataVersionBase",
        _answer(
            "data/n/versions/3",
            dataType="mltable",
            dataUri="azureml://x/y",
            referencedUris=["a"],
            autoDeleteSetting={"condition": "created_greater_than", "value": "30d"},
            description=None,
        ),
    ),
    (
        "Environment",
        "EnvironmentVersion",
        _answer(
            "environments/n/versions/3",
            image="i",
            osType="Linux",
            environmentType="UserCreated",
            condaFile="name: x\ndependencies:\n  - python=3.10\n",
            inferenceConfig={
                "livenessRoute": {"port": 1, "path": "/"},
                "readinessRoute": {"port": 1, "path": "/"},
                "scoringRoute": {"port": 1, "path": "/"},
            },
        ),
    ),
    (
        "Environment",
        "EnvironmentVersion",
        _answer(
            "environments/n/versions/3",
            isAnonymous=True,
            build={"contextUri": "https://x/y/", "dockerfilePath": "Dockerfile"},
        ),
    ),
    (
        "Code",
        "CodeVersion",
        _answer("codes/n/versions/1", codeUri="https://x/y", properties={"hash_sha256": "h", "hash_version": "202208"}),
    ),
]

_TWICE = "a key that is given twice is refused, as YAML has it"
DEPARTURES = {
    (
        "Model",
        "body:$.properties.stage",
    ): "what the user set is sent; the official client drops it beside a deployment template",
    ("Model", "dict:refused"): "a type that the service knows and this version does not can be written to a file",
    ("Model", "dict:$.system_metadata"): "what was set is shown",
    ("model", "dict:$.system_metadata"): "the same",
    ("Model", "attribute:$.flavors"): "what the service says is kept, an empty mapping too",
    ("model", "body:refused"): _TWICE,
    ("model", "dict:refused"): _TWICE,
    ("Data", "body:$.properties.dataUri"): "an empty path stays empty; the official client makes the folder `.` of it",
    ("Data", "dict:$.path"): "the same",
    (
        "Environment",
        "body:$.properties.description",
    ): "what the user set is sent, an empty text too: it clears the old one",
    ("Environment", "dict:$.conda_file"): "an empty path is none",
    ("Environment", "dict:$.name"): "a name that was given is kept, also for what is anonymous",
    ("Environment", "dict:$.version"): "the same",
    ("Environment", "dict:$.image"): "an empty image is none",
    (
        "WorkspaceAssetReference",
        "dict:$.asset_id",
    ): "the file form says what it refers to; the official client's does not",
    ("WorkspaceAssetReference", "dict:$.tags"): "a reference has no tags",
}

"""Evaluators are models with a mark, through the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.ai.ml.entities import Model
from azure.ai.ml.exceptions import ValidationException
from azure.core.exceptions import ResourceNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from azure.ai.ml import MLClient


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """The files of an evaluator."""
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow/flow.flex.yaml").write_text("entry: evaluate:main\n")
    return tmp_path / "flow"


@pytest.mark.usefixtures("azure")
@pytest.mark.emulates("evaluators.create_or_update", "evaluators.get", "evaluators.list", "evaluators.download")
def test_the_life_of_an_evaluator(client: MLClient, flow: Path, tmp_path: Path) -> None:
    """It is registered, read, listed and downloaded; models are not among evaluators."""
    made = client.evaluators.create_or_update(Model(name="judge", version="1", path=flow, type="custom_model"))
    assert made.properties == {"is-promptflow": "true", "is-evaluator": "true"}
    assert client.evaluators.create_or_update(Model(name="judge", path=flow, type="custom_model")).version == "2"
    assert client.evaluators.get("judge", label="latest").version == "2"
    assert [one.version for one in client.evaluators.list(name="judge")] == ["2", "1"]
    client.evaluators.download("judge", version="1", download_path=str(tmp_path / "back"))
    assert [path.name for path in (tmp_path / "back").rglob("*.yaml")] == ["flow.flex.yaml"]
    client.models.create_or_update(Model(name="iris", version="1", path=flow, type="custom_model"))
    assert list(client.evaluators.list(name="iris")) == []
    with pytest.raises(ResourceNotFoundError):
        client.evaluators.get("iris", version="1")


def test_a_name_is_of_one_of_both(client: MLClient, flow: Path) -> None:
    """What is an evaluator cannot be registered as a model later, nor the other way round."""
    client.evaluators.create_or_update(Model(name="judge", version="1", path=flow, type="custom_model"))
    client.models.create_or_update(Model(name="iris", version="1", path=flow, type="custom_model"))
    with pytest.raises(ValidationException, match="was marked as promptflow evaluator"):
        client.models.create_or_update(Model(name="judge", version="2", path=flow, type="custom_model"))
    with pytest.raises(ValidationException, match="previous version is a regular model"):
        client.evaluators.create_or_update(Model(name="iris", version="2", path=flow, type="custom_model"))

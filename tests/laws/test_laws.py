"""Laws that hold for every entity class: for each attribute alone, and for random entities."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laws.entities import CLASSES, made, one_by_one
from laws.laws import broken

ALL = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


@ALL
def test_laws_hold_for_each_attribute_alone(cls: type) -> None:
    """Every law holds whatever one attribute is set to, falsy values and None included."""
    wrong = [f"{what}: {one}" for what, entity in one_by_one(cls) for one in broken(entity)]
    assert not wrong, "\n".join(wrong)


@ALL
@given(data=st.data())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_laws_hold_for_random_entities(cls: type, data: st.DataObject) -> None:
    """Every law holds for attributes set together."""
    wrong = broken(data.draw(made(cls)))
    assert not wrong, "\n".join(wrong)

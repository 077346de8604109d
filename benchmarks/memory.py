"""The memory backend beside moto, and beside itself with much in it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from figures import Figure, factor, milliseconds
from timing import Call, Pair, in_turn, per_call

from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import MemoryBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = {"api-version": "2025-12-01"}
BODY = {
    "properties": {
        "description": "A classifier of irises.",
        "tags": {"task": "classification"},
        "properties": {},
        "isAnonymous": False,
        "isArchived": False,
        "modelType": "custom_model",
        "modelUri": "azureml://datastores/workspaceblobstore/paths/iris/",
    }
}
FEW, MANY = 10, 100_000
BATCH, ROUNDS = 100, 30


class Store:
    """A memory backend with a workspace and so many models in it, each of one version."""

    def __init__(self, count: int) -> None:
        """Make it, through the seam."""
        self.backend = MemoryBackend(page_size=100)
        self.models = self.backend.add_workspace("s", "rg", "ws") + "/models"
        self._numbers = itertools.count()
        for _ in range(count):
            self.create()

    def create(self) -> Reply:
        """Create one more model."""
        return self._send("PUT", f"{self.models}/model-{next(self._numbers)}/versions/1", VERSION, BODY)

    def get(self, number: int = 7) -> Reply:
        """Get a model."""
        return self._send("GET", f"{self.models}/model-{number}/versions/1", VERSION)

    def page(self, size: int) -> Reply:
        """A page of the list of models."""
        return self._send("GET", self.models, {**VERSION, "$top": str(size)})

    def _send(self, method: str, path: str, params: dict[str, str], body: Any = None) -> Reply:
        reply = self.backend.send(Request(method, path, params, body=body))
        if reply.status >= 400:
            message = f"{method} {path}: {reply.status} {reply.body}"
            raise RuntimeError(message)
        return reply


def beside_moto() -> tuple[Pair, Pair]:
    """Create and get a model: ours through the seam, theirs through the client that moto answers inside the process."""
    import boto3
    from moto import mock_aws

    store, numbers = Store(FEW), itertools.count()
    with mock_aws():
        # boto3 asks for some, and moto checks none.
        signed = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        client = boto3.client("sagemaker", region_name="us-east-1", **signed)
        container = {"Image": "image", "ModelDataUrl": "s3://bucket/model.tar.gz"}
        role = "arn:aws:iam::123456789012:role/role"

        def create() -> None:
            client.create_model(ModelName=f"m-{next(numbers)}", ExecutionRoleArn=role, PrimaryContainer=container)

        created = in_turn(store.create, create, seconds=0.05)
        got = in_turn(store.get, lambda: client.describe_model(ModelName="m-7"), seconds=0.05)
    return created, got


def growth() -> dict[str, float]:
    """How many times as long each operation takes with `MANY` models stored instead of `FEW`.

    The small store is made anew for each round, so that creating does not let it grow. The pages are of `FEW` models, as
    there are no more in the small store.
    """
    big = Store(MANY)
    scattered = itertools.cycle(range(0, MANY, 7919))
    best: dict[str, Pair] = {}
    for _ in range(ROUNDS):
        small = Store(FEW)
        near = itertools.cycle(range(FEW))
        ways: dict[str, tuple[Call, Call]] = {
            "get": (lambda: big.get(next(scattered)), lambda store=small, turn=near: store.get(next(turn))),
            "page": (lambda: big.page(FEW), lambda store=small: store.page(FEW)),
            "create": (big.create, small.create),
        }
        for name, (much, little) in ways.items():
            pair = Pair(per_call(much, BATCH), per_call(little, BATCH))
            so_far = best.get(name, pair)
            best[name] = Pair(min(pair.ours, so_far.ours), min(pair.theirs, so_far.theirs))
    return {name: pair.ratio for name, pair in best.items()}


def figures() -> Iterator[Figure]:
    """The memory backend's rows of the table."""
    created, got = beside_moto()
    print(f"  create {created}; get {got}")
    yield Figure("`MemoryBackend.send`: create a model, beside moto's `create_model`", created.ratio, 1 / 20)
    yield Figure("`MemoryBackend.send`: get a model, beside moto's `describe_model`", got.ratio, 1 / 40)
    store = Store(200)
    page = in_turn(lambda: store.page(100), store.get, rounds=40)
    yield Figure("a page of 100 of a list", page.ours, 1e-3, milliseconds)
    for name, ratio in growth().items():
        yield Figure(f"{name} with {MANY:,} models stored instead of {FEW}", ratio, 1.5, factor)

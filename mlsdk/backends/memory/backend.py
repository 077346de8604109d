"""An Azure Machine Learning that lives in memory, addressed by URL and body like the real one."""

from __future__ import annotations

import hashlib
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mlsdk.backends import Reply, Request
from mlsdk.backends.memory import arm, longrunning
from mlsdk.backends.memory.blobs import Account, MemoryContainer
from mlsdk.backends.memory.calls import Call
from mlsdk.backends.memory.clock import Clock, ManualClock, SystemClock
from mlsdk.backends.memory.errors import ServiceError, user_error
from mlsdk.backends.memory.faults import CODES, Fault
from mlsdk.backends.memory.kinds import ML
from mlsdk.backends.memory.log import RequestLog
from mlsdk.backends.memory.longrunning import MODES, Mode
from mlsdk.backends.memory.registries import PUBLIC as PUBLIC_REGISTRIES
from mlsdk.backends.memory.registries import PUBLIC_GROUP, PUBLIC_SUBSCRIPTION
from mlsdk.backends.memory.services import SERVICES, others
from mlsdk.backends.memory.state import Resource, State
from mlsdk.backends.memory.table import ROOT
from mlsdk.clouds import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from mlsdk.backends.memory.kinds import Kind
    from mlsdk.backends.memory.live_jobs import Leader
    from mlsdk.backends.memory.outcomes import JobOutcome, Runner
    from mlsdk.clouds import Cloud
    from mlsdk.local.work import JobRunner

ARM_HOST = "https://management.azure.com"
API_VERSION = "2024-10-01-preview"
LOG_LIMIT = 1000
OWN_GROUP = "registries"
"""Where registries are made that nobody gave a resource group."""


class Snapshot:
    """Everything a backend remembered at one moment; to be given to `restore`."""

    __slots__ = ("_state",)

    def __init__(self, state: bytes) -> None:
        self._state = state

    def __repr__(self) -> str:
        return f"<Snapshot, {len(self._state):,} bytes>"


class MemoryBackend:
    """An Azure in memory.

    A fresh one is strict: a resource group or workspace that was not made does not exist. `add_workspace` makes one in
    one line, with everything around it. It may be used from several threads at once.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        long_running: Mode = "sync",
        operation_seconds: float | None = None,
        page_size: int = 100,
        provision: bool = False,
        location: str = "eastus",
        user: str = "user@example.com",
        log_limit: int = LOG_LIMIT,
        log_bodies: bool = False,
        jobs: JobRunner | None = None,
    ) -> None:
        """Make an empty Azure.

        Parameters
        ----------
        clock
            What tells the time; the system's unless a `ManualClock` is given.
        long_running
            How long-running operations are answered: `sync` (done at once), `async`
            (`Azure-AsyncOperation`), `location` (`Location`), or `body` (the resource itself is polled).
        operation_seconds
            How long such operations take. By default what each kind really takes (about) on a clock
            moved by hand, and until the first poll on the system's.
        page_size
            How many resources a page of a list holds.
        provision
            Whether resource groups, workspaces, registries and storage accounts are made when they are first
            referred to.
        location
            Where things are made that nobody gave a location.
        user
            Who is signed in, as `systemData` shows it.
        log_limit
            How many requests `requests` keeps.
        log_bodies
            Whether it keeps what was sent and answered too.
        jobs
            What really runs the jobs: a `mlsdk.local.LocalRunner`. Without one, only jobs whose compute is `local` run, on
            this machine, and all others are simulated.

        """
        if long_running not in MODES:
            message = f"long_running has to be one of {', '.join(MODES)}, not {long_running!r}"
            raise ValueError(message)
        if page_size < 1:
            message = f"page_size has to be at least 1, not {page_size}"
            raise ValueError(message)
        self.clock: Clock = clock if clock is not None else SystemClock()
        self.long_running: Mode = long_running
        self.page_size = page_size
        self.provision = provision
        self.location = location
        self.user = user
        self.tenant_id = "00000000-0000-0000-0000-0000000000aa"
        self.requests = RequestLog(log_limit, bodies=log_bodies)
        """The latest requests, oldest first, without secrets."""
        self.making_public = False
        """Set while the service itself makes a registry that everybody can read."""
        self.state = State(ROOT)
        self._operation_seconds = operation_seconds
        self._faults: list[Fault] = []
        self._runner: Runner | None = None
        self._lock = threading.RLock()
        self._jobs = jobs
        self._leader: Leader | None = None
        if jobs is not None:
            from mlsdk.backends.memory.live_jobs import Leader

            self._leader = Leader(self, jobs)

    def __repr__(self) -> str:
        return f"<MemoryBackend, {len(self.requests)} requests logged>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # The seam.

    @property
    def cloud(self) -> Cloud:
        """The public cloud, whose hosts everything here is named after."""
        return PUBLIC

    @property
    def distant(self) -> bool:
        """Never: everything is here."""
        return False

    def send(self, request: Request) -> Reply:
        """Make one exchange; refusals are replies too. Raises only what an injected fault raises."""
        host, path, params = _take_apart(request)
        method = request.method.upper()
        call: Call | None = None
        try:
            with self._lock:
                if self._leader is not None:
                    self._leader.looked()
                call = Call(self, request, host, path, params)
                try:
                    reply = self._exchange(call)
                except BaseException:
                    self.requests.add(method, path, params, None, host, request.body)
                    raise
                finally:
                    if self.state.gone:
                        self._let_go()
                self.requests.add(method, path, params, reply.status, host, request.body, reply.body)
                return reply
        finally:  # also where the answer is lost: the request was carried out
            if call is not None and call.afterwards is not None:
                call.afterwards()

    def serve(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Answer raw HTTP by its absolute address, whatever host of Azure's it is for; refusals are replies too.

        This is what a client that was not made for this backend talks to. Raises only what an injected fault raises.
        """
        from mlsdk.backends.memory.front import serve

        return serve(self, method, url, headers, body)

    def container(self, url: str, credential: Any = None) -> MemoryContainer:
        """The files behind `https://{account}.blob.{suffix}/{container}`, with or without a SAS query."""
        return MemoryContainer(self, url, credential)

    def sleep(self, seconds: float) -> float | None:
        """Let time pass between two polls; a clock moved by hand advances itself.

        While jobs really run, no longer than until one of them has come further; how long that was is given back.
        """
        waited = self._leader.wait(seconds) if self._leader is not None else None
        if waited is None:
            self.clock.sleep(seconds)
        return waited

    def close(self) -> None:
        """Stop the jobs that really run, and leave no process behind; what is stored stays."""
        if self._leader is not None:
            self._leader.close()

    # Seeding.

    def add_resource_group(self, subscription: str, name: str, *, location: str | None = None) -> str:
        """Make a resource group unless it is there; gives its id."""
        path = f"/subscriptions/{subscription}/resourceGroups/{name}"
        with self._lock:
            if self.find(path) is None:
                self._make(path, {"location": location or self.location})
        return path

    def add_workspace(
        self,
        subscription: str,
        resource_group: str,
        name: str,
        *,
        location: str | None = None,
        computes: Iterable[str] = (),
        **properties: Any,
    ) -> str:
        """Make a workspace with everything around it; gives its id.

        Makes the resource group where it is missing, the storage account, key vault and Application Insights. Each name
        in `computes` becomes a cluster of up to four nodes. `properties` go into the body as they are, by their names
        on the wire: `friendlyName="Demo"`.
        """
        where = location or self.location
        with self._lock:
            group = self.add_resource_group(subscription, resource_group, location=where)
            workspace = f"{group}/providers/{ML}/workspaces/{name}"
            self._make(
                workspace,
                {"location": where, "properties": {**self._surroundings(group, name, where), **properties}},
            )
            for compute in computes:
                self.add_compute(workspace, compute)
        return workspace

    def add_compute(self, workspace_id: str, name: str, *, size: str = "Standard_DS3_v2", max_nodes: int = 4) -> str:
        """Make a cluster in a workspace; gives its id."""
        path = f"{workspace_id}/computes/{name}"
        scale = {"minNodeCount": 0, "maxNodeCount": max_nodes}
        inner = {"vmSize": size, "scaleSettings": scale}
        self._make(path, {"properties": {"computeType": "AmlCompute", "properties": inner}})
        return path

    def add_registry(
        self,
        name: str,
        *,
        subscription: str = PUBLIC_SUBSCRIPTION,
        resource_group: str = OWN_GROUP,
        location: str | None = None,
    ) -> str:
        """Make a registry that can be written to, in a resource group that is made too where missing; gives its id."""
        where = location or self.location
        with self._lock:
            group = self.add_resource_group(subscription, resource_group, location=where)
            path = f"{group}/providers/{ML}/registries/{name}"
            self._make(path, {"location": where})
        return path

    def add_storage_account(
        self,
        name: str,
        *,
        containers: Iterable[str] = (),
        key: str | None = None,
        sas: Sequence[str] = (),
        shares: Iterable[str] = (),
        hierarchical: bool = False,
    ) -> None:
        """Make a storage account of somebody else's, for datastores that point there.

        `key` is the account key to be accepted (a random one when None), `sas` are shared access signatures to be
        accepted, `containers` and `shares` the blob containers and file shares it has. A `hierarchical` one is for Data Lake
        Storage Gen2: its folders are real.
        """
        account = Account(name.lower(), key, tuple(sas), hierarchical=hierarchical)
        for container in containers:
            account.add_container(container)
        for share in shares:
            account.add_container(share, "file")
        with self._lock:
            if name.lower() in self.state.accounts:
                message = f"the storage account {name!r} exists already"
                raise ValueError(message)
            self.state.accounts[name.lower()] = account

    # Jobs.

    def run_jobs_with(self, runner: Runner) -> None:
        """Let a function say what becomes of every job that is submitted from now on.

        It gets the body of the job and gives a `JobOutcome`: how it ends, what it prints, which files it leaves, what it
        logs. It is called once for each job, when that was submitted and before the client that did so has its answer; it may
        use clients of this backend itself, and nobody else waits for it. What it raises fails the job and reaches that
        client's caller. Without one every job completes, prints nothing and leaves a file of no meaning in each of its
        outputs. `backend.run_jobs_with(lambda job: JobOutcome(status="Failed", error="no data"))`

        Of a pipeline it is asked first, and then of each step in the order in which they run: a job of its own, whose
        `parentJobName` is the pipeline and whose `displayName` is the name of the step. So it is of each trial of a sweep, with
        its hyperparameters in `parameters`, and of each model that automated machine learning tries.
        """
        with self._lock:
            self._runner = runner

    def runs(self, properties: Mapping[str, Any]) -> bool:
        """Whether a job really runs, by the `properties` of its body; it is simulated otherwise."""
        from mlsdk.backends.memory.live_checks import wants_local

        return self._jobs is not None or wants_local(properties)

    @property
    def leader(self) -> Leader | None:
        """What leads the jobs that really run; None while there was none."""
        return self._leader

    def lead(self) -> Leader:
        """What leads the jobs that really run, made for the first one."""
        with self._lock:
            if self._leader is None:
                from mlsdk.backends.memory.live_jobs import Leader
                from mlsdk.local import LocalRunner

                self._leader = Leader(self, LocalRunner())
            return self._leader

    # Faults.

    def fail(
        self,
        *,
        method: str = "*",
        path: str = "*",
        status: int = 500,
        code: str | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = 1,
        after: bool = False,
        operation: bool = False,
        exception: BaseException | type[BaseException] | None = None,
    ) -> None:
        """Let requests go wrong, by pattern and count.

        Parameters
        ----------
        method
            The method to strike, `*` for all.
        path
            A pattern with `*` and `?` for the path (`*/computes/*`), or for all of the address before the query
            (`https://*.blob.*`), compared without case.
        status
            The status to answer with.
        code
            The error code; by default the usual one of that status.
        message
            The error's text.
        headers
            Headers of the answer, such as `{"Retry-After": "1"}`.
        times
            How many requests to strike; None for all from now on.
        after
            Carry the request out, and lose only the answer.
        operation
            Accept the request, and let the long-running operation it begins fail.
        exception
            Raise this instead of answering, for example azure-core's `ServiceResponseTimeoutError("…")`.

        """
        fault = Fault(
            method=method.upper(),
            path=path,
            status=status,
            code=code or CODES.get(status, "InjectedFault"),
            message=message or "This failure was asked for by MemoryBackend.fail().",
            headers={name.lower(): value for name, value in (headers or {}).items()},
            left=times,
            after=after,
            operation=operation,
            exception=exception,
        )
        with self._lock:
            self._faults.append(fault)

    def struck(self, method: str, host: str, path: str) -> Fault | None:
        """The fault that strikes a request, counted down; None when nothing goes wrong with it."""
        if not self._faults:
            return None
        with self._lock:
            return next((fault for fault in self._faults if fault.strikes(method, host, path)), None)

    # Telling.

    def explain(self) -> None:
        """Print what was asked of this backend as a table, and why it was refused where it was."""
        from mlsdk.backends.memory.explanation import table

        sys.stdout.write(f"{table(self.requests)}\n")

    # Keeping and forgetting.

    def snapshot(self) -> Snapshot:
        """Everything that is stored now; `restore` brings it back."""
        import pickle

        with self._lock:
            return Snapshot(pickle.dumps(self.state, protocol=5))

    def restore(self, snapshot: Snapshot) -> None:
        """Return to what was stored when a snapshot was taken."""
        import pickle

        with self._lock:
            if self._leader is not None:
                self._leader.forget()
            state = self.state = pickle.loads(snapshot._state)  # noqa: S301, SLF001 -- bytes this process made itself
            waiting = list(state.waiting.values())
            live = [each for each in state.root.descendants() if "live" in (each.data or {})]
            if live:
                from mlsdk.backends.memory.lifecycle import recover

                recover(live, self.clock.now())
        if waiting:
            from mlsdk.backends.memory import lifecycle

            for job in waiting:  # what the runner was saying of them when the snapshot was taken is not part of it
                lifecycle.ask(self, state, job)

    def reset(self) -> None:
        """Forget everything: resources, files, faults, the runner of jobs, the log."""
        with self._lock:
            if self._leader is not None:
                self._leader.forget()
            self.state = State(ROOT)
            self._faults.clear()
            self._runner = None
            self.requests.clear()

    # What the kinds of resource ask of the backend.

    @property
    def lock(self) -> threading.RLock:
        """Held while anything is read or changed."""
        return self._lock

    def operation_length(self, seconds: float) -> float:
        """How long an operation takes whose kind really takes `seconds`."""
        if self._operation_seconds is not None:
            return self._operation_seconds
        return seconds if isinstance(self.clock, ManualClock) else 0.0

    def find(self, resource_id: str) -> Resource | None:
        """The stored resource of an id, compared without case; None when there is none."""
        node = self.state.root
        for word, name in arm.steps(resource_id.strip("/").split("/")):
            kind = node.kind.children.get(word)
            collection = node.existing(kind) if kind is not None else None
            found = collection.find(name) if collection is not None and name is not None else None
            if found is None:
                return None
            node = found
        return node

    def outcome_of(self, job: Mapping[str, Any], metric: str | None) -> JobOutcome:
        """What becomes of a job, by its body; `metric` is what it is measured by where it is a trial."""
        from mlsdk.backends.memory import simulation
        from mlsdk.backends.memory.outcomes import outcome_by

        runner = self._runner
        return simulation.outcome(job, metric) if runner is None else outcome_by(runner, job)

    def registry(self, name: str) -> Resource | None:
        """A registry by its name, a public one made when it is first referred to; None when there is none."""
        found = self.state.registries.get(name.lower())
        if found is None and (name.lower() in PUBLIC_REGISTRIES or self.provision):
            return self.make_registry(name, public=name.lower() in PUBLIC_REGISTRIES)
        return found

    def storage_of(self, call: Call, resource: Resource) -> Account:
        """The storage account of the workspace or registry that a resource stands in."""
        home = resource.above(f"{ML}/workspaces".lower()) or resource.above(f"{ML}/registries".lower()) or resource
        if home.kind.key == f"{ML}/registries".lower() and "account" not in home.known:
            name = "reg" + hashlib.sha256(home.id.lower().encode()).hexdigest()[:20]
            home.known["account"] = name
            call.state.accounts.setdefault(name, Account(name))
        account = call.state.accounts.get(home.known.get("account", ""))
        if account is None:
            message = f"The storage account of {home.kind.noun.lower()} '{home.name}' does not exist any more."
            raise user_error(400, message, inner="StorageAccountNotFound")
        return account

    def make_group(self, subscription: Resource, kind: Kind, name: str) -> Resource:
        """Make a resource group that was referred to."""
        self.create(f"{subscription.id}/resourceGroups/{name}", {"location": self.location})
        return subscription.collection(kind).items[name.lower()]

    def make_workspace(self, group: Resource, kind: Kind, name: str) -> Resource:
        """Make a workspace that was referred to."""
        location = str(group.stored["location"])
        properties = self._surroundings(group.id, name, location)
        self.create(f"{group.id}/providers/{ML}/workspaces/{name}", {"location": location, "properties": properties})
        return group.collection(kind).items[name.lower()]

    def make_registry(self, name: str, *, public: bool) -> Resource:
        """Make a registry that was referred to; a public one is there for everybody and can only be read."""
        group = self.add_resource_group(PUBLIC_SUBSCRIPTION, PUBLIC_GROUP if public else OWN_GROUP)
        self.making_public = public
        try:
            self.create(f"{group}/providers/{ML}/registries/{name}", {"location": self.location})
        finally:
            self.making_public = False
        return self.state.registries[name.lower()]

    def create(self, path: str, body: Mapping[str, Any]) -> None:
        """Create a resource on the service's own behalf: not logged, not struck by faults, done at once."""
        request = Request("PUT", path, body=body)
        with self._lock:
            call = Call(self, request, ARM_HOST, path, {"api-version": API_VERSION})
            call.mode = "sync"
            arm.carry_out(call)
        if call.afterwards is not None:
            call.afterwards()

    # Inner workings.

    def _let_go(self) -> None:
        """Stop what runs of jobs that are gone."""
        gone, self.state.gone = self.state.gone, []
        if self._leader is not None:
            self._leader.forget(gone)

    def _exchange(self, call: Call) -> Reply:
        if self.state.due:
            longrunning.settle(self.state, call.now)
        struck = self.struck(call.method, call.host, call.path) if self._faults else None
        try:
            if struck is not None and struck.operation:
                call.operation_failure = struck.error()
            elif struck is not None:
                if struck.after:
                    with suppress(ServiceError):  # a refusal is an answer too, and lost
                        self._answer(call)
                struck.strike()
            return self._answer(call)
        except ServiceError as error:
            return error.reply()

    def _answer(self, call: Call) -> Reply:
        path = call.path
        if path.startswith("/subscriptions/"):
            return arm.carry_out(call)
        for prefix, service in SERVICES:
            if path.startswith(prefix):
                return service(call)
        return others(call)

    def _make(self, path: str, body: Mapping[str, Any]) -> None:
        """As `create`, for callers of Python: ValueError says what the service would not take."""
        try:
            self.create(path, body)
        except ServiceError as error:
            message = f"{path} could not be made: {error.message}"
            raise ValueError(message) from None

    def _surroundings(self, group: str, workspace: str, location: str) -> dict[str, str]:
        """Make what a workspace needs around it; gives the ids under the names a workspace's body has for them."""
        unique = hashlib.sha256(f"{group}/{workspace}".lower().encode()).hexdigest()[:10]
        short = "".join(letter for letter in workspace.lower() if letter.isalnum() and letter.isascii())[:8]
        found = {}
        for key, type_, noun in (
            ("storageAccount", "Microsoft.Storage/storageAccounts", "st"),
            ("keyVault", "Microsoft.KeyVault/vaults", "kv"),
            ("applicationInsights", "Microsoft.Insights/components", "ai"),
        ):
            found[key] = f"{group}/providers/{type_}/{noun}{short}{unique}"
            if self.find(found[key]) is None:
                self._make(found[key], {"location": location, "properties": {}})
        return found


def _take_apart(request: Request) -> tuple[str, str, Mapping[str, str]]:
    """The host, the path and the query parameters of a request; a bare path belongs to Azure Resource Manager."""
    url = request.url
    if url[:1] == "/" and "?" not in url and "%" not in url:
        return ARM_HOST, url, request.params
    parts = urlsplit(url)
    params: Mapping[str, str] = request.params
    if parts.query:
        params = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **params}
    host = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ARM_HOST
    return host, unquote(parts.path) or "/", params

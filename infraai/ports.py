"""What the agents need from outside, each protocol on one screen. `tools` has the real ones."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from infraai.configuration import Configuration
from infraai.models import Bundle, DeploymentId, Event, Preview, Report, RunId, Sha256

Reply = TypeVar("Reply", bound=BaseModel)
OnEvent = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Whose work a Terraform command does."""

    run_id: RunId
    deployment_id: DeploymentId
    on_event: OnEvent = field(default=lambda _: None)
    variables: Mapping[str, str] = field(default_factory=dict[str, str])  # TF_VAR_…, such as project


@dataclass(frozen=True, slots=True, kw_only=True)
class StateStamp:
    """Which state a plan was made from."""

    lineage: str
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateVersion:
    """One version of a deployment's state."""

    serial: int
    lineage: str
    body: bytes = field(repr=False)
    sha256: str
    run_id: RunId
    created_at: float


class StateStore(Protocol):
    """Where Terraform's state lives."""

    async def current(self, deployment_id: DeploymentId) -> StateVersion | None:
        """Return the newest version, or None."""
        ...

    async def save(self, deployment_id: DeploymentId, run_id: RunId, body: bytes) -> StateVersion:
        """Keep a version; raise `TerraformError` for another lineage or an older serial."""
        ...

    async def lock(self, deployment_id: DeploymentId, run_id: RunId, info: str) -> str | None:
        """Take the lock and return None, or return what its holder says of itself."""
        ...

    async def unlock(self, deployment_id: DeploymentId, lock_id: str) -> bool:
        """Free the lock if it is this one; return whether it was."""
        ...

    async def break_lock(self, deployment_id: DeploymentId, run_id: RunId) -> bool:
        """Free a lock that this run, now dead, had taken; return whether there was one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan file, and what `terraform show -json` says of it."""

    file: bytes = field(repr=False)
    shown: Mapping[str, Any] = field(repr=False)
    stamp: StateStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What came of `terraform plan`: a report, and a plan where there were no errors."""

    report: Report
    plan: SavedPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of `terraform apply`."""

    report: Report
    completed: tuple[str, ...] = ()  # addresses whose change was finished
    stopped: bool = False


class Terraform(Protocol):
    """The Terraform engine on one deployment's state. Raises `TerraformError` where it cannot run at all."""

    async def prepare(self, job: Job, bundle: Bundle) -> Path:
        """Lay the bundle out in the run's directory (a cache) and return it; nothing is run."""
        ...

    async def init(self, job: Job) -> Report:
        """Return what `terraform init` found."""
        ...

    async def validate(self, job: Job) -> Report:
        """Return what `terraform validate` found."""
        ...

    async def plan(self, job: Job, *, destroy: bool = False, replace: Sequence[str] = ()) -> Planned:
        """Return a saved plan against the deployment's state, or why there is none."""
        ...

    async def apply(self, job: Job, plan: SavedPlan) -> Applied:
        """Apply exactly that plan file. A cancelled call stops Terraform once, gracefully, and waits for it."""
        ...

    async def state(self, job: Job) -> Mapping[str, Any]:
        """Return the deployment's newest state as Terraform's state JSON (version 4); {} where there is none."""
        ...

    async def recover(self, job: Job) -> bool:
        """Save state that a killed command left behind in the directory, free its lock; True if there was any."""
        ...


class Hcl(Protocol):
    """Reading Terraform's language."""

    def parse(self, bundle: Bundle) -> Configuration:
        """Return what the bundle's `.tf` and `.tf.json` files say, faults included; never raises on content."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question to the model: instructions in words, material in one typed JSON block."""

    run_id: RunId
    task: str  # plan, write, mend, decide …
    text: str


class ChatModel(Protocol):
    """A language model that answers in a schema."""

    @property
    def name(self) -> str:
        """Return the model's name."""
        ...

    async def ask(self, prompt: Prompt, schema: type[Reply]) -> Reply:
        """Return a whole, valid reply or raise a `ModelError`; tokens and cost are recorded by the tool."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One look at an address."""

    status_code: int | None
    error: str = ""


class Artifacts(Protocol):
    """A content-addressed store for what is too large for a run's state."""

    async def put(self, kind: str, body: bytes) -> Sha256:
        """Keep the body; return its sha256."""
        ...

    async def get(self, sha: Sha256) -> bytes:
        """Return the body; raise `NotFoundError` where there is none."""
        ...

    async def put_bundle(self, bundle: Bundle) -> Sha256:
        """Keep a bundle; return its sha256."""
        ...

    async def get_bundle(self, sha: Sha256) -> Bundle:
        """Return a bundle; raise `NotFoundError` where there is none."""
        ...


class Probe(Protocol):
    """HTTP from outside, as a user of the service would."""

    async def get(self, url: str, *, timeout_s: float) -> ProbeResult:
        """Return the status of one GET; a failure to connect is a result, not an exception."""
        ...


class Schemas(Protocol):
    """The google provider's schema, to ground what the model writes and mends."""

    def known(self, resource_type: str) -> bool:
        """Return whether the provider has this resource type."""
        ...

    def types(self) -> Sequence[str]:
        """Return all resource types."""
        ...

    def describe(self, resource_type: str) -> Mapping[str, Any]:
        """Return {"arguments": {dotted path: what is known of it}}; {} if unknown."""
        ...


class Identities(Protocol):
    """How Google names what Terraform manages."""

    def name_attribute(self, resource_type: str) -> str | None:
        """Return the argument that names such a resource within its project and place; None where there is none."""
        ...

    def import_id(self, resource_type: str, values: Mapping[str, Any]) -> str | None:
        """Return the id `terraform import` takes for a resource of these attributes; None where it is not known."""
        ...


class Rehearsal(Protocol):
    """A try of the change, and of its undo, in a throw-away cloud."""

    async def rehearse(self, job: Job, preview: Preview, bundle: Bundle) -> Report:
        """Return what went wrong; an empty report where nothing did."""
        ...


class Clock(Protocol):
    """Time, so that a test need not wait."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class ProviderSession(Protocol):
    """Something that gives Terraform its providers for the length of one command."""

    def __call__(self, job: Job) -> AbstractAsyncContextManager[Mapping[str, str]]:
        """Return a context whose value is the environment to add to the command's."""
        ...

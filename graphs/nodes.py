"""The nodes, made from ports and the registry, and the graphs compiled from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.closer import Closer
from agents.decision import Decision
from agents.executor import Executor
from agents.fixer import Fixer
from agents.generator import Generator
from agents.guard import Guard
from agents.jobs import Jobs
from agents.planner import Planner
from agents.previewer import Previewer
from agents.recorder import Recorder
from agents.rehearser import Rehearser
from agents.reviews import Edited, FilesEdited
from agents.validator import Validator
from agents.verifier import Patience, Verifier
from graphs import change, deploy
from graphs.deps import ChangeNodes, DeployNodes
from graphs.driver import Compiled
from infraai.journal import Journal
from infraai.policy import Autonomy
from infraai.ports import ChatModel, Clock, Hcl, Identities, Probe, Rehearsal, Schemas, Terraform
from infraai.registry.registry import Registry

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world outside, as the agents see it."""

    terraform: Terraform
    model: ChatModel
    hcl: Hcl
    schemas: Schemas
    identities: Identities
    probe: Probe
    clock: Clock
    rehearsal: Rehearsal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How the graphs behave."""

    project: str
    region: str
    autonomy: Autonomy = "assisted"
    approval_minutes: float = 30
    patience: Patience
    variables: Mapping[str, str]
    webhook_url: str = ""
    apply_wait_s: float = 5


def change_nodes(ports: Ports, conduct: Conduct, registry: Registry, journal: Journal) -> ChangeNodes:
    """Return the nodes of the change graph."""
    jobs = Jobs(journal, conduct.variables)
    artifacts = registry.artifacts
    return ChangeNodes(
        journal=journal,
        guard=Guard(ports.hcl, artifacts),
        validator=Validator(ports.terraform, artifacts, jobs),
        fixer=Fixer(ports.model, ports.hcl, artifacts, ports.schemas, conduct.project, conduct.region),
        files_edited=FilesEdited(artifacts),
        previewer=Previewer(ports.terraform, artifacts, jobs),
        rehearser=Rehearser(ports.rehearsal, artifacts, jobs),
        decision=Decision(
            registry.approvals, registry.kill_switch, conduct.autonomy, conduct.approval_minutes
        ),
        edited=Edited(artifacts),
        executor=Executor(
            terraform=ports.terraform,
            artifacts=artifacts,
            approvals=registry.approvals,
            effects=registry.effects,
            kill_switch=registry.kill_switch,
            audit=registry.audit,
            clock=ports.clock,
            journal=journal,
            jobs=jobs,
            identities=ports.identities,
            first_wait_s=conduct.apply_wait_s,
        ),
        verifier=Verifier(ports.terraform, ports.probe, ports.clock, journal, jobs, conduct.patience),
        recorder=Recorder(
            terraform=ports.terraform,
            artifacts=artifacts,
            hcl=ports.hcl,
            deployments=registry.deployments,
            audit=registry.audit,
            jobs=jobs,
            project=conduct.project,
        ),
        closer=Closer(registry.runs, registry.audit, journal),
    )


def compile_graphs(
    ports: Ports,
    conduct: Conduct,
    registry: Registry,
    journal: Journal,
    saver: "BaseCheckpointSaver[Any] | None",
) -> dict[str, Compiled]:
    """Return a graph for each kind of request."""
    shared = change_nodes(ports, conduct, registry, journal)
    first = DeployNodes(
        planner=Planner(ports.model, ports.schemas, conduct.region),
        generator=Generator(
            ports.model,
            ports.schemas,
            ports.hcl,
            registry.artifacts,
            ports.identities,
            registry.deployments.google_ids,
            conduct.project,
            conduct.webhook_url,
        ),
    )
    changing = change.build(shared).compile(checkpointer=saver, name="change")
    deploying = deploy.build(first, shared).compile(checkpointer=saver, name="deploy")
    return {"deploy": deploying, "apply": changing, "destroy": changing}

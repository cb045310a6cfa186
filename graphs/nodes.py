"""The nodes, made from ports and the registry, and the graphs compiled from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.asked import Asked
from agents.closer import Closer
from agents.decision import Decision
from agents.executor import Executor
from agents.fixer import Fixer
from agents.generator import Generator
from agents.guard import Guard
from agents.jobs import Jobs
from agents.operate.act import Act
from agents.operate.action_approval import OpenAction
from agents.operate.begun import Begun
from agents.operate.closer import IncidentCloser
from agents.operate.confirm import Confirm
from agents.operate.correlate import Correlate
from agents.operate.decide import Decide
from agents.operate.escalate import Escalate
from agents.operate.holding import Hold, Holder
from agents.operate.intake import Intake
from agents.operate.investigate import Investigate
from agents.operate.judging import Judge
from agents.operate.learn import Learn
from agents.operate.looks import Looker
from agents.operate.modifier import Modifier
from agents.operate.offers import Offers
from agents.operate.question import Choose, OpenQuestion
from agents.operate.recheck import Recheck, Rhythm
from agents.operate.route import Route
from agents.operate.settle import Settle
from agents.planner import Planner
from agents.previewer import Previewer
from agents.recorder import Recorder
from agents.rehearser import Rehearser
from agents.reviews import Edited, FilesEdited
from agents.validator import Validator
from agents.verifier import Patience, Verifier
from graphs import change, deploy, operate
from graphs.closing import Closing
from graphs.deps import ChangeNodes, DeployNodes, OperateNodes
from graphs.driver import Compiled
from infraai.journal import Journal
from infraai.operations.ports import Compute, Metrics, Notifier
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
    metrics: Metrics
    compute: Compute
    rehearsal: Rehearsal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What an incident's nodes share with the rest of the process."""

    holder: Holder
    notifier: Notifier


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
    rhythm: Rhythm = field(default_factory=Rhythm)


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
            registry.approvals,
            registry.kill_switch,
            conduct.autonomy,
            conduct.approval_minutes,
            judge=judge_of(ports, conduct, registry),
            begun=Begun(registry.actions, registry.incidents, ports.clock),
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
            asked=Asked(registry.runs),
            begun=Begun(registry.actions, registry.incidents, ports.clock),
            first_wait_s=conduct.apply_wait_s,
        ),
        verifier=Verifier(ports.terraform, ports.probe, ports.clock, journal, jobs, conduct.patience),
        recorder=Recorder(
            terraform=ports.terraform,
            artifacts=artifacts,
            hcl=ports.hcl,
            deployments=registry.deployments,
            revisions=registry.revisions,
            audit=registry.audit,
            jobs=jobs,
            clock=ports.clock,
            project=conduct.project,
        ),
        closer=Closer(registry.runs, registry.audit, journal),
    )


def compile_graphs(
    ports: Ports,
    conduct: Conduct,
    registry: Registry,
    journal: Journal,
    *,
    saver: "BaseCheckpointSaver[Any] | None",
    around: Around,
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
    around_nodes = operate_nodes(ports, conduct, registry, journal, around)
    operating = operate.build(around_nodes, shared).compile(checkpointer=saver, name="operate")
    return {"deploy": deploying, "apply": changing, "destroy": changing, "operate": operating}


def judge_of(ports: Ports, conduct: Conduct, registry: Registry) -> Judge:
    """Return what takes the verdict on an action anew, from the registry."""
    offers = Offers(ports.hcl, registry.artifacts, registry.deployments, registry.revisions)
    return Judge(
        registry.incidents, registry.actions, registry.deployments, ports.clock, conduct.autonomy, offers
    )


def closing_of(ports: Ports, registry: Registry, project: str) -> Closing:
    """Return what looks before an incident is taken for over."""
    looker = Looker(ports.metrics, ports.compute, ports.probe)
    return Closing(looker, registry.locator, ports.clock, project)


def operate_nodes(
    ports: Ports, conduct: Conduct, registry: Registry, journal: Journal, around: Around
) -> OperateNodes:
    """Return the nodes that work on an incident."""
    offers = Offers(ports.hcl, registry.artifacts, registry.deployments, registry.revisions)
    looker = Looker(ports.metrics, ports.compute, ports.probe)
    begun = Begun(registry.actions, registry.incidents, ports.clock)
    minutes = conduct.approval_minutes
    return OperateNodes(
        intake=Intake(registry.incidents),
        correlate=Correlate(registry.locator, registry.incidents, registry.silences, ports.clock),
        investigate=Investigate(
            metrics=ports.metrics,
            compute=ports.compute,
            probe=ports.probe,
            clock=ports.clock,
            hcl=ports.hcl,
            artifacts=registry.artifacts,
            deployments=registry.deployments,
            incidents=registry.incidents,
            actions=registry.actions,
            revisions=registry.revisions,
            runs=registry.runs,
        ),
        decide=Decide(ports.model, offers, registry.deployments, registry.actions, ports.clock),
        route=Route(
            registry.incidents,
            registry.audit,
            ports.clock,
            journal,
            conduct.autonomy,
            offers,
            judge_of(ports, conduct, registry),
        ),
        confirm=Confirm(
            looker, registry.deployments, ports.clock, journal, conduct.project, registry.incidents
        ),
        open_question=OpenQuestion(
            offers, registry.approvals, registry.incidents, registry.kill_switch, minutes
        ),
        choose=Choose(offers, registry.approvals, journal, minutes),
        open_action=OpenAction(registry.approvals, registry.incidents, registry.kill_switch, minutes),
        hold=Hold(around.holder, journal, Asked(registry.runs), begun),
        modifier=Modifier(registry.deployments, registry.revisions, registry.artifacts, ports.hcl, journal),
        act=Act(
            compute=ports.compute,
            approvals=registry.approvals,
            effects=registry.effects,
            actions=registry.actions,
            incidents=registry.incidents,
            deployments=registry.deployments,
            kill_switch=registry.kill_switch,
            audit=registry.audit,
            clock=ports.clock,
            journal=journal,
            holder=around.holder,
            asked=Asked(registry.runs),
            judge=Judge(
                registry.incidents,
                registry.actions,
                registry.deployments,
                ports.clock,
                conduct.autonomy,
                offers,
            ),
            begun=begun,
            approval_minutes=minutes,
        ),
        settle=Settle(
            registry.actions, registry.incidents, registry.audit, ports.clock, journal, conduct.autonomy
        ),
        recheck=Recheck(
            looker=looker,
            incidents=registry.incidents,
            deployments=registry.deployments,
            clock=ports.clock,
            journal=journal,
            project=conduct.project,
            rhythm=conduct.rhythm,
        ),
        learn=Learn(registry.actions, registry.incidents, registry.model_calls, registry.audit, journal),
        escalate=Escalate(around.notifier, journal),
        closer=IncidentCloser(
            registry.runs,
            registry.incidents,
            around.holder,
            registry.audit,
            journal,
            around.notifier,
            ports.clock,
        ),
    )

"""The one place that names real tools: everything is made here, from the settings."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.verifier import Patience
from graphs.checking import Checked, check_bundle
from graphs.driver import Compiled, snapshot
from graphs.holding import Holding
from graphs.nodes import Around, Conduct, Ports, change_nodes, closing_of, compile_graphs
from graphs.operations import Operations
from graphs.report import run_report
from graphs.runner import Runner
from infraai import models
from infraai.calls import ModelCall
from infraai.clock import SystemClock
from infraai.errors import CloudError, TerraformMissingError
from infraai.journal import Journal
from infraai.models import Bundle, Request, Value
from infraai.operations import shapes
from infraai.operations.notifying import Announcer
from infraai.owner import Owner
from infraai.ports import Job, StateStore
from infraai.registry.registry import Registry
from infraai.registry.runs import Run
from infraai.settings import Settings, load_settings
from sandbox.sandbox import Sandbox
from sandbox.schema.describe import ShippedSchemas
from tools.chat import ChatLangchain
from tools.chat_clients import ChatOptions
from tools.gcp import ComputeClient
from tools.hcl import HclTreeSitter
from tools.monitoring import MonitoringClient
from tools.probe import ProbeHttp
from tools.terraform.cli import TerraformCli, own_providers
from tools.terraform.engine import find_engine
from tools.terraform.missing import NoTerraform

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from sandbox.clock import CloudClock

# What may come back out of a checkpoint: our own values and nothing else.
STATE_TYPES = tuple(
    one
    for module in (models, shapes)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Value)
)
RULES = "sandbox-rules"
LOOPBACK = "http://127.0.0.1:8080"
SANDBOX_PATIENCE = Patience(attempts=5, interval_s=0.2, timeout_s=5, grace_s=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything that runs, for one home."""

    settings: Settings
    registry: Registry
    journal: Journal
    runner: Runner
    operations: Operations
    notifier: Announcer
    model: ChatLangchain
    terraform: TerraformCli | NoTerraform
    sandbox: Sandbox
    ports: Ports
    graphs: Mapping[str, Compiled]

    def describe(self) -> str:
        """Return where this system acts and what it acts with, in a line."""
        cloud = "Google Cloud" if self.settings.cloud == "gcp" else "the sandbox, a simulated Google Cloud"
        model = RULES if self.settings.model_is_sandbox else self.settings.gemini_model
        engine = self.terraform.engine.kind if isinstance(self.terraform, TerraformCli) else "no Terraform"
        return f"{cloud} · project {self.settings.project} · {engine} · model {model}"

    async def warm(self) -> None:
        """Load the libraries that speak to Google, so that the first alert does not wait for them."""
        await asyncio.to_thread(_load_clients)

    async def check_model(self, request: Request) -> None:
        """Raise a `ModelError` if the provider lacks the model, a `CloudError` without credentials."""
        if request.kind == "deploy" and not self.settings.model_is_sandbox:
            await self.model.check_model()
        if self.settings.cloud == "gcp" and not has_credentials(self.settings):
            raise CloudError(
                "Google Cloud", "there are no credentials", next_step="gcloud auth application-default login"
            )

    async def check(self, bundle: Bundle, *, fix: bool) -> Checked:
        """Return what guard and validation say of a bundle, mended if asked."""
        nodes = change_nodes(self.ports, _conduct(self.settings), self.registry, self.journal)
        return await check_bundle(nodes, self.registry.artifacts, bundle, fix=fix)

    async def report(self, run: Run) -> dict[str, Any]:
        """Return what a run came to, as one JSON object."""
        return await run_report(self.registry, self.ports.hcl, self.graphs[run.request.kind], run)

    async def values(self, run: Run) -> Mapping[str, Any]:
        """Return what the run's graph knows."""
        return (await snapshot(self.graphs[run.request.kind], run.run_id)).values


def _load_clients() -> None:
    for name in ("google.cloud.compute_v1", "google.cloud.monitoring_v3", "langchain_google_genai"):
        import_module(name)


@asynccontextmanager
async def deploy() -> AsyncGenerator[Compiled]:
    """Yield the deploy graph for a server that brings its own checkpointer (`langgraph.json`)."""
    async with open_system(load_settings(), own_checkpoints=False) as system:
        yield system.graphs["deploy"]


@asynccontextmanager
async def operate() -> AsyncGenerator[Compiled]:
    """Yield the operate graph for a server that brings its own checkpointer (`langgraph.json`)."""
    async with open_system(load_settings(), own_checkpoints=False) as system:
        yield system.graphs["operate"]


@asynccontextmanager
async def open_system(
    settings: Settings, *, own_checkpoints: bool = True, clock: "CloudClock | None" = None
) -> AsyncGenerator[System]:
    """Open everything; what is closed at the end leaves nothing running.

    `clock` is the simulated cloud's time where it is not the one that its file keeps.
    """
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    home = settings.home_dir
    async with AsyncExitStack() as stack:
        database = settings.database_url.get_secret_value() if settings.database_url else None
        registry = await Registry.open(home, database)
        stack.push_async_callback(registry.close)
        owner = Owner.register(home)
        stack.callback(owner.close)
        sandbox = Sandbox(home, project=settings.project, clock=clock)
        stack.callback(sandbox.close)
        saver = None
        if own_checkpoints:
            path = home / "checkpoints.db"
            path.touch(mode=0o600)
            saver = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(path)))
            saver.serde = JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES)
            await saver.conn.execute("PRAGMA busy_timeout=10000")
        system = assemble(settings, registry, sandbox, saver, owner)
        stack.push_async_callback(system.terraform.aclose)
        yield system


def assemble(
    settings: Settings,
    registry: Registry,
    sandbox: Sandbox,
    saver: "BaseCheckpointSaver[Any] | None",
    owner: Owner,
) -> System:
    """Return the system on what is open already; nothing is started."""
    journal = Journal(registry.runs)
    terraform = _terraform(settings, registry.states, sandbox)
    model = _model(settings, registry, sandbox)
    schemas = ShippedSchemas()
    ports = Ports(
        terraform=terraform,
        model=model,
        hcl=HclTreeSitter(),
        schemas=schemas,
        identities=schemas,
        probe=_probe(settings, sandbox),
        clock=SystemClock() if settings.cloud == "gcp" else sandbox.clock,
        metrics=_metrics(settings, sandbox),
        compute=_compute(settings, sandbox),
    )
    notifier = Announcer(journal)
    around = Around(holder=Holding(registry.runs, owner), notifier=notifier)
    graphs = compile_graphs(ports, _conduct(settings), registry, journal, saver=saver, around=around)
    runner = Runner(registry=registry, journal=journal, owner=owner, graphs=graphs)
    return System(
        settings=settings,
        registry=registry,
        journal=journal,
        runner=runner,
        operations=Operations(
            registry=registry,
            runner=runner,
            journal=journal,
            notifier=notifier,
            clock=ports.clock,
            hcl=ports.hcl,
            closing=closing_of(ports, registry, settings.project),
        ),
        notifier=notifier,
        model=model,
        terraform=terraform,
        sandbox=sandbox,
        ports=ports,
        graphs=graphs,
    )


def _conduct(settings: Settings) -> Conduct:
    simulated = settings.cloud == "sandbox"
    asked = Patience(
        attempts=settings.verify_attempts,
        interval_s=settings.verify_interval_s,
        timeout_s=settings.verify_timeout_s,
        grace_s=settings.verify_grace_s,
    )
    given = {
        "verify_attempts",
        "verify_interval_s",
        "verify_timeout_s",
        "verify_grace_s",
    } & settings.model_fields_set
    return Conduct(
        project=settings.project,
        region=settings.region,
        autonomy=settings.autonomy,
        approval_minutes=settings.approval_minutes,
        patience=SANDBOX_PATIENCE if simulated and not given else asked,
        variables=_variables(settings),
        webhook_url=_webhook(settings),
        apply_wait_s=0.2 if simulated else 5,
    )


def _variables(settings: Settings) -> dict[str, str]:
    """Return what every configuration may ask for; the token reaches Terraform as a sensitive variable."""
    token = settings.ops_webhook_token.get_secret_value() if settings.ops_webhook_token else ""
    return {"project": settings.project} | ({"alert_webhook_token": token} if token else {})


def _webhook(settings: Settings) -> str:
    """Return where alerts are delivered; the sandbox delivers to loopback."""
    address = settings.public_url or (LOOPBACK if settings.cloud == "sandbox" else "")
    return f"{address.rstrip('/')}/ops/webhook" if address else ""


def _terraform(settings: Settings, states: StateStore, sandbox: Sandbox) -> TerraformCli | NoTerraform:
    try:
        engine = find_engine(settings.terraform_bin, os.environ)
    except TerraformMissingError as error:
        return NoTerraform(error)

    @asynccontextmanager
    async def simulated(job: Job) -> AsyncGenerator[Mapping[str, str]]:
        state = await states.current(job.deployment_id)
        folder = settings.home_dir / "runs" / job.deployment_id
        with sandbox.provider(folder, state_types(state.body if state else b"")) as environment:
            yield environment

    return TerraformCli(
        engine=engine,
        home=settings.home_dir,
        states=states,
        environ=_environ(settings),
        session=own_providers if settings.cloud == "gcp" else simulated,
        timeouts_s={"apply": settings.terraform_timeout_s},
    )


def _environ(settings: Settings) -> dict[str, str]:
    """Return our environment with the credentials file that only `.env` may name."""
    path = settings.google_credentials
    return dict(os.environ) | ({"GOOGLE_APPLICATION_CREDENTIALS": str(path)} if path else {})


def has_credentials(settings: Settings) -> bool:
    """Return whether Google's own search for credentials can find any: a file, a token, or a machine's own."""
    if settings.google_credentials is not None:
        return settings.google_credentials.is_file()
    default = Path("~/.config/gcloud/application_default_credentials.json").expanduser()
    named = {
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        "GOOGLE_CREDENTIALS",
        "GCE_METADATA_HOST",
        "K_SERVICE",
        "KUBERNETES_SERVICE_HOST",
    }
    return (
        default.is_file()
        or bool(named & os.environ.keys())
        or (
            Path("/sys/class/dmi/id/product_name").is_file()
            and ("Google" in Path("/sys/class/dmi/id/product_name").read_text())
        )
    )


def state_types(body: bytes) -> frozenset[str]:
    """Return the resource types that a state names."""
    import json

    state = json.loads(body) if body else {}
    return frozenset(str(one["type"]) for one in state.get("resources") or ())


def _model(settings: Settings, registry: Registry, sandbox: Sandbox) -> ChatLangchain:
    options = ChatOptions(
        provider=settings.llm_provider,
        model=settings.gemini_model,
        api_key=settings.gemini_api_key,
        timeout_s=settings.model_timeout_s,
    )

    async def record(call: ModelCall) -> None:
        await registry.model_calls.add(
            call.run_id,
            task=call.task,
            model=call.model,
            input_tokens=call.input_tokens,
            output_tokens=call.output_tokens,
            cost_usd=call.cost_usd or 0,
            seconds=call.seconds,
            outcome=call.outcome,
            prompt_sha256=call.prompt_sha256,
        )

    if settings.model_is_sandbox:
        from pydantic import SecretStr

        options = replace(
            options,
            provider="google_genai",
            model=RULES,
            api_key=SecretStr("sandbox"),
            base_url=sandbox.endpoints().gemini_url,
            backoff_s=0.05,
        )
    return ChatLangchain(options=options, on_call=record)


def _metrics(settings: Settings, sandbox: Sandbox) -> MonitoringClient:
    """Return Google's client; the sandbox's server is started when it is first asked."""
    if settings.cloud == "gcp":
        return MonitoringClient()
    return MonitoringClient(target=lambda: sandbox.endpoints().monitoring_target)


def _compute(settings: Settings, sandbox: Sandbox) -> ComputeClient:
    if settings.cloud == "gcp":
        return ComputeClient()
    return ComputeClient(endpoint=lambda: sandbox.endpoints().compute_url)


def _probe(settings: Settings, sandbox: Sandbox) -> ProbeHttp:
    if settings.cloud == "gcp":
        return ProbeHttp()
    endpoints = sandbox.endpoints()
    return ProbeHttp(proxy_url=endpoints.proxy_url, ca_file=endpoints.proxy_ca)

"""The mending loop of the graph, small: check, mend, check again."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agents.fixer import Fixer
from infraai.drafts import MendDraft
from infraai.models import Bundle, Report, Request
from infraai.ports import Schemas
from infraai.state import Update, Validated
from sandbox.gemini.mender import mend
from sandbox.schema.describe import ShippedSchemas
from tests.fakes.chat import FakeModel
from tests.mending.cases import digest
from tools.hcl import HclTreeSitter

PROJECT = "acme-shop"


@dataclass(slots=True)
class Kept:
    """`infraai.ports.Artifacts`, in memory."""

    bundles: dict[str, Bundle] = field(default_factory=dict)

    async def put(self, kind: str, body: bytes) -> str:
        raise NotImplementedError

    async def get(self, sha: str) -> bytes:
        raise NotImplementedError

    async def put_bundle(self, bundle: Bundle) -> str:
        self.bundles[digest(bundle)] = bundle
        return digest(bundle)

    async def get_bundle(self, sha: str) -> Bundle:
        return self.bundles[sha]


@dataclass(slots=True)
class Ended:
    bundle: Bundle
    report: Report
    fixes: int
    notes: list[str]
    update: Update


def rules() -> FakeModel:
    """The sandbox's rules, as the model they are."""
    return FakeModel().says("mend", lambda block: MendDraft.model_validate(mend(dict(block))))


def fixer(model: FakeModel, kept: Kept, schemas: Schemas | None = None) -> Fixer:
    return Fixer(model, HclTreeSitter(), kept, schemas or ShippedSchemas(), PROJECT)


async def mended(
    bundle: Bundle, check: Callable[[Bundle], Report], model: FakeModel, *, most: int = 16
) -> Ended:
    kept = Kept()
    node = fixer(model, kept)
    state: Validated = {
        "run_id": "run",
        "deployment_id": "deployment",
        "request": Request(kind="apply"),
        "bundle": await kept.put_bundle(bundle),
        "findings": [],
        "report": Report(),
        "fixes": 0,
        "notes": [],
        "seen": [],
    }
    update: Update = {}
    for _ in range(most):
        bundle = kept.bundles[state["bundle"]]
        state["report"] = check(bundle)
        if state["report"].passed:
            break
        update = await node(state)
        state["bundle"] = update.get("bundle", state["bundle"])
        state["fixes"] += update.get("fixes", 0)
        state["notes"] = [*state["notes"], *update.get("notes", [])]
        state["seen"] = update.get("seen", state["seen"])
        if "status" in update:
            break
    return Ended(bundle, state["report"], state["fixes"], state["notes"], update)

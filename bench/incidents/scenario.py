"""What a scenario is: a deployment, what goes wrong with it, who is there, and what a good operator would do."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from infraai.operations.shapes import ActionType
from infraai.policy import Autonomy

FOLDER = Path(__file__).parent / "scenarios"
End = Literal[
    "resolved", "escalated", "asked", "ignored", "silenced", "rejected", "waiting", "unheard", "refused"
]
Moment = Literal["asked", "applying", "over", "alerted"]


class Data(BaseModel):
    """Data that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cue(Data):
    """When something happens: seconds after the beginning, or `when` that is first seen."""

    at: float = 0
    when: Moment | None = None


class Fault(Cue):
    """Something that goes wrong with a resource, given by its type, its name, or `type:part-of-its-name`."""

    kind: str
    of: str
    for_s: float | None = None


class Letter(Cue):
    """A webhook body that arrives beside those of the cloud; `${…}` stands for facts of a resource.

    `about` is the resource: its `instance_id`, `name`, `id`, `project`, `deployment_id`, `address`, `database_id`.
    """

    body: dict[str, Any] = {}
    text: str = Field(default="", description="a body that is no JSON object")
    about: str = ""
    times: int = Field(default=1, description="how often; `${n}` counts")
    refused: bool = Field(default=False, description="the right answer is to refuse it")


class Delivery(Data):
    """What happens to the cloud's own notifications on their way."""

    tamper: dict[str, Any] = Field(default={}, description="laid over the incident")
    copies: int = Field(default=1, description="how often each is delivered")
    storm: int = Field(
        default=0, description="how many more incidents of the same policy open at the same time"
    )
    swapped: bool = Field(default=False, description="closed arrives before open")
    shift_s: float = Field(default=0, description="by how much the sender's clock is wrong")


class Person(Data):
    """Who answers: `answer` to an approval; `choose` an action by its name where they are asked what to do."""

    answer: Literal["approve", "reject", "absent"] = "approve"
    after_s: float = Field(default=120, description="nobody answers at once")
    stale: bool = Field(default=False, description="answers even what has gone meanwhile")
    choose: tuple[ActionType | Literal["ignore"], ...] = ()


class Happening(Cue):
    """What somebody does meanwhile."""

    do: Literal["stop", "start", "silence", "maintenance", "destroy", "clear", "change", "act"]
    of: str = ""
    for_s: float = 3600
    action: ActionType | None = None
    parameters: dict[str, Any] = {}


class Check(Data):
    """What must be so in the cloud at the end: a resource's attribute (`settings.0.tier`) beside what it was."""

    of: str
    attribute: str = ""
    became: Literal["other", "same", "larger", "gone", "standing"] = "standing"
    value: Any = None


class Good(Data):
    """One good outcome: how the incidents end, what may be done on the way, and what the cloud is like then."""

    ends: End
    actions: tuple[ActionType, ...] = ()
    calm: bool | None = Field(
        default=None, description="no alert is open in the end; by default where resolved"
    )
    checks: tuple[Check, ...] = ()
    incidents: int | None = Field(default=None, description="how many there are")
    why: str = ""


class Never(Data):
    """An operation that does harm here: a verb, a type, or both; or an action, whoever allowed it."""

    verb: str = ""
    type: str = ""
    action: ActionType | None = None


class Scenario(Data):
    """One incident, or several at once."""

    name: str
    family: str = ""
    story: str
    deployment: str
    autonomy: Autonomy = "assisted"
    faults: tuple[Fault, ...] = ()
    letters: tuple[Letter, ...] = ()
    delivery: Delivery = Delivery()
    model: tuple[str, ...] = Field(
        default=(), description="ways to fail for all calls: 503, malformed, slow:3 …"
    )
    person: Person = Person()
    happenings: tuple[Happening, ...] = ()
    until_s: float = 2400
    ask_first: bool = Field(default=False, description="nothing may be done without a person's word")
    false_alarm: bool = False
    good: tuple[Good, ...]
    never: tuple[Never, ...] = ()


class Family(Data):
    """One file."""

    family: str
    scenarios: tuple[Scenario, ...]


class Place(Data):
    """A deployment: a goal in words, or a directory of Terraform."""

    goal: str = ""
    terraform: str = ""
    budget_usd: float | None = None


def load_scenarios(folder: Path = FOLDER) -> tuple[Scenario, ...]:
    """Return every scenario of every family; raise `ValueError` for a name that is there twice."""
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        family = Family.model_validate(yaml.safe_load(path.read_text()))
        found += [one.model_copy(update={"family": family.family}) for one in family.scenarios]
    names = [one.name for one in found]
    twice = {one for one in names if names.count(one) > 1}
    if twice:
        raise ValueError(f"scenarios with the same name: {', '.join(sorted(twice))}")
    return tuple(found)


def load_places() -> dict[str, Place]:
    """Return the deployments by name."""
    said = yaml.safe_load((Path(__file__).parent / "deployments.yaml").read_text())
    return {name: Place.model_validate(one) for name, one in said.items()}

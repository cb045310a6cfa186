"""Graphics cards: which machine carries the model that a goal names, and how many."""

from dataclasses import dataclass

from infraai.models import Setting
from sandbox.gemini.planner.reading import Reading

# https://cloud.google.com/compute/docs/gpus: a2, a3 and g2 machines have their cards built in, by machine type
BUILT_IN = {
    "a100": {1: "a2-highgpu-1g", 2: "a2-highgpu-2g", 4: "a2-highgpu-4g", 8: "a2-highgpu-8g"},
    "h100": {1: "a3-highgpu-1g", 2: "a3-highgpu-2g", 4: "a3-highgpu-4g", 8: "a3-highgpu-8g"},
    "l4": {1: "g2-standard-4", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"},
}
# … the others are attached to machines of the n1 family
ATTACHED = ("t4", "v100", "p100", "p4")
MOST_ATTACHED = 4
# about what one card costs a month in USD, with its share of the machine where it is built in
CARD_USD = {
    "a100": 2680.0,
    "h100": 8000.0,
    "l4": 516.0,
    "t4": 255.0,
    "v100": 1810.0,
    "p100": 1066.0,
    "p4": 438.0,
}
_HEADLESS = ("api", "web", "website", "server", "public", "run")


@dataclass(frozen=True, slots=True)
class Accelerator:
    """So many cards of one model, and the machine type that has them built in ("" where they are attached)."""

    model: str
    count: int
    machine_type: str

    @property
    def usd_month(self) -> float:
        """About what the cards cost."""
        return self.count * CARD_USD[self.model]

    @property
    def settings(self) -> dict[str, Setting]:
        """The machine's settings for them; machines with cards cannot move while they run."""
        stays: dict[str, Setting] = {"scheduling.on_host_maintenance": "TERMINATE"}
        if self.machine_type:
            return stays
        named = f"nvidia-tesla-{self.model}"
        return {"guest_accelerator.type": named, "guest_accelerator.count": self.count, **stays}


def accelerator_of(reading: Reading) -> Accelerator | None:
    """Return the cards the goal asks for, T4 where it names no model; None where it asks for none."""
    if not reading.wants("gpu"):
        return None
    model = next((one for one in (*BUILT_IN, *ATTACHED) if reading.says(one)), "t4")
    wanted = reading.count("gpu") or 1
    if model in BUILT_IN:
        count = next((many for many in BUILT_IN[model] if many >= wanted), max(BUILT_IN[model]))
        return Accelerator(model, count, BUILT_IN[model][count])
    count = next((many for many in (1, 2, 4) if many >= wanted), MOST_ATTACHED)
    return Accelerator(model, count, "")


def is_headless(reading: Reading) -> bool:
    """Return whether the machine computes and serves nobody, as one that trains models does."""
    return reading.wants("gpu", "training") and not reading.wants(*_HEADLESS) and not reading.amounts.ports

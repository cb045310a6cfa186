"""The plan while it is drawn: resources with unique names, and what was assumed."""

import re
from dataclasses import dataclass, field
from typing import Any

from infraai.models import PlannedResource, Setting
from sandbox.gemini.planner.patterns import NUMBER_WORDS
from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.wire import Json
from sandbox.gemini.zones import first_zone

NETWORK = "google_compute_network"
SUBNETWORK = "google_compute_subnetwork"
SEVERAL_REGIONS = re.compile(r"\b(two|three|four|five|[2-5])\s+(?:\w+\s+)?regions\b")
PRIVATE_RANGE = "10.10.0.0/20"
_ROLES = (
    ("api", "api"),
    ("web", "web"),
    ("website", "web"),
    ("static", "site"),
    ("group", "web"),
    ("lb", "web"),
    ("gke", "cluster"),
    ("job", "job"),
    ("pubsub", "events"),
    ("bigquery", "analytics"),
    ("bastion", "net"),
    ("vpn", "net"),
    ("function", "function"),
)


@dataclass(slots=True)
class Blueprint:
    """Collects resources for one goal; a reference is `type.name`."""

    reading: Reading
    block: Json
    region: str
    zone: str
    resources: list[PlannedResource] = field(default_factory=list[PlannedResource])
    assumptions: list[str] = field(default_factory=list[str])
    network_ref: str = ""
    subnetwork_ref: str = ""
    spent_usd: float = 0.0
    built_in: list[str] = field(
        default_factory=list[str]
    )  # the regions beside the first that something stands in

    def add(self, kind: str, name: str, purpose: str, /, **settings: Setting | None) -> str:
        """Plan a resource and return its reference; settings that are None are left out."""
        kept = {key: value for key, value in settings.items() if value is not None}
        return self.plan(kind, name, purpose, kept)

    def plan(self, kind: str, name: str, purpose: str, settings: dict[str, Setting]) -> str:
        """As `add`, for settings whose names are dotted paths."""
        unique, number = name, 2
        while f"{kind}.{unique}" in self.refs(kind):
            unique, number = f"{name}_{number}", number + 1
        self.resources.append(PlannedResource(type=kind, name=unique, purpose=purpose, settings=settings))
        return f"{kind}.{unique}"

    def refs(self, *kinds: str) -> list[str]:
        """Return the references of all planned resources of these types."""
        return [f"{one.type}.{one.name}" for one in self.resources if one.type in kinds]

    def note(self, text: str) -> None:
        """Remember an assumption, once."""
        if text not in self.assumptions:
            self.assumptions.append(text)

    def named(self, *concepts: str, default: str) -> list[str]:
        """Return a short name for each of several things of one kind: as the goal calls them, or numbered."""
        count = self.reading.count(*concepts)
        names = [
            re.sub(r"[^a-z0-9-]", "-", one.replace("_", "-")).strip("-")
            for one in self.reading.names(*concepts)
        ]
        if len(names) > 1 and count in (None, len(names)):
            return names
        return (
            [default]
            if not count or count == 1
            else [f"{default}-{number}" for number in range(1, count + 1)]
        )

    @property
    def app(self) -> str:
        """The name cloud resources are called by: lower case letters, digits and hyphens."""
        wanted = self.reading.amounts.name.replace("_", "-").strip("-")[:30]
        return wanted or self.role

    @property
    def role(self) -> str:
        """A short word for what is built."""
        for concept, word in _ROLES:
            if self.reading.wants(concept):
                return word
        return "app"

    @property
    def labels(self) -> dict[str, str]:
        """Labels every resource that takes some gets."""
        wants = self.reading.wants
        tier = "production" if wants("production", "ha") else "development" if wants("dev") else ""
        return {"app": self.app, "managed_by": "infraai", **({"environment": tier} if tier else {})}

    @property
    def sites(self) -> list[tuple[str, str]]:
        """The (region, zone) of every place the goal names, the plan's own first."""
        if self.block.get("region"):
            return [(self.region, self.zone)]
        several = SEVERAL_REGIONS.search(self.reading.text)
        if several and len(self.reading.places) < 2:  # noqa: PLR2004
            many = NUMBER_WORDS.get(several.group(1)) or int(several.group(1))
            return [(self.region, self.zone), *((one, first_zone(one)) for one in self._neighbours(many))]
        others = [
            (one.region, one.zone or first_zone(one.region)) for one in self.reading.places[1:] if one.region
        ]
        return [(self.region, self.zone), *others]

    def _neighbours(self, many: int) -> list[str]:
        """Return other regions of the plan's continent, so many that all of them together are `many`."""
        lead = self.region.split("-")[0]
        names = [str(one["name"]) for one in self.block.get("regions", [])]
        near = [one for one in names if one.split("-")[0] == lead and one != self.region]
        return near[: max(0, many - 1)]

    def subnetwork_in(self, region: str) -> str:
        """Return the reference of the network's addresses in a region, planned at the first call."""
        network, first = self.network()
        if region == self.region:
            return first
        name = region.replace("-", "_")
        reference = f"{SUBNETWORK}.{name}"
        if reference not in self.refs(SUBNETWORK):
            number = len(self.refs(SUBNETWORK))
            cidrs = self.reading.amounts.cidrs
            self.built_in.append(region)
            self.add(
                SUBNETWORK,
                name,
                f"addresses for what runs in {region}",
                name=f"{self.app}-subnet-{region}",
                network=network,
                region=region,
                ip_cidr_range=cidrs[number] if len(cidrs) > number else f"10.{10 + number}.0.0/20",
                private_ip_google_access=True,
            )
        return reference

    def network(self) -> tuple[str, str]:
        """Return the references of the plan's own network and its subnetwork, planned at the first call."""
        if not self.network_ref:
            self.network_ref = self.add(
                NETWORK, "main", "private network", name=f"{self.app}-network", auto_create_subnetworks=False
            )
            cidrs = self.reading.amounts.cidrs
            self.subnetwork_ref = self.add(
                SUBNETWORK,
                "main",
                "addresses for what runs in the region",
                name=f"{self.app}-subnet",
                network=self.network_ref,
                region=self.region,
                ip_cidr_range=cidrs[0] if cidrs else PRIVATE_RANGE,
                private_ip_google_access=True,
            )
        return self.network_ref, self.subnetwork_ref

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return one of the block's price tables."""
        return list(self.block.get(name) or [])

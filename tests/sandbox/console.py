"""A stand-in for the provider engine: creates, changes and deletes by the services alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud import Cloud
from sandbox.provider.identity import Places, set_identity
from sandbox.schema.archive import Block, shipped
from sandbox.services import ApiError, Context, service_of

PROJECT, REGION, ZONE = "acme", "us-central1", "us-central1-a"
Values = dict[str, Any]


def names_in(values: Values, prefix: str = "") -> set[str]:
    """Return the dotted paths of all attributes, through blocks."""
    found: set[str] = set()
    for name, value in values.items():
        found.add(prefix + name)
        for item in value if isinstance(value, list) else []:
            if isinstance(item, dict):
                found |= names_in(item, f"{prefix}{name}.")
    return found


def names_of(block: Block, prefix: str = "") -> set[str]:
    """Return the dotted paths that a schema has."""
    found: set[str] = set()
    for name, attribute in block.attributes.items():
        found |= {prefix + name, *_inside(attribute.type, f"{prefix}{name}.")}
    for name, nested in block.blocks.items():
        found |= {prefix + name, *names_of(nested.block, f"{prefix}{name}.")}
    return found


def _inside(kind: Any, prefix: str) -> set[str]:
    """Return the dotted paths within an attribute's own type."""
    if not isinstance(kind, list):
        return set()
    if kind[0] == "object":
        inner: set[str] = set()
        for name, one in kind[1].items():
            inner |= {prefix + name, *_inside(one, f"{prefix}{name}.")}
        return inner
    return _inside(kind[1], prefix) if kind[0] in {"list", "set"} else set()


@dataclass
class Console:
    """One project of a cloud."""

    folder: Path
    cloud: Cloud = field(init=False)

    def __post_init__(self) -> None:
        self.cloud = Cloud(self.folder / "cloud.db")

    def context(self, kind: str) -> Context:
        return Context(self.cloud, PROJECT, REGION, ZONE, datetime(2026, 1, 1, tzinfo=UTC), kind)

    def create(self, kind: str, **values: Any) -> Values:
        """Create a resource and return it; `kind` is the type without `google_`."""
        kind = f"google_{kind}"
        made: Values = {"project": PROJECT, **values}
        schema = shipped().resource(kind)
        if schema is not None:
            for place, default in (("region", REGION), ("zone", ZONE)):
                if place in schema.block.attributes and schema.block.attributes[place].computed:
                    made.setdefault(place, default)
            places = Places(project=PROJECT, region=REGION, zone=ZONE)
            set_identity(schema, shipped().id_format(kind), made, places, lambda _: self.cloud.new_number())
        asked = names_in(made)
        service_of(kind).create(self.context(kind), made)
        if schema is not None:
            strange = names_in(made) - asked - names_of(schema.block)
            assert not strange, f"{kind} sets what its schema does not have: {sorted(strange)}"
        self.cloud.put(kind, made["id"], made, "create")
        return made

    def update(self, kind: str, prior: Values, **changes: Any) -> Values:
        """Change a resource in place and return it."""
        values = {**prior, **changes}
        service_of(f"google_{kind}").update(self.context(f"google_{kind}"), prior, values)
        self.cloud.put(f"google_{kind}", values["id"], values, "update")
        return values

    def delete(self, kind: str, values: Values) -> None:
        """Delete a resource."""
        service_of(f"google_{kind}").delete(self.context(f"google_{kind}"), values)
        self.cloud.remove(f"google_{kind}", values["id"])

    def refusal(self, kind: str, **values: Any) -> str:
        """Return what is said to a creation that is refused."""
        with pytest.raises(ApiError) as caught:
            self.create(kind, **values)
        return str(caught.value)

    def refused_update(self, kind: str, prior: Values, **changes: Any) -> str:
        """Return what is said to a change that is refused."""
        with pytest.raises(ApiError) as caught:
            self.update(kind, prior, **changes)
        return str(caught.value)

    def refused_delete(self, kind: str, values: Values) -> str:
        """Return what is said to a deletion that is refused."""
        with pytest.raises(ApiError) as caught:
            self.delete(kind, values)
        return str(caught.value)

    def network(self, name: str = "vpc", *, auto: bool = False) -> Values:
        return self.create("compute_network", name=name, auto_create_subnetworks=auto)

    def subnetwork(self, name: str = "sub", cidr: str = "10.0.0.0/24", **more: Any) -> Values:
        return self.create(
            "compute_subnetwork", **{"name": name, "ip_cidr_range": cidr, "network": "vpc", **more}
        )

    def machine(self, name: str = "vm-1", **more: Any) -> Values:
        return self.create("compute_instance", **{**self.machine_values(name), **more})

    @staticmethod
    def machine_values(name: str = "vm-1", image: str = "debian-cloud/debian-12") -> Values:
        return {
            "name": name,
            "machine_type": "e2-medium",
            "boot_disk": [{"initialize_params": [{"image": image}], "auto_delete": True}],
            "network_interface": [{"network": "default", "access_config": [{}]}],
        }

    def template(self, name: str = "web", **more: Any) -> Values:
        disk = {"source_image": "debian-cloud/debian-12", "boot": True}
        values = {
            "name": name,
            "machine_type": "e2-small",
            "disk": [disk],
            "network_interface": [{"network": "default"}],
        }
        return self.create("compute_instance_template", **{**values, **more})

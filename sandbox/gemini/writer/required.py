"""Values for required arguments that a plan leaves open."""

import re
from typing import Any

from sandbox.gemini.writer.hcl import Blocks, Body, Expr
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.shape import Argument
from sandbox.gemini.writer.values import fitted

_PLACES = {"region": "var.region", "zone": "var.zone", "project": "var.project", "location": "var.region"}
_BY_TYPE = {"number": 1, "bool": True}
# arguments whose values have a form of their own
_USUAL = {
    "ip_cidr_range": "10.10.0.0/20",
    "role": "roles/viewer",
    "schedule": "0 3 * * *",
    "domain": "example.com",
    "dns_name": "example.com.",
    "port": 80,
    "timeout": "60s",
    "image": "us-docker.pkg.dev/cloudrun/container/hello",
    "machine_type": "e2-medium",
}


def fill_required(project: Project, planned: Planned, body: Body, root: Argument) -> None:
    """Give every required argument that is still missing a value, in every block that is there."""
    for name, argument in root.children.items():
        if argument.required and name not in body:
            body[name] = Blocks([{}]) if argument.block else sensible(project, planned, argument)
        if argument.block and isinstance(body.get(name), Blocks):
            for one in body[name]:
                fill_required(project, planned, one, argument)


def sensible(project: Project, planned: Planned, argument: Argument) -> Any:
    """Return a value for a required argument, from the plan where something fits its name."""
    if argument.enum:
        return fitted(argument.enum[0], argument)
    if argument.default is not None:
        return argument.default
    linked = linked_by_name(project, planned, argument.name)
    if linked is not None:
        return fitted(linked, argument)
    if argument.type.startswith("map"):
        return {}
    return fitted(_usual(project, planned, argument), argument)


def _usual(project: Project, planned: Planned, argument: Argument) -> Any:
    if argument.name in _PLACES:
        return Expr(_PLACES[argument.name])
    if argument.type in _BY_TYPE and argument.name not in _USUAL:
        return _BY_TYPE[argument.type]
    return _text(project, planned, argument.name)


def _text(project: Project, planned: Planned, name: str) -> Any:
    if name in ("member", "members"):
        account = project.first("google_service_account")
        identity = project.refer(account, "email").text if account else ""
        return (
            Expr(f'"serviceAccount:${{{identity}}}"') if account else Expr('"projectViewer:${var.project}"')
        )
    if name in _USUAL:
        return _USUAL[name]
    underscored = name.endswith("_id") and "account" not in name
    return planned.name if underscored else planned.name.replace("_", "-")


def linked_by_name(project: Project, planned: Planned, name: str) -> Any:
    """Return a reference to what an argument's name speaks of, such as `topic`, `key_ring` or `cluster`."""
    stem = re.sub(r"(_id|_name|_link|_ids)$", "", name)
    family = planned.type.split("_")[1] if "_" in planned.type else ""
    candidates = [
        one
        for one in project.resources
        if one.address != planned.address
        and (one.type.endswith(f"_{stem}") or one.type == f"google_{family}_{stem}")
    ]
    near = [one for one in candidates if one.type.startswith(f"google_{family}_")] or candidates
    return project.refer(near[0], project.attribute(name, near[0].type)) if near else None

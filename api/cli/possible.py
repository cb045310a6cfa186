"""What can be done to a resource by hand: each action with its parameters, and why others cannot."""

from typing import TYPE_CHECKING, Any

from api.cli.output import console, print_json
from api.cli.runtime import run_system

if TYPE_CHECKING:
    from graphs.wiring import System
    from infraai.operations.shapes import Target


def possible(resource: str, *, as_json: bool) -> None:
    """Print what can be done to the resource of this name, now."""

    async def work(system: "System") -> dict[str, Any]:
        from api.cli.naming import resolve

        return await _possible(system, await resolve(system.registry, resource))

    document = run_system(work, as_json=as_json)
    if as_json:
        print_json(document)
        return
    from rich.markup import escape

    from api.cli.leaves import plain

    out, address = console(), document["resource"]
    out.print(f"[bold]{escape(address)}[/]  [bright_black]deployment {document['deployment_id'][:8]}[/]")
    for action, names in document["actions"].items():
        out.print(f"\n[cyan]{action}[/]  [bright_black]{escape(', '.join(names)) or 'no parameters'}[/]")
        for one in (one for one in document["options"] if one["action"] == action):
            given = "".join(f" --set {name}={plain(value)}" for name, value in one["parameters"].items())
            out.print(
                f"  [bright_black]→[/] infraai act {escape(address)} {action}{escape(given)}", soft_wrap=True
            )
            out.print(f"    [bright_black]{escape(one['summary'])}[/]", soft_wrap=True)
    for reason in document["not"]:
        out.print(f"\n[yellow]·[/] {escape(reason)}", soft_wrap=True)


async def _possible(system: "System", target: "Target") -> dict[str, Any]:
    from infraai.operations.edits.kinds import kinds_of
    from infraai.operations.options import options_of, why_not

    registry = system.registry
    deployment = await registry.deployments.get(target.deployment_id)
    configuration = system.ports.hcl.parse(await registry.artifacts.get_bundle(deployment.bundle_sha))
    back = len(await registry.revisions.of(target.deployment_id)) > 1
    actions: dict[str, list[str]] = {}
    for kind in kinds_of(target.resource.type):
        if back or kind.action != "rollback":
            actions.setdefault(kind.action, []).extend(kind.parameters.model_fields)
    options = options_of(target, configuration, deployment.region)
    return {
        "deployment_id": target.deployment_id,
        "resource": target.resource.address,
        "actions": {action: list(dict.fromkeys(names)) for action, names in actions.items()},
        "options": [one.model_dump(mode="json") for one in options if one.action in actions],
        "not": list(why_not(target, configuration, deployment.region)),
    }

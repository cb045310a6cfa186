"""The resources of a plan or of a bundle, and what refers to what: the drawn architecture."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from infraai.configuration import Block, Configuration
from infraai.guard.known import called_module
from infraai.models import GraphEdge, GraphNode, InfraPlan, PlannedResource, ResourceGraph

_NETWORKS = ("google_compute_network", "google_compute_subnetwork")
_PLACES = ("zone", "region", "location")
_REFERENCE = re.compile(r"\b([a-z]\w*_\w+)\.([a-z_][\w-]*)")


def graph_of_plan(plan: InfraPlan) -> ResourceGraph:
    """Return the graph of planned resources: one refers to another where a setting names it."""
    known = {f"{one.type}.{one.name}": one for one in plan.resources}
    edges = {edge for one in plan.resources for edge in _planned_edges(one, known)}
    nodes = [
        GraphNode(id=f"{one.type}.{one.name}", type=one.type, name=one.name, group=_planned_place(one, plan))
        for one in plan.resources
    ]
    return _drawn(nodes, edges)


def graph_of_configuration(configuration: Configuration) -> ResourceGraph:
    """Return the graph of the declared resources: one refers to another by a reference, through locals too.

    A resource of a local module is named as in Terraform, `module.web.google_compute_instance.vm`.
    """
    nodes: list[GraphNode] = []
    edges: set[tuple[str, str]] = set()
    for path, prefix in _modules(configuration):
        blocks = [block for block in configuration.blocks if block.module_path == path]
        resources = [block for block in blocks if block.type == "resource" and len(block.labels) == 2]  # noqa: PLR2004
        addresses = {block.address for block in resources}
        through = _through_locals(blocks)
        for block in resources:
            kind, name = block.labels
            nodes.append(GraphNode(id=prefix + block.address, type=kind, name=name, group=_place(block)))
            for target in _targets(block, addresses, through):
                edges.add((prefix + block.address, prefix + target))
    return _drawn(nodes, edges)


def _drawn(nodes: Iterable[GraphNode], edges: Iterable[tuple[str, str]]) -> ResourceGraph:
    """Return the graph with groups filled in: by network first, else by the place given."""
    nodes, pairs = list(nodes), sorted(edges)
    outgoing: dict[str, list[str]] = defaultdict(list)
    for source, target in pairs:
        outgoing[source].append(target)
    types = {node.id: node.type for node in nodes}
    grouped = [
        node.model_copy(update={"group": _network_of(node.id, outgoing, types) or node.group})
        for node in {node.id: node for node in nodes}.values()
    ]
    return ResourceGraph(
        nodes=tuple(grouped), edges=tuple(GraphEdge(source=source, target=target) for source, target in pairs)
    )


def _network_of(start: str, outgoing: dict[str, list[str]], types: dict[str, str]) -> str:
    """Return the network a resource is in: itself, or the nearest one it refers to."""
    seen, front = {start}, [start]
    while front:
        for node in front:
            if types.get(node) == "google_compute_network":
                return node
        follow = {after for node in front for after in outgoing.get(node, ()) if after not in seen}
        if not any(types.get(node, "").startswith("google_compute_") for node in front):
            return ""
        seen |= follow
        front = sorted(follow)
    return ""


def _planned_place(resource: PlannedResource, plan: InfraPlan) -> str:
    found = next((resource.settings[key] for key in _PLACES if resource.settings.get(key)), plan.region)
    return str(found)


def _planned_edges(resource: PlannedResource, known: dict[str, PlannedResource]) -> Iterator[tuple[str, str]]:
    source = f"{resource.type}.{resource.name}"
    words = {word for value in resource.settings.values() for word in _words(value)}
    for word in words:
        for kind, name in _REFERENCE.findall(word):
            if f"{kind}.{name}" in known and f"{kind}.{name}" != source:
                yield source, f"{kind}.{name}"
    for key, value in resource.settings.items():
        named = set(_words(value))
        for target, other in known.items():
            if target != source and other.name in named and _meant(key, other.type):
                yield source, target


def _words(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _words(one)
    elif isinstance(value, str):
        yield value
        yield value.rsplit("/", 1)[-1]


def _meant(key: str, kind: str) -> bool:
    """Return whether an argument such as `network` or `instance` names a resource of this type."""
    stem = kind.removeprefix("google_")
    return any(
        part and part in stem
        for part in (key, key.removesuffix("s"), key.removesuffix("_name"), key.removesuffix("_id"))
    )


def _modules(configuration: Configuration) -> list[tuple[str, str]]:
    """Return (directory, address prefix) of the root module and of every local module call below it."""
    found, front = [("", "")], [("", "", 0)]
    while front:
        path, prefix, depth = front.pop()
        for call in configuration.of("module"):
            directory = called_module(call)
            if call.module_path == path and directory is not None and call.labels and depth < 8:  # noqa: PLR2004
                inner = f"{prefix}module.{call.labels[0]}."
                found.append((directory, inner))
                front.append((directory, inner, depth + 1))
    return found


def _through_locals(blocks: list[Block]) -> dict[str, set[str]]:
    """Return what each local and data block refers to, so that a reference through it is seen."""
    found: dict[str, set[str]] = {}
    for block in blocks:
        if block.type == "locals":
            for attribute in block.attributes:
                found.setdefault(f"local.{attribute.name}", set()).update(attribute.expression.references)
        if block.type == "data":
            found[block.address] = {name for one in block.expressions() for name in one.references}
    return found


def _targets(block: Block, addresses: set[str], through: dict[str, set[str]]) -> set[str]:
    waiting = [name for expression in block.expressions() for name in expression.references]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        parts = name.split(".")
        if name in seen:
            continue
        seen.add(name)
        address = ".".join(parts[:2])
        if address in addresses and address != block.address:
            found.add(address)
        indirect = ".".join(parts[:3]) if parts[0] == "data" else address
        waiting.extend(through.get(indirect, ()))
    return found


def _place(block: Block) -> str:
    found = (block.literal(key) for key in _PLACES)
    return next((one for one in found if isinstance(one, str)), "")


def outline(graph: ResourceGraph) -> str:
    """Return the graph as indented text: groups, what is in them, and what each refers to."""
    targets: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        targets[edge.source].append(edge.target)
    groups: dict[str, list[GraphNode]] = defaultdict(list)
    for node in graph.nodes:
        groups[node.group].append(node)
    lines: list[str] = []
    for group in sorted(groups, key=lambda name: (not name, name)):
        lines.append(group or "(anywhere)")
        members = groups[group]
        for at, node in enumerate(members):
            last = at == len(members) - 1
            arrow = f" → {', '.join(targets[node.id])}" if targets[node.id] else ""
            lines.append(f"{'└' if last else '├'}─ {node.id}{arrow}")
    return "\n".join(lines)

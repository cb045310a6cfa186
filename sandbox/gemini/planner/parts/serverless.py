"""Cloud Run services."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.exposure import is_public
from sandbox.gemini.planner.parts.stacks import STACK_TITLES, stack_of
from sandbox.gemini.planner.sizing import load_users

RUN = "google_cloud_run_v2_service"
HELLO_IMAGE = "us-docker.pkg.dev/cloudrun/container/hello"
USERS_PER_CONTAINER = 2_000
IN_NETWORK = (
    "google_sql_database_instance",
    "google_redis_instance",
    "google_memcache_instance",
    "google_alloydb_cluster",
)


def plan_run(blueprint: Blueprint) -> list[str]:
    """Plan the goal's Cloud Run services and who may call them; return their references."""
    return [_service(blueprint, name) for name in blueprint.named("run", "container", default=blueprint.role)]


def _service(blueprint: Blueprint, called: str) -> str:
    reading = blueprint.reading
    amounts = reading.amounts
    low = (
        amounts.low
        if amounts.low is not None
        else amounts.replicas
        if amounts.replicas is not None
        else int(reading.wants("ha", "production") and not reading.says("zero"))
    )
    high = amounts.high or max(3, min(100, (load_users(blueprint) or 0) // USERS_PER_CONTAINER))
    stack = stack_of(reading)
    public = is_public(blueprint)
    memory = amounts.memory_gb
    label = called.replace("-", "_")
    settings: dict[str, Setting] = {
        "name": blueprint.app
        if called == blueprint.role
        else f"{blueprint.app}-{called}"
        if blueprint.app != "app"
        else called,
        "location": blueprint.region,
        "ingress": "INGRESS_TRAFFIC_ALL" if public else "INGRESS_TRAFFIC_INTERNAL_ONLY",
        "image": HELLO_IMAGE,
        "container_port": amounts.ports[0] if amounts.ports else 8080,
        "cpu": str(amounts.cpus or 1),
        "memory": f"{max(128, round(memory * 1024))}Mi" if memory else "512Mi",
        "min_instance_count": low,
        "max_instance_count": max(high, low, 1),
        "deletion_protection": False,
        "labels": {**blueprint.labels, **({"stack": stack} if stack else {})},
    }
    if blueprint.refs(*IN_NETWORK):
        network, subnetwork = blueprint.network()
        settings |= {"vpc_access.egress": "PRIVATE_RANGES_ONLY"}
        settings |= {"network_interfaces.network": network, "network_interfaces.subnetwork": subnetwork}
    title = STACK_TITLES.get(stack, "")
    service = blueprint.plan(RUN, label, f"serves the {called}" + (f" ({title})" if title else ""), settings)
    blueprint.note("The service starts with Google's sample container image; deploy your own image over it.")
    if public:
        blueprint.add(
            "google_cloud_run_v2_service_iam_member",
            f"{label}_public",
            "lets everybody call the service",
            name=service,
            location=blueprint.region,
            role="roles/run.invoker",
            member="allUsers",
        )
        blueprint.note("Everybody may call the service; say private to have callers sign in.")
    return service

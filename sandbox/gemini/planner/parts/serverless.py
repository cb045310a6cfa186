"""Cloud Run services."""

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.stacks import stack_of
from sandbox.gemini.planner.sizing import load_users

RUN = "google_cloud_run_v2_service"
HELLO_IMAGE = "us-docker.pkg.dev/cloudrun/container/hello"


def plan_run(blueprint: Blueprint) -> str:
    """Plan a Cloud Run service and who may call it; return its reference."""
    reading = blueprint.reading
    amounts = reading.amounts
    users = load_users(blueprint) or 0
    low = amounts.low if amounts.low is not None else (1 if reading.wants("ha", "production") else 0)
    high = amounts.high or max(3, min(100, users // 2000))
    stack = stack_of(reading)
    memory = amounts.memory_gb
    service = blueprint.add(
        RUN,
        blueprint.role.replace("-", "_"),
        f"serves the {blueprint.role}" + (f" ({stack})" if stack else ""),
        name=blueprint.app,
        location=blueprint.region,
        ingress="INGRESS_TRAFFIC_INTERNAL_ONLY" if reading.wants("private") else "INGRESS_TRAFFIC_ALL",
        image=HELLO_IMAGE,
        container_port=amounts.ports[0] if amounts.ports else 8080,
        cpu=str(amounts.cpus or 1),
        memory=f"{max(128, round(memory * 1024))}Mi" if memory else "512Mi",
        min_instance_count=low,
        max_instance_count=max(high, low),
        deletion_protection=False,
        labels={**blueprint.labels, **({"stack": stack} if stack else {})},
    )
    blueprint.note("The service starts with Google's sample container image; deploy your own image over it.")
    if not reading.wants("private"):
        blueprint.add(
            "google_cloud_run_v2_service_iam_member", "public", "lets everybody call the service",
            name=service, location=blueprint.region, role="roles/run.invoker", member="allUsers",
        )  # fmt: skip
        blueprint.note("Everybody may call the service; say private to have callers sign in.")
    return service

"""Which resources fulfil which wishes, and how they hang together."""

from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.databases import engines_wanted, plan_databases
from sandbox.gemini.planner.parts.machines import plan_machines
from sandbox.gemini.planner.parts.serverless import plan_run
from sandbox.gemini.planner.parts.storage import plan_site


def draw(blueprint: Blueprint) -> str:
    """Plan everything the goal asks for; return the stack type."""
    reading = blueprint.reading
    sql_usd = 0.0
    if engines_wanted(blueprint):
        sql_usd = plan_databases(blueprint, shared_budget=True, private=not reading.wants("public"))
    if reading.wants("run"):
        plan_run(blueprint)
        return "serverless"
    if reading.wants("static"):
        plan_site(blueprint)
        return "static_site"
    plan_machines(blueprint, sql_usd)
    return "web_app" if reading.wants("web") else "backend_api"

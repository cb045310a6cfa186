"""Write: from a plan to the Terraform that builds it."""

from sandbox.gemini.wire import Json
from sandbox.gemini.writer.generic import apply_settings
from sandbox.gemini.writer.hcl import Body, Expr, resource
from sandbox.gemini.writer.kinds import KINDS
from sandbox.gemini.writer.project import Planned, Project
from sandbox.gemini.writer.required import fill_required


def write(block: Json) -> Json:
    """Return a TerraformDraft: every resource of the plan as HCL."""
    project = Project(block["plan"], block.get("schemas") or {})
    parts = [_written(project, one) for one in project.resources]
    if any("data.google_project.this" in part for part in parts):
        parts.insert(0, 'data "google_project" "this" {}')
    return {"main_tf": "\n\n".join(parts) + "\n"}


def _written(project: Project, planned: Planned) -> str:
    body: Body = {}
    if planned.counted:
        body["count"] = planned.settings["count"]
    kind = KINDS.get(planned.type)
    consumed = kind(project, planned, body) if kind else set[str]()
    apply_settings(project, planned, body, consumed)
    fill_required(project, planned, body, project.shape(planned.type))
    if planned.counted and isinstance(body.get("name"), str):
        body["name"] = Expr(f'"{body["name"]}-${{count.index + 1}}"')
    return resource(planned.type, planned.name, body)

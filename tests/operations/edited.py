"""A resource of a configuration, what can be done to it, and its files after something was."""

from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

from infraai.configuration import Configuration
from infraai.models import Bundle, RecordedResource
from infraai.operations.actions import checked
from infraai.operations.edits import Edited, edit
from infraai.operations.options import options_of
from infraai.operations.shapes import ActionRequest, ActionType, Option, Target
from tools.hcl import HclTreeSitter

REGION = "us-central1"


@dataclass(frozen=True)
class Files:
    """Files, and one resource they declare."""

    files: dict[str, str]
    address: str
    name: str = "web"
    member: str = ""
    metadata: dict[str, Any] = field(default_factory=lambda: {"zone": "us-central1-a"})

    @property
    def bundle(self) -> Bundle:
        return Bundle(files=self.files)

    @property
    def configuration(self) -> Configuration:
        return HclTreeSitter().parse(self.bundle)

    @property
    def target(self) -> Target:
        kind = self.address.partition("[")[0].split(".")[-2]
        resource = RecordedResource(
            type=kind, name=self.name, id=f"x/{self.name}", address=self.address, metadata=self.metadata
        )
        return Target(deployment_id="dep-1", resource=resource, matched_by="name", member=self.member)

    def options(self) -> tuple[Option, ...]:
        return options_of(self.target, self.configuration, REGION)

    def parameters(self, action: ActionType) -> list[dict[str, Any]]:
        return [one.parameters for one in self.options() if one.action == action]

    def checked(self, action: ActionType, **parameters: Any) -> ActionRequest:
        raw = ActionRequest(
            action_type=action, resource_id=self.address, run_id="run-1", parameters=parameters
        )
        return checked(raw, self.configuration, self.target)

    def edited(self, action: ActionType, **parameters: Any) -> Edited:
        return edit(self.bundle, self.configuration, self.checked(action, **parameters), self.target)

    def changes(self, action: ActionType, **parameters: Any) -> list[str]:
        """Return the lines that an action takes out and puts in, stripped, in the files' order."""
        after, found = self.edited(action, **parameters).bundle.files, list[str]()
        assert sorted(after) == sorted(self.files)
        for name, text in self.files.items():
            lines = unified_diff(text.splitlines(), after[name].splitlines(), lineterm="", n=0)
            kept = [one for one in lines if one[:3] not in {"---", "+++"} and one[0] in "+-"]
            found += [f"{one[0]} {' '.join(one[1:].split())}" for one in kept]
        return found


def main(text: str, address: str, **more: Any) -> Files:
    """Return a root module of one file."""
    return Files({"main.tf": text}, address, **more)


VM = """\
resource "google_compute_instance" "web" {
  name                      = "web"   # the front
  machine_type              = "e2-small"
  zone                      = "us-central1-a"
  allow_stopping_for_update = true
  tags                      = ["web"]

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
      size  = 20
    }
  }

  network_interface {
    network = google_compute_network.main.id
  }
}
"""
WEB = "google_compute_instance.web"


def vm(more: str = "", **replaced: str) -> Files:
    """Return a machine; each argument replaces the first `key = …` line of its name by the text given."""
    text = VM
    for name, line in replaced.items():
        old = next(one for one in text.splitlines() if one.split("=")[0].strip() == name)
        text = text.replace(old, line)
    return main(text + more, WEB)

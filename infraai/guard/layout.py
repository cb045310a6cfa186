"""The bundle's file names: nothing outside its directory, nothing that is Terraform's own."""

import posixpath
import re
from collections.abc import Iterator
from typing import Literal

from infraai.guard.material import Material
from infraai.guard.names import folders_loaded
from infraai.models import Finding

_OWN = frozenset({".terraform", ".infraai", ".git", ".terraform.d"})
_STATE = re.compile(r".*\.tfstate(\..*)?|\.terraform\.tfstate\.lock\.info")
# Read by `terraform query` and by Terraform Stacks, which this product does not run.
_OTHER = re.compile(r".*\.(tfquery|tfstack|tfcomponent|tfdeploy)\.(hcl|json)")
# Terraform merges these into the blocks they name, so that no block can be judged where it stands:
# https://developer.hashicorp.com/terraform/language/files/override
_OVERRIDE = re.compile(r"(.*_)?override\.(tf|tofu)(\.json)?")
_READ = re.compile(r".*(\.tf|\.tofu|\.tfvars|\.tftest|\.tofutest|\.tfmock|\.tfquery)(\.json|\.hcl)?")


def layout(material: Material) -> Iterator[Finding]:
    """Yield the files that may not be part of a bundle."""
    bundle = material.bundle
    folders = folders_loaded(material.configuration)
    for name in (*bundle.files, *bundle.assets):
        parts = name.split("/")
        if (
            posixpath.normpath(name) != name
            or name.startswith(("/", "..", "~"))
            or "\\" in name
            or not name.isprintable()
        ):
            yield _refused("path_escapes", name, "is not a plain path inside the bundle. Rename it")
        elif _OWN & set(parts):
            yield _refused(
                "reserved_file",
                name,
                "lies in a directory that Terraform, or this program, keeps. Leave it out",
            )
        elif _STATE.fullmatch(parts[-1]):
            yield _refused(
                "state_file", name, "is state, which is kept elsewhere and may hold secrets. Leave it out"
            )
        elif _OTHER.fullmatch(parts[-1]):
            yield _refused("query_file", name, "is for commands that are not run here. Leave it out")
        elif _OVERRIDE.fullmatch(parts[-1]) and "/".join(parts[:-1]) in folders:
            reason = (
                "is merged into other files by Terraform. Write what it changes into the blocks themselves"
            )
            yield _refused("override_file", name, reason)
        elif name in bundle.assets and (_READ.fullmatch(parts[-1]) or name in bundle.files):
            yield _refused("hidden_text", name, "is Terraform that is not text. Give it as UTF-8 text")


def _refused(rule: str, name: str, reason: str) -> Finding:
    verdict: Literal["refuse"] = "refuse"
    return Finding(rule=rule, file=name, line=0, verdict=verdict, message=f"The file {name!r} {reason}.")

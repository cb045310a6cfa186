"""What only a person can put right, and how."""

import re
from collections.abc import Iterator

from infraai.configuration import Configuration
from infraai.mending.secrets import Held, held_secrets, is_secret_name
from infraai.mending.unparsed import conflict_line
from infraai.models import Bundle, Diagnostic, Report
from infraai.ports import Schemas

_NO_VALUE = re.compile(
    r'input variable "([\w-]+)" is not set, and has no default value|No value for (?:required )?variable "?([\w-]+)'
)
_GRANT = re.compile(r"\bmembers?\b")


def personal(
    report: Report, bundle: Bundle, configuration: Configuration, schemas: Schemas
) -> dict[Diagnostic, str]:
    """Return the errors that neither code nor a model may mend, each with what a person does about it."""
    return {
        one: told
        for one in report.errors
        if (told := next(_told(one, bundle, configuration, schemas), None)) is not None
    }


def _told(error: Diagnostic, bundle: Bundle, configuration: Configuration, schemas: Schemas) -> Iterator[str]:
    unread = {one.file for one in configuration.faults}
    if error.file in unread and (line := conflict_line(bundle.files.get(error.file, ""))):
        yield f"Merge conflict at line {line} of {error.file}: choose one side and delete the markers."
    found = _NO_VALUE.search(f"{error.summary}\n{error.detail}")
    if found:
        name = found[1] or found[2]
        if is_secret_name(name) or Held("", "var", name) in held_secrets(configuration, schemas):
            yield (
                f"The variable {name} holds a secret and has no value; INFRAai makes none up. Give it by"
                f" --var {name}=VALUE, by the environment variable TF_VAR_{name}, or in terraform.tfvars in the"
                " directory."
            )


def hint(error: Diagnostic, configuration: Configuration) -> str:
    """Return what to know about an error that was not mended, "" where Terraform's words are enough."""
    for block in configuration.resources:
        kind = block.labels[0] if block.labels else ""
        here = block.file == error.file and block.span.line <= error.line <= block.span.end_line
        if here and re.search(r"_iam_(?:binding|member)$", kind) and _GRANT.search(error.detail):
            return (
                "An _iam_binding owns all members of a role (members = [...]) and takes it from everybody else;"
                ' an _iam_member adds one (member = "...").'
            )
        if here and error.summary.startswith("Duplicate"):
            return "Give one of the two another name, and each reference the one it means."
    return ""

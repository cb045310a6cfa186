"""The guard: what a bundle would do that nobody asked for, seen before Terraform ever sees it. Pure."""

from infraai.configuration import Configuration
from infraai.guard.execution import execution
from infraai.guard.exposure import exposure
from infraai.guard.files import files
from infraai.guard.iam import iam
from infraai.guard.layout import layout
from infraai.guard.material import Material
from infraai.guard.modules import modules
from infraai.guard.providers import providers
from infraai.guard.reach import reach
from infraai.guard.scripts import scripts
from infraai.guard.secrets import secrets
from infraai.models import Bundle, Finding

RULES = (layout, execution, modules, providers, reach, files, iam, exposure, scripts, secrets)
_ORDER = {"refuse": 0, "unparsed": 1, "flag": 2}


def inspect(configuration: Configuration, bundle: Bundle) -> list[Finding]:
    """Return what was found, refusals first; [] where there is nothing to say."""
    found = [
        Finding(
            rule="syntax",
            file=fault.file,
            line=fault.line,
            verdict="unparsed",
            message=f"This cannot be read: {fault.message}. Correct it; what cannot be read is never run.",
        )
        for fault in configuration.faults
    ]
    material = Material(configuration, bundle)
    for rule in RULES:
        found.extend(rule(material))
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda one: (_ORDER[one.verdict], one.file, one.line, one.rule))

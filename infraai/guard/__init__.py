"""The guard: what a bundle would do that nobody asked for, seen before Terraform ever sees it. Pure."""

from dataclasses import replace

from infraai.configuration import Configuration
from infraai.guard.execution import execution
from infraai.guard.exposure import exposure
from infraai.guard.files import files
from infraai.guard.iam import iam
from infraai.guard.layout import layout
from infraai.guard.material import Material
from infraai.guard.modules import modules
from infraai.guard.names import folders_loaded
from infraai.guard.providers import providers
from infraai.guard.reach import reach
from infraai.guard.scripts import scripts
from infraai.guard.secrets import secrets
from infraai.guard.tokens import tokens
from infraai.models import Bundle, Finding

RULES = (layout, execution, modules, providers, reach, files, iam, tokens, exposure, scripts, secrets)
_ORDER = {"refuse": 0, "unparsed": 1, "flag": 2}


def inspect(configuration: Configuration, bundle: Bundle) -> list[Finding]:
    """Return what was found, refusals first; [] where there is nothing to say."""
    configuration = _loaded(configuration)
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


def _loaded(configuration: Configuration) -> Configuration:
    """Return what Terraform would load: no folder that no module's source names, such as examples."""
    folders = folders_loaded(configuration)
    unread = {name for name in configuration.files if name.rpartition("/")[0] not in folders}
    return replace(
        configuration,
        blocks=tuple(block for block in configuration.blocks if block.file not in unread),
        faults=tuple(fault for fault in configuration.faults if fault.file not in unread),
    )

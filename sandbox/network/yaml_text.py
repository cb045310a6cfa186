"""YAML that somebody else wrote, read safely."""

from typing import Any


def load_yaml(text: str) -> Any:
    """Return the document, or None where it is not YAML."""
    import yaml  # type: ignore[import-untyped]

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None

"""People: whose names are their own, and which the system writes for itself."""

import unicodedata

POLICY = "policy"  # the name, and the channel, of what the policy allows by itself
NOBODY = frozenset({"", POLICY, "alert", "graph"})


def is_person(name: str) -> bool:
    """Return whether a name can be a person's: none that the system writes for itself."""
    return unicodedata.normalize("NFKC", name).strip().casefold() not in NOBODY

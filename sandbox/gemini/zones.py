"""Where things stand when nothing more is said (https://cloud.google.com/compute/docs/regions-zones)."""

_WITHOUT_ZONE_A = ("europe-west1", "us-east1")


def first_zone(region: str) -> str:
    """Return the first zone of a region."""
    return f"{region}-{'b' if region in _WITHOUT_ZONE_A else 'a'}"

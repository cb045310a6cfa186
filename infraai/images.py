"""How large a disk of a public image is where no size is given.

Source: https://cloud.google.com/compute/docs/images/os-details.
"""

_LARGE = (
    ("windows", 50),
    ("deeplearning-platform", 50),
    ("ml-images", 50),
    ("rhel", 20),
    ("centos", 20),
    ("rocky", 20),
    ("alma", 20),
    ("oracle-linux", 20),
    ("hpc-", 20),
    ("freebsd", 20),
)
_SMALL = ("debian", "ubuntu", "cos-", "sles", "suse", "fedora", "coreos")
_SMALL_GB = 10


def image_gb(image: str) -> int | None:
    """Return the size of a public image in GB, by its family, name or link; None for one that is not known."""
    name = image.lower()
    for word, gigabytes in (*_LARGE, *((one, _SMALL_GB) for one in _SMALL)):
        if word in name:
            return gigabytes
    return None

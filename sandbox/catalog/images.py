"""Google's public images, by project: families and single images, both by pattern."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("images.json")
_SINGLE = re.compile(r"-v?\d{8}.*$")
# The projects that the provider looks in for a bare family name (its `imageMap`).
_BARE = {
    "centos": "centos-cloud",
    "cos": "cos-cloud",
    "coreos": "coreos-cloud",
    "debian": "debian-cloud",
    "opensuse": "opensuse-cloud",
    "rhel": "rhel-cloud",
    "rocky": "rocky-linux-cloud",
    "sles": "suse-cloud",
    "ubuntu": "ubuntu-os-cloud",
    "windows": "windows-cloud",
}


@dataclass(frozen=True, slots=True)
class PublicImage:
    """A public image or family."""

    project: str
    name: str
    size_gb: int

    @property
    def family(self) -> bool:
        """True for a family, False for one image of it."""
        return not _SINGLE.search(self.name)


@cache
def _projects() -> dict[str, tuple[int, re.Pattern[str]]]:
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: (row["size"], re.compile("|".join(row["images"]))) for name, row in raw.items()}


def is_image_project(project: str) -> bool:
    """Return whether the project is one of those whose images are known here."""
    return project in _projects()


def public_image(project: str, name: str) -> PublicImage | None:
    """Return an image or family of a public project; None where it has none of that name."""
    if project not in _projects():
        return None
    size, pattern = _projects()[project]
    if not pattern.fullmatch(_SINGLE.sub("", name)):
        return None
    return PublicImage(project, name, size)


def bare_image(name: str) -> PublicImage | None:
    """Return the public image or family that a name without a project means to the provider."""
    project = _BARE.get(name.partition("-")[0], "")
    return public_image(project, name)

"""What a file declares even where it cannot be parsed: the headers of its blocks, line by line."""

import re
from collections import Counter

from infraai.configuration import Configuration
from infraai.models import Bundle

_HEADER = re.compile(
    r"^[ \t]*(resource|data)[ \t]+[\"“”']?([\w-]+)[\"“”']?[ \t]+[\"“”']?([\w-]+)[\"“”']?[ \t]*\{?",
    re.MULTILINE,
)


def dropped(before: Bundle, after: Configuration) -> list[str]:
    """Return the addresses of resources and data that were written before and are not there after.

    A type or a name that was put right counts as kept while as many blocks are there; only used beside
    `faithful.objection`, for the files that could not be parsed.
    """
    written = Counter[tuple[str, str, str]]()
    for name, text in before.files.items():
        if name.endswith(".tf"):
            written.update((one[1], one[2], one[3]) for one in _HEADER.finditer(_without_comments(text)))
    kept = Counter((one.type, *one.labels) for one in after.blocks if len(one.labels) == 2)  # noqa: PLR2004
    gone = [one for one in written if not kept[one]]
    spare = sum(kept.values()) - sum(kept[one] for one in written)
    named = {one[2] for one in kept} | {one[1] for one in kept}
    lost = (
        [one for one in gone if one[2] not in named and one[1] not in named] if spare >= len(gone) else gone
    )
    return [f"{kind}.{name}" for _, kind, name in lost]


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", re.sub(r"(?m)^[ \t]*(?:#|//).*$", "", text), flags=re.DOTALL)

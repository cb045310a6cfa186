"""Which types a configuration and its state name, found cheaply, so that only these are served."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

_NAME = re.compile(r"\b(?:google|random|null|time)_[a-z0-9_]+\b")
_LOCAL_SOURCE = re.compile(r"source\"?\s*[=:]\s*\"(\.\.?/[^\"]*)\"")
_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfstate", ".tftest.hcl")
_NEAR = 3  # Terraform suggests names at a smaller edit distance than this


def named_in(folder: Path) -> set[str]:
    """Return every word in a folder's configuration, local modules and state that may be a type's name."""
    found: set[str] = set()
    for file in _files(folder.resolve(), set()):
        found.update(_NAME.findall(file.read_text(encoding="utf-8", errors="replace")))
    return found


def to_serve(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Return the known types among `names`, and for each unknown name those that are spelt nearly so."""
    every = frozenset(known)
    wanted: set[str] = set()
    for name in names:
        if name in every:
            wanted.add(name)
        else:
            wanted.update(
                one for one in known if Levenshtein.distance(name, one, score_cutoff=_NEAR - 1) < _NEAR
            )
    return sorted(wanted)


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    if folder in seen or not folder.is_dir():
        return
    seen.add(folder)
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.endswith(_SUFFIXES):
            yield file
            for source in _LOCAL_SOURCE.findall(file.read_text(encoding="utf-8", errors="replace")):
                yield from _files((folder / source).resolve(), seen)
    modules = folder / ".terraform" / "modules"
    for module in sorted(modules.iterdir()) if modules.is_dir() else ():
        yield from _files(module, seen)

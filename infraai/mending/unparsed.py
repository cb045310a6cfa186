"""A file that does not parse: its text is repaired as a whole."""

import re

from infraai.mending.fault import Edit, Fault, Mend
from infraai.mending.syntax.repair import repair
from infraai.models import Bundle

_DECLARED = re.compile(r'^\s*variable\s+"?([\w-]+)|^\s*([\w-]+)\s*=', re.MULTILINE)
_SUMMARIES = (
    "Invalid character",
    "Invalid expression",
    "Invalid block definition",
    "Invalid multi-line string",
    "Invalid escape sequence",
    "Invalid argument name",
    "Invalid template",
    "Argument or block definition required",
    "Missing newline after",
    "Missing item separator",
    "Missing argument separator",
    "Missing key/value separator",
    "Missing attribute",
    "Missing close",
    "Extra characters after",
    "Unclosed",
    "Unterminated",
    "Unexpected comma",
    "Unbalanced",
    "Trailing comma",
    "Invalid single-argument block definition",
    "Invalid JSON",
    "Incorrect JSON",
    "JSON",
    "Missing property",
    "Missing comma",
    "Attribute name required",
)


def mend_unparsed(fault: Fault) -> Mend | None:
    """Repair the file a fault stands in, where it does not parse or Terraform says that it does not."""
    file = fault.file or next((one.file for one in fault.configuration.faults), "")
    text = fault.bundle.files.get(file)
    faulty = any(one.file == file for one in fault.configuration.faults)
    if text is None or not (faulty or fault.diagnostic.summary.startswith(_SUMMARIES)):
        return None

    if conflict_line(text):
        return None

    def parses(new: str) -> bool:
        return not fault.hcl.parse(Bundle(files={file: new})).faults

    done = repair(file, text, parses, _declared(fault.bundle))
    if done is None or done.text == text:
        return None
    whole = Edit(file, 0, len(text.encode()), done.text)
    return Mend((whole,), f"{file}: {', '.join(done.what)}")


def _declared(bundle: Bundle) -> set[str]:
    """Return the names that look declared: a broken file cannot be asked."""
    texts = "\n".join(text for name, text in bundle.files.items() if name.endswith(".tf"))
    return {one[1] or one[2] for one in _DECLARED.finditer(texts)}


def conflict_line(text: str) -> int:
    """Return the 1-based line where a version control's unresolved merge begins, 0 where there is none."""
    if not all(re.search(rf"(?m)^{mark}(?:\s|$)", text) for mark in ("={7}", ">{7}")):
        return 0
    found = re.search(r"(?m)^<{7}(?:\s|$)", text)
    return text.count("\n", 0, found.start()) + 1 if found else 0

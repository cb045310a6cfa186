"""Label values by which an alert finds its deployment and its resource again.

Values may hold lower case letters, digits, `-` and `_`, at most 63:
https://cloud.google.com/compute/docs/labeling-resources#requirements.
"""

import hashlib
import re

DEPLOYMENT_LABEL = "infraai_deployment"
RESOURCE_LABEL = "infraai_resource"
_LONGEST = 63
_DIGEST = 8


def label_value(text: str) -> str:
    """Return the text as a label value; what is too long ends in a digest, so that two never become one."""
    plain = re.sub(r"[^a-z0-9_-]", "-", text.lower())
    if len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{plain[: _LONGEST - _DIGEST - 1]}-{digest}"


def resource_label(address: str) -> str:
    """Return the label value of a Terraform address, without any index: `google_compute_instance-web`."""
    return label_value(re.sub(r"\[[^\]]*\]", "", address).replace(".", "-"))

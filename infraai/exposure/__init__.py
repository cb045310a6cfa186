"""What a change opens to strangers, whom it lets in, and what it would lose: by the values of the plan.

The values are those of `resource_changes` in `terraform show -json`, nested blocks as lists of objects:
https://developer.hashicorp.com/terraform/internals/json-format#change-representation. Pure.
"""

from infraai.exposure.doors import opened_ports
from infraai.exposure.kinds import is_stateful
from infraai.exposure.rules import value_rules

__all__ = ["is_stateful", "opened_ports", "value_rules"]

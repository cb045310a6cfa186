"""A webhook's body as alerts: `parse_body`. Pure: no network, no clock, no registry."""

from infraai.operations.intake.bodies import MAX_ALERTS, MAX_BODIES, parse_body
from infraai.operations.intake.loading import MAX_BODY_BYTES

__all__ = ["MAX_ALERTS", "MAX_BODIES", "MAX_BODY_BYTES", "parse_body"]

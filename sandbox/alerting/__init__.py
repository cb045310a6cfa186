"""Cloud Monitoring's alerting: the policies that Terraform made, evaluated, and their notifications posted."""

from sandbox.alerting.alerting import Alerting
from sandbox.alerting.posting import Posted

__all__ = ["Alerting", "Posted"]

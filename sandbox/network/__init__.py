"""The internet as seen from outside the simulated cloud: what answers, where, and with which status."""

"""The Compute Engine REST API (v1) over the simulated cloud, for Google's own clients."""

"""The Cloud Monitoring gRPC API (v3) over the simulated cloud, for Google's own clients."""

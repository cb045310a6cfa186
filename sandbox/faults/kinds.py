"""The table of all kinds of faults."""

from sandbox.faults import blips, crashes, demand, outside, serving
from sandbox.faults.kind import Kind

_ALL: tuple[Kind, ...] = (
    demand.CpuSpike(),
    demand.MemoryLeak(),
    demand.DiskFill(),
    demand.DiskRead(),
    demand.SqlCpu(),
    demand.SqlConnections(),
    demand.NodePressure(),
    demand.TrafficDrop(),
    crashes.ServiceCrash(),
    crashes.CrashLoop(),
    crashes.PodCrashLoop(),
    serving.Latency(),
    serving.Errors5xx(),
    serving.BadDeploy(),
    outside.FirewallBlock(),
    outside.MachineStopped(),
    outside.ZoneOutage(),
    blips.FalseAlarm(),
    blips.Flapping(),
)
KINDS: dict[str, Kind] = {one.name: one for one in _ALL}

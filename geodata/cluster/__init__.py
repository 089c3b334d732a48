"""The project's private PostGIS server: one directory, one unix socket, nobody else's cluster touched."""

from geodata.cluster.layout import Layout, default_state_dir
from geodata.cluster.server import Cluster, ClusterStatus
from geodata.cluster.standby import make_standby

__all__ = ["Cluster", "ClusterStatus", "Layout", "default_state_dir", "make_standby"]

"""The project's private PostGIS server: one directory, one unix socket, nobody else's cluster touched."""

from geodata.cluster.backward import base_backup, recover
from geodata.cluster.layout import Layout, default_state_dir
from geodata.cluster.server import Cluster, ClusterStatus
from geodata.cluster.standby import make_standby, promote

__all__ = [
    "Cluster",
    "ClusterStatus",
    "Layout",
    "base_backup",
    "default_state_dir",
    "make_standby",
    "promote",
    "recover",
]

"""A Ray cluster of several nodes on this machine, as a program: it obeys `kill N` and ends with its input."""

from __future__ import annotations

import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_DISABLE_MEMORY_MONITOR"] = "1"

from ray.cluster_utils import Cluster

NODE = {
    "num_cpus": 1,
    "object_store_memory": 80 * 1024 * 1024,
    "node_ip_address": "127.0.0.1",
    "include_dashboard": False,
}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(nodes: int) -> None:
    cluster = Cluster(initialize_head=True, head_node_args=NODE, shutdown_at_exit=True)
    others = [cluster.add_node(**NODE) for _ in range(nodes - 1)]
    cluster.wait_for_nodes()
    say(cluster.address)
    try:
        for line in sys.stdin:
            command, _, number = line.strip().partition(" ")
            if command == "kill":
                cluster.remove_node(others[int(number)], allow_graceful=False)
                say("killed")
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))

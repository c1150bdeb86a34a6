#!/usr/bin/python3
"""The yardstick of oslo.messaging, for dev/bench: a call over two hops, with its own defaults, as Nova uses it.

  oslo.py server TOPIC [NEXT]             answers calls; with NEXT it passes them on, as nova-conductor does
  oslo.py client TOPIC OUTSTANDING SECONDS    so many calls under way for so long; prints a line of JSON

URL is the broker's address, rabbit://USER:PASSWORD@HOST:PORT/VHOST. Each says `ready` when it is.
"""

import eventlet

eventlet.monkey_patch()

import json
import logging
import os
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

import oslo_messaging
from eventlet import tpool
from oslo_config import cfg

TEXT = "x" * 200
CONTEXT = {"user_id": "u", "project_id": "p", "request_id": "req-0"}

conf = cfg.CONF
conf([], project="bench")
transport = oslo_messaging.get_rpc_transport(conf, url=os.environ["URL"])


def caller(topic):
    return oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic=topic, version="1.0"), timeout=60)


class Echo:
    target = oslo_messaging.Target(version="1.0")

    def __init__(self, following):
        self.following = caller(following) if following else None

    def echo(self, context, **words):
        return self.following.call(context, "echo", **words) if self.following else words


def serve(topic, following=None):
    target = oslo_messaging.Target(topic=topic, server="host-" + topic)
    oslo_messaging.get_rpc_server(transport, target, [Echo(following)], executor="eventlet").start()
    print("ready", flush=True)
    tpool.execute(sys.stdin.readline)
    os._exit(0)


def ask(topic, outstanding, seconds):
    client = caller(topic)
    call = lambda: client.call(CONTEXT, "echo", text=TEXT)
    call()
    print("ready", flush=True)
    times, began, over = [], [0.0], [False]

    def work():
        while not over[0]:
            start = time.perf_counter()
            assert call()["text"] == TEXT
            end = time.perf_counter()
            if began[0] and not over[0]:
                times.append((end - start) * 1e3)

    threads = [threading.Thread(target=work) for _ in range(outstanding)]
    for one in threads:
        one.start()
    time.sleep(seconds / 3)
    began[0] = time.perf_counter()
    time.sleep(seconds)
    over[0] = True
    took = time.perf_counter() - began[0]
    times.sort()
    for one in threads:
        one.join()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    print(json.dumps({"count": len(times), "per_s": len(times) / took, "p50": at(0.5), "p99": at(0.99)}), flush=True)
    os._exit(0)


if sys.argv[1] == "server":
    serve(*sys.argv[2:])
else:
    ask(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))

"""OpenStack Swift with its S3 API in one process, for tests: one copy of everything, in one folder.

usage: s3-server.py FOLDER PORT KEY SECRET

Says "ready" once it listens, on the loopback only, and ends with its standard input.
"""

import os
import sys

from eventlet import patcher

patcher.monkey_patch()

import eventlet
import multiprocessing.spawn

# It starts itself again for a process of its own that cleans up.
sys.executable = os.environ["ORCHESTRA_PYTHON"]
multiprocessing.spawn.set_executable(sys.executable)

folder, port, key, secret = sys.argv[1:]
port = int(port)
STORES = ("account", "container", "object")

os.makedirs(f"{folder}/devices/d1", exist_ok=True)


def write(name, text):
    path = f"{folder}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


swift_conf = write(
    "swift.conf",
    "[swift-hash]\nswift_hash_path_prefix = x\nswift_hash_path_suffix = y\n"
    "[storage-policy:0]\nname = default\ndefault = yes\n",
)

# Before whatever reads it.
from swift.common import utils
from swift.common.utils import config as utils_config

utils.SWIFT_CONF_FILE = utils_config.SWIFT_CONF_FILE = swift_conf

from swift.common import wsgi
from swift.common.ring import RingBuilder
from swift.common.utils import get_logger

# Each of the four would begin by giving this process a new loop, and what waits in the old one waits
# for ever. Threads, which name none, get theirs.
new_loop = eventlet.hubs.use_hub
new_loop(wsgi.get_hub())
eventlet.hubs.use_hub = lambda hub=None: None if hub else new_loop()

COMMON = f"""[DEFAULT]
bind_ip = 127.0.0.1
workers = 0
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
conn_timeout = 10
node_timeout = 60
recoverable_node_timeout = 60
container_update_timeout = 30
error_suppression_limit = 1000000
error_suppression_interval = 1
log_level = WARNING
"""

PROXY = f"""[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
s3_acl = true
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{key.replace(":", "_")} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""


def serve(name, listener, pipeline):
    conf = write(f"{name}-server.conf", f"{COMMON}bind_port = {listener.getsockname()[1]}\n{pipeline}")
    logger = get_logger({"log_name": name}, log_to_console=True)
    eventlet.spawn(wsgi.run_server, {"__file__": conf}, logger, listener)


listeners = {name: eventlet.listen(("127.0.0.1", 0)) for name in STORES}
for number, (name, listener) in enumerate(listeners.items()):
    at = listener.getsockname()[1]
    ring = RingBuilder(2, 1, 1)
    ring.add_dev(
        dict(id=0, region=1, zone=1, weight=1.0, ip="127.0.0.1", port=at, device="d1",
             replication_ip="127.0.0.1", replication_port=at, meta="")
    )
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{name}.ring.gz")

for name, listener in listeners.items():
    serve(name, listener, f"[pipeline:main]\npipeline = {name}-server\n"
                          f"[app:{name}-server]\nuse = egg:swift#{name}\n")
serve("proxy", eventlet.listen(("127.0.0.1", port)), PROXY)
print("ready", flush=True)
# Its parent holds the other end, however the parent ends.
eventlet.hubs.trampoline(0, read=True)
os._exit(0)

"""What the crash matrix breaks: one drill for each fault driver, and how to see that nothing of it is
left.  A Room belongs to one case; everything in it is on loopback or in the case's folder."""
import os
import subprocess

import drills
import peers

PHASES = ["guard", "baseline", "announce", "record", "inject", "witness", "watch", "revert",
          "confirm", "recovery", "explain", "report", "done"]
ALERT = {"within": "20s", "grace": "200ms", "resolved": "20s"}
SILENCE = {"never": True, "within": "500ms", "grace": "0s"}


class Room:
    """One drill.  `phases` it goes through; in those of `slow` a signal can arrive midway."""

    phases = PHASES
    slow = {"baseline", "announce", "record", "inject", "witness", "watch", "revert", "confirm",
            "recovery", "report"}
    positions = ["entry", "midway"]  # where in a slow phase
    at_once = True                   # what is in place can be seen, and be put right, at once
    more = ""                        # in firedrill.cfg

    def __init__(self, folder, world, broker):
        self.folder, self.world, self.broker = folder, world, broker

    def environment(self):
        """Variables that firedrill needs for it."""
        return {}

    def fault(self):
        raise NotImplementedError

    def expect(self):
        return drills.group({"channel": "#ops-staging", "match": ["NoSuchAlert"], **SILENCE})

    def begin(self):
        """What must run beside the drill."""

    def leftovers(self):
        """What of the fault can be seen in the world, in words."""
        return []

    def stop(self):
        pass

    def write_file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Http(Room):
    """A queue name that is read before, and compared and swapped back."""

    def fault(self):
        return drills.BAD_QUEUE

    def expect(self):
        return drills.group({"channel": "#ops-staging",
                             "match": ["OrdersQueueMissing", "${drill}"], **ALERT})

    def leftovers(self):
        queue = self.world.queue()
        return [] if queue == "orders" else [f"the queue is {queue}"]


class Late(Http):
    """The same where a change takes effect long after it was asked for, whoever has gone by then."""

    phases = ["inject"]
    positions = ["midway"]
    at_once = False

    def begin(self):
        self.world.control(self.world.api, delay_ms=50, put_delay_ms=1500)

    def leftovers(self):
        found = super().leftovers()
        if "to=orders-fd-" not in self.world.log():
            found.append("the change did not even land")
        return found


class Plain(Room):
    """A switch that is put back without having been read."""

    slow = Room.slow - {"record"}

    def fault(self):
        return drills.DEAD_HEALTH

    def expect(self):
        return drills.group({"channel": "#ops-staging", "match": ["OrdersHealthDown"], **ALERT})

    def leftovers(self):
        health = self.world.health()
        return [] if health == "ok" else [f"the health is {health}"]


class Process(Room):
    """A copy of the worker without a variable, which also leaves a child of its own behind."""

    slow = Room.slow - {"record", "inject", "watch", "confirm"}
    STRAY = "(trap 'sleep 0.2; exit 0' TERM; sleep 1000 & wait) >/dev/null 2>&1 &"

    def environment(self):
        return {"ORDERS_DATABASE_URL": "postgres://orders.example/orders"}

    def fault(self):
        script = (f"{self.STRAY} sleep 0.12; exec {peers.FAKE_SERVICES} supervise "
                  f"--report {self.world.alerting}/events --task worker-${{drill}} --attempts 1 "
                  f"--pause 150ms -- {peers.FAKE_SERVICES} worker")
        argv = drills.written(["/bin/sh", "-c", script])
        return (f'kind = "missing-env"; via = "process"; hold_at_most = "5m"; command = {argv};'
                ' unset = [ "ORDERS_DATABASE_URL" ]; ready = "worker ready";')

    def expect(self):
        return drills.group({"channel": "#ops-staging",
                             "match": ["WorkerStopped", "${drill}"], **ALERT})


class Canary(Room):
    """A health page of firedrill's own, polled by an alerting service."""

    slow = Room.slow - {"announce", "record", "inject", "revert", "confirm", "recovery"}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.port, self.monitor = peers.free_port(), None
        self.more = f'canary = {{ listen = "127.0.0.1:{self.port}"; }};'

    def fault(self):
        return drills.CANARY % "status"

    def begin(self):
        self.monitor = subprocess.Popen(
            [peers.FAKE_SERVICES, "alerting", "--quiet", "--health",
             f"http://127.0.0.1:{self.port}/canary/orders"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def leftovers(self):
        try:
            answer = peers.http("GET", f"http://127.0.0.1:{self.port}/canary/orders/health")
        except OSError:
            return []  # it went with the process that hosted it
        return [] if answer.status == 200 else [f"the canary answers {answer.status}"]

    def stop(self):
        if self.monitor:
            self.monitor.kill()
            self.monitor.wait()


class Rabbitmq(Room):
    """A message to a queue that does not exist."""

    slow = Room.slow - {"announce", "record", "revert", "confirm", "recovery"}

    def environment(self):
        return {"RABBITMQ_PASSWORD": "guest"}

    def fault(self):
        return drills.UNROUTABLE.replace("${rabbit}", self.broker.url)


class Exec(Room):
    """Commands.  What inject starts in the background would go on when it is killed half way."""

    slow = Room.slow - {"announce", "record", "recovery"}

    def fault(self):
        value = self.write_file("value", "orders\n")
        steps = {
            "inject": f"(sleep 0.1; echo half >{value}; sleep 0.1; echo ${{drill}} >{value}) & wait",
            "witness": f"sleep 0.1; grep -q fd- {value}",
            "revert": f"sleep 0.1; echo orders >{value}; sleep 0.05",
            "confirm": f"sleep 0.1; grep -qx orders {value}",
        }
        return 'kind = "bad-queue-name"; via = "exec"; hold_at_most = "5m";' + "".join(
            f" {step} = {drills.written(['sh', '-c', script])};" for step, script in steps.items())

    def leftovers(self):
        with open(os.path.join(self.folder, "value"), encoding="utf-8") as file:
            value = file.read().strip()
        return [] if value == "orders" else [f"the value is {value}"]


class Nothing(Room):
    """The control drill."""

    slow = {"baseline", "watch", "report"}

    def fault(self):
        return drills.NOTHING


ROOMS = {"http": Http, "late": Late, "plain": Plain, "process": Process, "canary": Canary,
         "rabbitmq": Rabbitmq, "exec": Exec, "none": Nothing}

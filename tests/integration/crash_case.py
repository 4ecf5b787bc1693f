"""One case of the crash matrix: a drill, a signal in one of its phases, and what is left."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import crash_drivers
import crash_world
import drills
import peers

SIGNALS = ["TERM", "INT", "HUP", "KILL"]
VICTIMS = ["main", "guardian", "both"]
PASS, REFUSED, ABORTED, KILLED = 0, 4, 6, -signal.SIGKILL
FIRST_STEPS = ("guard", "baseline", "announce", "record")  # nothing is broken yet
LAST_WORDS = ("recovery", "explain", "report", "done")  # phases after which a verdict may stand
MIDWAY_S = 0.04  # halved each time that the phase was over by then
HALVED = 8       # so often; then from the beginning: this machine may have stood still
END_S = 300      # the longest life: a fault that may still land is watched for 15 seconds
PROMISE_S = 5.0  # from a death to the revert
SLACK_S = 25.0   # what a busy machine may add to it
LINE = re.compile(r"^\S+ \S+ (fd-[a-z0-9]{8}) ([a-z]+) ", re.M)
STOPPER = os.path.join(peers.BUILD, "tests", "integration", "libphase_stop.so")


class Missed(Exception):
    """The phase was over before the signal could be sent: no case, to be tried again."""


class Case:
    """driver:phase:signal:victim:position.  run() fills `found`, a list of leftovers in words."""

    def __init__(self, driver, phase, number, victim, position):
        self.driver, self.phase, self.victim, self.position = driver, phase, victim, position
        self.signal = number
        self.name = ":".join((driver, phase, number, victim, position))
        self.found, self.notes, self.settle_s, self.seconds = [], [], None, 0.0
        self.was_left = False  # with both dead the fault was there to be seen
        self.folder = self.world = self.room = None
        self.midway_s = MIDWAY_S

    @property
    def deadly(self):
        return self.signal == "KILL"

    @property
    def ends_main(self):
        return self.victim != "guardian"

    # ---- the flow

    def run(self, broker, keep=False, missed=0):
        begun = time.monotonic()
        self.midway_s = MIDWAY_S / 2 ** (missed % HALVED)
        self.found, self.notes = [], []
        self.folder = tempfile.mkdtemp(prefix="firedrill-crash-")
        processes = []
        try:
            self.prepare(broker)
            self.play(processes)
        finally:
            self.seconds = time.monotonic() - begun
            self.clean_up(processes, keep)

    def prepare(self, broker):
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "NO_COLOR": "1",
                            "SLACK_TOKEN": crash_world.TOKEN, "CRASH_CASE": self.folder}
        self.world = crash_world.World(self.folder, self.environment)
        self.room = crash_drivers.ROOMS[self.driver](self.folder, self.world, broker)
        self.environment.update(self.room.environment())
        os.mkdir(os.path.join(self.folder, "scenarios"))
        self.room.write_file("firedrill.cfg", f"""
state = "firedrill.db";
scenarios = "scenarios";
chats = {{ slack = {{ type = "slack"; token = "env:SLACK_TOKEN"; url = "{self.world.chat}/api";
                     poll = "100ms"; patience = "20s"; requests_per_minute = 6000; }}; }};
environments = {{ staging = {{ variables = {{ api = "{self.world.api}"; }}; }}; }};
report = {{ channel = "#drills"; }};
{self.room.more}
""")
        self.scenario("drill", self.room.fault(), self.room.expect())
        self.scenario("control", drills.NOTHING, drills.group(
            {"channel": "#ops-staging", "match": ["NoSuchAlert"], **crash_drivers.SILENCE}))

    def scenario(self, name, fault, expect):
        self.room.write_file(f"scenarios/{name}.cfg", f"""
name = "{name}"; summary = "A drill of the crash matrix";
fault = {{ {fault} }};
expect = ( {expect} );
in = {{ staging = {{ }}; }};
""")

    def start(self, name, more=None):
        """firedrill run NAME; what it says is in NAME.out and NAME.err."""
        with open(os.path.join(self.folder, name + ".out"), "wb") as out, \
                open(os.path.join(self.folder, name + ".err"), "wb") as err:
            return subprocess.Popen(
                [peers.FIREDRILL, "run", name, "--env", "staging", "--json"], cwd=self.folder,
                env={**self.environment, **(more or {})}, stdin=subprocess.DEVNULL, stdout=out,
                stderr=err, start_new_session=True)

    def play(self, processes):
        self.room.begin()
        main = self.start("drill", {"LD_PRELOAD": STOPPER, "PHASE_STOP": self.phase})
        processes.append(main)
        self.wait_until_stopped(main)
        guardian = self.guardian_of(main)
        self.strike(main, guardian)
        struck = time.monotonic()
        self.wait_for_end(main, guardian, struck)
        if self.victim == "both":
            self.next_life(processes)
        self.world.behave()
        self.look()

    def wait_until_stopped(self, main):
        _, status = os.waitpid(main.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return
        main.returncode = os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it ended with {main.returncode} and never came to {self.phase}")

    def guardian_of(self, main):
        for pid in children_of(main.pid):
            if b"guardian" in read(f"/proc/{pid}/cmdline").split(b"\0"):
                return Other(pid)
        raise AssertionError("there is no guardian")

    def strike(self, main, guardian):
        number = getattr(signal, "SIG" + self.signal)
        if self.position == "midway":
            os.kill(main.pid, signal.SIGCONT)
            time.sleep(self.midway_s)  # in the phase: the slowness of this world
            if self.phase_now() != self.phase:
                raise Missed()
        if self.victim != "main":
            guardian.kill(number)
        if self.ends_main:
            os.kill(main.pid, number)
        os.kill(main.pid, signal.SIGCONT)
        if self.position == "midway" and self.deadly and self.ends_main:
            main.wait(END_S)
            if self.phase_now() != self.phase:
                raise Missed()

    def phase_now(self):
        lines = LINE.findall(self.text("drill.err"))
        return lines[-1][1] if lines else None

    def wait_for_end(self, main, guardian, struck):
        try:
            code = main.wait(END_S)
        except subprocess.TimeoutExpired:
            self.found.append(f"firedrill did not end in {END_S} s")
            return
        if code not in self.promised_codes():
            self.found.append(f"exit code {code}, promised {sorted(self.promised_codes())}")
        if self.victim == "both" and self.deadly:
            self.was_left = bool(self.room.leftovers())
        else:
            self.wait_for_guardian(guardian, struck)

    def promised_codes(self):
        if not self.ends_main:
            # Without a guardian nothing is broken: it may not be there again by then.
            return {PASS, REFUSED} if self.deadly and self.phase in FIRST_STEPS else {PASS}
        if self.deadly:
            return {KILLED}
        return {ABORTED, PASS} if self.phase in LAST_WORDS else {ABORTED}

    def wait_for_guardian(self, guardian, struck):
        """It goes when all is done; until then it is watched how long the fault stays."""
        timed = self.deadly and self.victim == "main" and self.room.at_once

        def is_over():
            if timed and self.settle_s is None and not self.room.leftovers():
                self.settle_s = time.monotonic() - struck
            return not guardian.lives() and not self.marked()
        peers.until("the guardian ends", is_over, END_S)
        if self.settle_s is not None and self.settle_s > PROMISE_S + SLACK_S:
            self.found.append(f"the fault stayed for {self.settle_s:.1f} s")

    def next_life(self, processes):
        """The same folder, another drill: what the first one left is settled before."""
        main = self.start("control")
        processes.append(main)
        try:
            code = main.wait(END_S)
        except subprocess.TimeoutExpired:
            self.found.append(f"the next run did not end in {END_S} s")
            return
        if code != PASS:
            self.found.append(f"the next run ended with {code}")
        peers.until("the guardians are gone", lambda: not self.marked(), END_S)

    # ---- what is left

    def look(self):
        self.found += self.room.leftovers()
        self.found += [f"process {pid}" for pid in self.marked()]
        status = subprocess.run([peers.FIREDRILL, "status", "--json"], cwd=self.folder,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=END_S, check=False)
        if status.returncode != PASS:
            self.found.append(f"status: exit code {status.returncode} {status.stderr}")
        for fault in json.loads(status.stdout or "{}").get("faults", []):
            self.found.append(f"ledger: {fault['drill']} is {fault['state']}")
        for channel, message in self.world.messages():
            if "firedrill:fd-" in json.dumps(message) and ": running" in json.dumps(message):
                self.found.append(f"a message in #{channel} says that the drill runs")

    def marked(self):
        """The processes of this case, the world and its monitor aside."""
        mine = {"CRASH_CASE=" + self.folder}
        mine |= {"FIREDRILL_DRILL=" + drill for drill, _ in LINE.findall(self.text("drill.err"))}
        return [pid for pid in marked(mine) if pid != self.world.process.pid]

    # ---- the end

    def text(self, name):
        return read(os.path.join(self.folder, name)).decode(errors="replace")

    def clean_up(self, processes, keep):
        if self.world:
            for pid in self.marked():
                kill(pid, signal.SIGKILL)
        for process in processes:
            if process.returncode is None:
                process.kill()
                process.wait()
        if self.room:
            self.room.stop()
        if self.world:
            self.world.stop()
        if self.found or keep:
            self.notes = [f"--- {name}\n{self.text(name)}" for name in
                          ("drill.err", "drill.out", "control.err", "control.out", "world.log")]
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class Other:
    """A process that is not our child: never mistaken for another one of the same number."""

    def __init__(self, pid):
        self.fd = os.pidfd_open(pid)

    def kill(self, number):
        signal.pidfd_send_signal(self.fd, number)

    def lives(self):
        try:
            signal.pidfd_send_signal(self.fd, 0)
        except ProcessLookupError:
            return False
        return True

    def __del__(self):
        os.close(self.fd)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def marked(variables):
    """The processes that have one of these variables, each "NAME=VALUE", in their environment."""
    wanted = {variable.encode() for variable in variables}
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
            if wanted.intersection(read(f"/proc/{pid}/environ").split(b"\0"))]


def children_of(pid):
    return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]

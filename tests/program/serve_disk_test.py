"""`firedrill serve` whose disk is full, whose ledger is lost, or written by somebody else meanwhile.

usage: serve_disk_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import contextlib
import os
import resource
import signal
import sqlite3
import sys
import urllib.error
import urllib.request

import small_case
from serve_case import ServeCase
from small_case import FAULT_LEFT, GAP, REFUSED, until

SELDOM = 'staging = { schedule = "@every 4s"; };'  # time to do something between two drills
LOST, FOUND = "the ledger is lost: no drill begins", "the ledger is there again: drills go on"


class DiskCase(ServeCase):
    def serve(self, *arguments, **more):
        """A write beyond its limit fails, and is not its death."""
        return super().serve(*arguments, **{
            "preexec_fn": lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN), **more})

    def begin(self):
        daemon = self.serve()
        self.pages = daemon.wait("started")["pages"]
        return daemon

    def ask(self, path):
        """The status and the text."""
        try:
            with urllib.request.urlopen(self.pages + path, timeout=small_case.PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, name):
        value, = [line.split()[1] for line in self.ask("metrics")[1].splitlines()
                  if line.startswith(name + " ")]
        return float(value)

    def ledger(self):
        return [name for name in ("firedrill.db", "firedrill.db-wal", "firedrill.db-shm")
                if os.path.exists(self.path(name))]

    def wait_for_next(self, daemon, **pairs):
        return daemon.wait("drill over", count=len(daemon.said("drill over", **pairs)) + 1, **pairs)


class Lost(DiskCase):
    def setUp(self):
        super().setUp()
        self.scenario(runs_in="staging = { };")

    def move(self, there):
        """There, or back."""
        if there:
            os.mkdir(self.path("aside"))
        for name in self.ledger() if there else os.listdir(self.path("aside")):
            paths = self.path(name), self.path("aside", name)
            os.rename(*(paths if there else reversed(paths)))

    def assert_lost(self, daemon):
        why = daemon.wait(LOST, level="error")["why"]
        self.assertIn("moved or removed", why, daemon)
        self.assertEqual(self.metric("firedrill_ledger_lost"), 1)
        self.assertEqual(self.ask("-/ready"), (503, "firedrill lost its ledger\n"))
        self.assertIn("What is in place now is not known", self.ask("")[1])
        told = self.run_drill()
        self.assertEqual(told.code, REFUSED, told)
        self.assertIn("nothing is broken without the ledger", told.err, told)
        told = self.firedrill("status")
        self.assertEqual(told.code, FAULT_LEFT, told)
        self.assertIn("it has lost its ledger", told.out, told)
        self.assertNotIn("no fault is in place", told.out, told)
        self.assertEqual(self.target.calls, [])

    def test_one_that_is_moved_while_nothing_runs_is_said_once_and_all_goes_on_when_it_is_back(self):
        self.configure(more='report = { chat = "slack"; channel = "#ops"; };')
        daemon = self.begin()
        self.assertEqual(self.metric("firedrill_ledger_lost"), 0)
        self.move(True)
        self.assert_lost(daemon)
        until("the report channel is told",
              lambda: [t for t in self.chat.texts() if "firedrill lost its ledger" in t])
        self.move(False)
        daemon.wait(FOUND)
        self.assertEqual(self.metric("firedrill_ledger_lost"), 0)
        self.assertEqual(self.ask("-/ready")[0], 200)
        until("the report channel is told of it", lambda: [
            t for t in self.chat.texts() if "firedrill has its ledger again" in t])
        told = self.run_drill()
        self.assertEqual(told.code, 0, told)
        self.assertEqual(len(daemon.said(LOST)), 1, daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_another_file_in_its_place_is_not_taken_for_it(self):
        daemon = self.begin()
        for name in self.ledger():
            os.rename(self.path(name), self.path("old-" + name))
            with open(self.path("old-" + name), "rb") as file:
                self.write(name, file.read())
        self.assert_lost(daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_what_is_due_meanwhile_is_missed(self):
        self.scenario(runs_in=SELDOM)
        daemon = self.begin()
        daemon.wait("drill over")
        self.move(True)
        daemon.wait(LOST)
        begun = len(daemon.said("drill begun"))
        daemon.wait("missed", why="the ledger was lost")
        self.assertEqual(len(daemon.said("drill begun")), begun, daemon)
        self.move(False)
        daemon.wait(FOUND)
        self.assertEqual(self.wait_for_next(daemon)["verdict"], "pass", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)


class Full(DiskCase):
    def fill(self, daemon, full=True):
        """No file of the daemon grows any more: to it, its disk is full."""
        _, most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (0 if full else most, most))

    def test_no_drill_begins_on_a_full_disk_and_all_goes_on_when_there_is_space(self):
        self.scenario(runs_in=SELDOM)
        daemon = self.begin()
        daemon.wait("drill over", verdict="pass")
        self.fill(daemon)
        over = daemon.wait("drill over", verdict="refused")
        self.assertIn("firedrill.db cannot be read or written", over["text"], daemon)
        daemon.wait("the history cannot be written just now")
        calls = len(self.target.calls)
        self.wait_for_next(daemon, verdict="refused")
        self.assertEqual((len(self.target.calls), self.target.value), (calls, "orders"))
        self.assertIn('verdict="refused"', self.ask("metrics")[1])
        self.assertIn("Newer drills are missing here", self.ask("")[1])
        refused = daemon.said("drill over", verdict="refused")[0]["drill"]
        self.fill(daemon, False)
        daemon.wait("the history is written again")
        self.assertNotIn("Newer drills are missing here", self.ask("")[1])
        self.assertEqual(self.wait_for_next(daemon, verdict="pass")["fault"], "clean", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()
        kept = self.firedrill("history", "--json")
        self.assertIn(refused, kept.out, kept)

    def test_what_is_in_place_is_put_right_and_said_to_be_left_until_the_ledger_knows(self):
        self.target.alerts = False
        self.scenario(within="8s", more='jitter = "0s"; repeat = false;',  # it is full by then
                      runs_in="staging = { };")
        daemon = self.begin()
        drill = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        daemon.wait("phase", phase="watch")
        self.fill(daemon)
        until("it is put right", lambda: self.target.value == "orders")
        told = self.finish(drill)
        self.assertEqual((told.code, told.reports[0]["fault"]["state"]), (GAP, "clean"), daemon)
        daemon.wait("the ledger was not told: the fault counts as left", level="error")
        self.assertIn("not confirmed reverted", self.ask("")[1])
        self.assertIn('firedrill_faults_in_place{', self.ask("metrics")[1])
        self.fill(daemon, False)
        self.assertEqual(self.firedrill("revert", "--all").code, 0)
        self.assertNotIn("not confirmed reverted", self.ask("")[1])
        self.assertEqual(self.target.value, "orders")
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()


class Busy(DiskCase):
    """Somebody else writes to the ledger, and does not come to an end."""

    def setUp(self):
        super().setUp()
        self.second = small_case.Target(self.chat)
        self.addCleanup(self.second.stop)
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text.replace(
            "environments = {", f'environments = {{ other = {{ variables = {{ api = '
            f'"{self.second.url}"; }}; }}; '))

    @contextlib.contextmanager
    def writing(self):
        other = sqlite3.connect(self.path("firedrill.db"), isolation_level=None)
        with contextlib.closing(other):
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def test_a_fault_is_taken_out_and_another_drill_waits_and_both_pass(self):
        self.target.alerts = False
        self.scenario(within="20s", runs_in="staging = { }; other = { };")
        daemon = self.begin()
        first = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        daemon.wait("phase", phase="watch")
        with self.writing():
            second = self.start("run", "bad-queue", "--env", "other", "--json")
            daemon.wait("drill begun", environment="other")
            self.target.fire()
            until("the fault is taken out", lambda: self.target.value == "orders")
            daemon.wait("phase", phase="announce", environment="other")
            self.assertEqual(self.ask("-/healthy")[0], 200)
            self.assertEqual((daemon.said("drill over"), self.second.value), ([], "orders"), daemon)
            self.assertNotIn("PUT", self.second.calls, daemon)
        self.assertEqual(self.finish(first).code, 0, daemon)
        self.assertEqual(self.finish(second).code, 0, daemon)
        self.assertFalse(daemon.said("FAULT LEFT"), daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()


if __name__ == "__main__":
    sys.exit(small_case.main())

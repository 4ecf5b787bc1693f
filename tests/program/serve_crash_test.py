"""`firedrill serve` dies: in every phase, alone and with its guardian, while one configuration takes over
from another.  Whatever happens, the next one finds its way, and nothing is left.

usage: serve_crash_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import os
import signal
import sys
import threading

import small_case
from serve_case import EVERY, ServeCase
from small_case import until

RELOADED_IN = ["guard", "inject", "watch", "confirm", "done"]
PHASES = ["guard", "baseline", "announce", "record", "inject", "witness", "watch",
          "revert", "confirm", "recovery", "explain", "report", "done"]


class Generations(ServeCase):
    """A drill of the old configuration runs on, its fault in place, beside the new one."""

    def setUp(self):
        super().setUp()
        self.other = small_case.Target(self.chat)
        self.addCleanup(self.other.stop)
        self.target.alerts = self.other.alerts = False

    def scenarios(self, first, second, within="50s"):
        """The scenario in staging and, as "second", in elsewhere; each in its environment or not at all."""
        self.scenario(within=within, runs_in=first, more='jitter = "0s"; repeat = false;')
        with open(self.path("scenarios/bad-queue.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("scenarios/second.cfg", text.replace('"bad-queue"', '"second"', 1).replace(
            f"in = {{ {first} }}", f"in = {{ {second} }}"))

    def two_at_once(self):
        elsewhere = f'}}; elsewhere = {{ variables = {{ api = "{self.other.url}"; }};'
        self.configure(environment=elsewhere)
        self.scenarios(EVERY, "elsewhere = { };")
        daemon = self.serve()
        daemon.wait("phase", phase="watch", scenario="bad-queue")
        self.scenarios("staging = { };", EVERY.replace("staging", "elsewhere"))
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded")
        daemon.wait("phase", phase="watch", scenario="second")
        self.assertNotIn("orders", (self.target.value, self.other.value), daemon)
        until("each has a guardian", lambda: len(self.guardians()) == 2)
        return daemon

    def test_killed_each_guardian_puts_right_its_own_and_only_that(self):
        daemon = self.two_at_once()
        slow = threading.Event()
        reverts = []

        def wait_a_bit(verb, target):
            if verb == "PUT":
                reverts.append(target)
                slow.wait(2)  # long enough for another one to come
        self.target.wrong = lambda verb, count: wait_a_bit(verb, "first")
        self.other.wrong = lambda verb, count: wait_a_bit(verb, "second")
        daemon.signal(signal.SIGKILL)
        daemon.end()
        until("all is put right", lambda: self.target.value == self.other.value == "orders")
        until("the guardians end", lambda: not self.guardians())
        self.assertEqual(sorted(reverts), ["first", "second"], daemon)
        self.assert_no_fault()

    def test_what_is_left_is_known_to_all_who_come_later(self):
        daemon = self.two_at_once()
        for guardian in self.guardians():
            os.kill(guardian, signal.SIGSTOP)
        daemon.signal(signal.SIGKILL)
        daemon.end()
        self.end_guardians()
        self.assertNotIn("orders", (self.target.value, self.other.value), daemon)
        later = self.serve()
        until("all is put right", lambda: self.target.value == self.other.value == "orders")
        for scenario in ("bad-queue", "second"):
            later.wait("left by an earlier life", result="clean", scenario=scenario)
        self.assertEqual(later.stop(), 0, later)
        self.assert_no_fault()

    def test_a_target_that_the_old_one_has_is_waited_for(self):
        self.configure(environment=f'}}; elsewhere = {{ variables = {{ api = "{self.target.url}"; }};')
        self.scenarios(EVERY, "elsewhere = { };", within="7s")
        daemon = self.serve()
        daemon.wait("phase", phase="watch", scenario="bad-queue")
        self.scenarios("staging = { };", EVERY.replace("staging", "elsewhere"), within="1s")
        daemon.signal(signal.SIGHUP)
        over = daemon.wait("drill over", scenario="second")
        self.assertEqual((over["verdict"], over["fault"]), ("gap", "clean"), daemon)
        self.assertTrue(daemon.said("drill over", scenario="bad-queue", verdict="gap"), daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()

    def test_a_stop_ends_both_at_once(self):
        daemon = self.two_at_once()
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertEqual(len(daemon.said("drill over", verdict="aborted", fault="clean")), 2, daemon)
        self.assertEqual((self.target.value, self.other.value), ("orders", "orders"))
        until("the guardians end", lambda: not self.guardians())
        self.assert_no_fault()


class Reloads(ServeCase):
    def zombies(self, daemon):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state == "Z" and int(parent) == daemon.process.pid:
                found.append(int(pid))
        return found

    def in_place(self):
        self.target.alerts = False
        self.scenario(within="50s")
        daemon = self.serve()
        daemon.wait("phase", phase="watch")
        return daemon

    def test_beside_a_drill_leave_no_process_behind_and_it_is_no_leftover(self):
        daemon = self.in_place()
        for count in range(1, 6):
            daemon.signal(signal.SIGHUP)
            daemon.wait("reloaded", count=count)
        until("two guardians work", lambda: len(self.guardians()) == 2)
        until("the others are gone", lambda: not self.zombies(daemon))
        self.assertFalse(daemon.said("left by an earlier life"), daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()

    def test_a_stop_while_one_begins_is_a_good_end(self):
        daemon = self.serve()
        daemon.wait("started")
        for number in (signal.SIGSTOP, signal.SIGHUP, signal.SIGTERM, signal.SIGCONT):
            daemon.signal(number)
        self.assertEqual(daemon.end(), 0, daemon)
        self.assertTrue(daemon.said("reloading"), daemon)
        until("the guardians end", lambda: not self.guardians())

    def test_of_a_fault_that_is_stuck_people_are_told_once_and_when_it_is_gone(self):
        alarms = self.path("alarms")
        script = f"printf '%s\\\\n' \\\"$FIREDRILL_ALARM\\\" >>{alarms}"
        self.configure(more=f'alarm = {{ command = [ "sh", "-c", "{script}" ]; }};')
        self.scenario(within="500ms", more='jitter = "0s"; repeat = false;')
        wrong = [1]
        self.target.wrong = lambda verb, count: \
            (500, "no") if wrong and verb == "PUT" and self.target.value != "orders" else None
        daemon = self.serve()
        self.assertIn("firedrill serve goes on trying", daemon.wait("FAULT LEFT")["text"], daemon)
        self.scenario(within="500ms", runs_in="staging = { };")
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded")
        daemon.wait("left by an earlier life", result="stuck")
        wrong.clear()
        self.assertEqual(self.firedrill("revert", "--all").code, 0, daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        with open(alarms, encoding="utf-8") as file:
            told = file.read().splitlines()
        self.assertEqual(len([line for line in told if "FAULT NOT REVERTED" in line]), 1, told)
        until("the guardians end", lambda: not self.guardians())
        self.assert_no_fault()


class Phases(ServeCase):
    """Killed when it says that a phase begins; then another one is started at once."""

    def strike(self, phase, with_guardian):
        daemon = self.serve()
        until(f"the phase {phase}", lambda: daemon.said("phase", phase=phase) or
              daemon.said("drill over"))
        if with_guardian:
            daemon.signal(signal.SIGSTOP)
            self.end_guardians()
        daemon.signal(signal.SIGKILL)
        daemon.end()
        later = self.serve()
        later.wait("drill over", verdict="pass")
        self.assertFalse(later.said("drill over", verdict="gap"), f"{phase}\n{daemon}\n{later}")
        self.assertEqual(later.stop(), 0, f"{phase}\n{daemon}\n{later}")
        until("the guardians end", lambda: not self.guardians())
        self.assert_no_fault(f"{phase}\n{daemon}\n{later}")
        self.assert_known_once(phase, daemon, later)

    def assert_known_once(self, phase, daemon, later):
        """The drill that was struck: as it ended, or as one that nobody finished."""
        last = daemon.said("phase")[-1]  # of the next drill, perhaps: the blow came late
        struck, phase = last["drill"], last["phase"]
        drills = [drill for drill in self.firedrill("history", "--json").reports
                  if drill["drill"] == struck]
        told = f"{phase}\n{daemon}\n{later}\n{drills}"
        if len(drills) != 1:  # nothing was said, and nothing broken
            last = daemon.said("phase")[-1]["phase"]  # it may have gone on until it was struck
            self.assertTrue(drills == [] and PHASES.index(last) <= PHASES.index("announce"), told)
            return
        self.assertIn(drills[0]["verdict"], ("pass", "aborted"), told)
        self.assertEqual(drills[0]["exit_code"], 0 if drills[0]["verdict"] == "pass" else 6, told)
        written = later.said("a drill that nobody finished is in the history", drill=struck)
        self.assertEqual(len(written), 1 if drills[0]["verdict"] == "aborted" else 0, told)

    def reload(self, phase):
        """Killed while the new configuration begins."""
        daemon = self.serve()
        until(f"the phase {phase}", lambda: daemon.said("phase", phase=phase) or
              daemon.said("drill over"))
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloading")
        daemon.signal(signal.SIGKILL)
        daemon.end()
        later = self.serve()
        later.wait("drill over", verdict="pass")
        self.assertEqual(later.stop(), 0, f"{phase}\n{daemon}\n{later}")
        until("the guardians end", lambda: not self.guardians())
        self.assert_no_fault(f"{phase}\n{daemon}\n{later}")


def add_cases():
    for phase in PHASES:
        def alone(self, phase=phase):
            self.strike(phase, False)

        def with_guardian(self, phase=phase):
            self.strike(phase, True)

        def reload(self, phase=phase):
            self.reload(phase)
        setattr(Phases, f"test_killed_in_{phase}", alone)
        setattr(Phases, f"test_killed_with_its_guardian_in_{phase}", with_guardian)
        if phase in RELOADED_IN:
            setattr(Phases, f"test_killed_while_it_reloads_in_{phase}", reload)


add_cases()

if __name__ == "__main__":
    sys.exit(small_case.main())

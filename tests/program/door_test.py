"""`firedrill run` where a daemon runs: the daemon runs the drills, and who typed it sees no difference.

usage: door_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import xml.etree.ElementTree as xml

import guardian_test
import small_case
from guardian_test import is_alive
from hostile_test import later
from small_case import ABORTED, FAULT, FAULT_LEFT, PASS, PATIENCE_S, REFUSED, USAGE, until

FRAME = re.compile("\r\033\\[[0-9]+A")        # back to the first line of the last one
ESCAPE = re.compile("\033\\[[0-9;]*[A-Za-z]")
HANDED = r"handed to the firedrill\s+that\s+runs\s+as\s+process"


class Screen:
    """A terminal, and all that was written to it."""

    def __init__(self, columns=100):
        self.ours, self.theirs = pty.openpty()
        self.size(columns)
        self.text = ""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def size(self, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def read(self):
        with contextlib.suppress(OSError):
            while piece := os.read(self.ours, 65536):
                self.text += piece.decode(errors="replace")

    def close(self):
        os.close(self.theirs)
        self.thread.join()
        os.close(self.ours)


class DoorCase(guardian_test.Case):
    def setUp(self):
        super().setUp()
        self.log = self.path("log")
        self.daemon = None

    def configure(self, more="", **settings):
        super().configure(more='serve = { listen = "127.0.0.1:0"; };\n' + more, **settings)

    def serve(self, *arguments):
        with open(self.log, "ab") as log:
            self.popen = {"stdout": log, "stderr": log}
            self.daemon = self.start("serve", *arguments)
            self.popen = {}
        daemon = self.daemon
        self.addCleanup(self.end_daemon, daemon)
        until("the daemon is there", lambda: daemon.poll() is not None or self.answers())
        self.assertIsNone(daemon.poll(), self.logged())

    def answers(self):
        told = self.firedrill("status", "--json").out  # none while the ledger is being made
        about = json.loads(told)["daemon"] if told else None
        return about is not None and about["pid"] == self.daemon.pid

    def end_daemon(self, daemon):
        if daemon.poll() is None:
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(30)
            except subprocess.TimeoutExpired:
                pass
        self.end(daemon)

    def logged(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def guest_files(self):
        """How many pipes and Unix sockets the daemon has: its connections come and go."""
        with open("/proc/net/unix", encoding="ascii", errors="replace") as file:
            local = {f"socket:[{line.split()[6]}]" for line in file.read().splitlines()[1:]}
        folder, count = f"/proc/{self.daemon.pid}/fd", 0
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                what = os.readlink(f"{folder}/{name}")
                count += what.startswith("pipe:") or what in local
        return count

    def passes(self):
        """From now on the alert comes."""
        self.target.alerts = True
        self.scenario()
        self.reload()

    def reload(self):
        before = self.logged().count("reloaded")
        self.daemon.send_signal(signal.SIGHUP)
        until("it is reloaded", lambda: self.logged().count("reloaded") > before)

    def run_begun(self, *arguments, **popen):
        """A drill of a guest whose fault is in place."""
        self.popen = popen
        guest = self.start("run", "bad-queue", "--env", "staging", *arguments)
        self.popen = {}
        self.addCleanup(self.end, guest)
        until("the fault is in place", lambda: self.target.value != "orders")
        self.drill = self.target.value.removeprefix("orders-")
        until("it is written down", lambda: self.state() == "injected")
        return guest

    def assert_handed(self, result):
        self.assertRegex(result.out + result.err, HANDED, result)
        self.assertIn(f"process {self.daemon.pid}",
                      " ".join((result.out + result.err).split()), result)

    def assert_alive(self):
        """It takes the next drill, and nothing is left of the last."""
        self.passes()
        result = self.run_drill()
        self.assert_passes(result)
        self.assert_handed(result)


class Guests(DoorCase):
    def test_a_run_is_handed_over_and_reports_as_ever(self):
        self.target.alerts = True
        self.scenario()
        self.serve()
        result = self.run_drill()
        self.assert_passes(result)
        self.assert_handed(result)
        before = self.guest_files()
        plain = self.firedrill("run", "bad-queue")
        self.assertEqual(plain.code, PASS, plain)
        self.assert_handed(plain)
        self.assertIn("pass", plain.out)
        self.assertEqual(plain.err, "", plain)
        until("no descriptor is left", lambda: self.guest_files() <= before)

    def test_a_gap_has_its_exit_code_and_its_line(self):
        self.scenario(within="300ms", resolved=None)
        self.serve()
        result = self.run_drill()
        self.assert_drill(result, small_case.GAP, "gap", None)
        self.assert_handed(result)

    def test_junit_is_written_of_what_the_daemon_ran(self):
        self.scenario(within="300ms", resolved=None)
        self.serve()
        self.assert_handed(self.run_drill())
        result = self.run_drill("--junit", "ci.xml")
        self.assertEqual(result.code, small_case.GAP, result)
        self.assert_handed(result)
        case, = xml.parse(self.path("ci.xml")).getroot().findall("testsuite/testcase")
        self.assertEqual(case.find("failure").get("message"), result.reports[0]["text"])
        self.assertEqual(len(case.findtext("system-out").splitlines()), 1)

    def test_alone_is_alone(self):
        self.target.alerts = True
        self.scenario()
        self.serve()
        result = self.run_drill("--alone")
        self.assert_passes(result)
        self.assertNotRegex(result.err, HANDED)

    def test_a_terminal_is_drawn_live_and_left_as_it_was(self):
        self.serve()
        screen = Screen()
        self.addCleanup(screen.close)
        self.environment["TERM"] = "xterm"
        del self.environment["NO_COLOR"]
        guest = self.run_begun(stdin=screen.theirs, stdout=screen.theirs, stderr=screen.theirs)
        until("it is drawn", lambda: "watch" in screen.text and "\033[" in screen.text)
        self.assertRegex(screen.text, HANDED)
        screen.size(40)
        guest.send_signal(signal.SIGWINCH)
        drawn = len(screen.text)

        def is_narrow():
            # Whole frames only, and without colours: what was on its way has the old width.
            frames = FRAME.split(screen.text[drawn:])
            return len(frames) > 4 and all(
                len(line) <= 40 for line in ESCAPE.sub("", frames[-2]).splitlines())
        until("it is drawn in the new width", is_narrow)
        guest.send_signal(signal.SIGINT)
        self.assertEqual(guest.wait(PATIENCE_S), ABORTED, screen.text)
        until("the result is there", lambda: "ABORTED" in screen.text.upper())
        self.assertEqual(self.target.value, "orders")
        flags = fcntl.fcntl(screen.theirs, fcntl.F_GETFL)
        self.assertEqual(flags & os.O_NONBLOCK, 0)

    def test_who_waits_for_another_guest_is_told(self):
        self.serve()
        first = self.run_begun()
        second = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, second)
        said = b""
        while b"waiting" not in said:
            line = second.stdout.readline()
            self.assertNotEqual(line, b"", said)
            said += line
        self.assertEqual(json.loads(self.firedrill("status", "--json").out)["daemon"]["guests"], 2)
        first.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(first).code, ABORTED)
        until("the second is in place", lambda: self.target.value not in
              ("orders", f"orders-{self.drill}"))
        second.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(second).code, ABORTED)
        self.assert_alive()

    def test_who_waits_can_stop_waiting(self):
        self.serve()
        first = self.run_begun()
        second = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, second)
        until("both are there", lambda: json.loads(
            self.firedrill("status", "--json").out)["daemon"]["guests"] == 2)
        second.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(second).code, ABORTED)
        self.assertNotEqual(self.target.value, "orders")
        first.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(first).code, ABORTED)

    def test_a_protected_environment_wants_permission_as_ever(self):
        self.configure(environment='protected = true; effect_limit = "mutation";')
        self.target.alerts = True
        self.scenario()
        self.serve()
        result = self.run_drill()
        self.assert_drill(result, REFUSED, "refused", result.reports[0]["reason"])
        self.assert_handed(result)
        result = self.run_drill("--allow-protected")
        self.assert_passes(result)
        self.assert_handed(result)


class Ends(DoorCase):
    def test_ctrl_c_puts_it_right_and_the_daemon_goes_on(self):
        self.serve()
        guest = self.run_begun()
        guest.send_signal(signal.SIGINT)
        result = self.finish(guest)
        self.assertEqual((result.code, self.target.value), (ABORTED, "orders"), result)
        self.assertIn("stopped from the terminal", result.out)
        self.assert_alive()

    def test_a_second_ctrl_c_is_answered(self):
        self.serve()
        guest = self.run_begun()
        self.target.wrong = lambda verb, count: "hangs" if verb == "PUT" else None
        guest.send_signal(signal.SIGINT)
        calls = len(self.target.calls)
        until("it is tried", lambda: len(self.target.calls) > calls)
        guest.send_signal(signal.SIGINT)
        said = b""
        while b"still putting it right" not in said:
            line = guest.stdout.readline()
            self.assertNotEqual(line, b"", said)
            said += line
        self.target.wrong = lambda verb, count: None
        self.assertEqual(self.finish(guest).code, ABORTED)
        self.assertEqual(self.target.value, "orders")

    def test_a_guest_that_is_killed_is_put_right_by_the_daemon(self):
        self.serve()
        guest = self.run_begun("--json")
        before = self.guest_files()
        guest.kill()
        guest.wait()
        until("the fault is put right", lambda: self.target.value == "orders")
        until("it is over", lambda: self.state() == "clean")
        until("no descriptor is left", lambda: self.guest_files() <= before - 3)
        self.assert_alive()

    def test_a_guest_that_is_stopped_holds_nobody_up(self):
        self.scenario(within="5s", resolved=None)
        self.serve()
        guest = self.run_begun("--json")
        guest.send_signal(signal.SIGSTOP)
        until("the fault is put right", lambda: self.target.value == "orders")
        until("it is over", lambda: self.state() == "clean")
        self.assert_alive()
        guest.send_signal(signal.SIGCONT)
        result = self.finish(guest)
        self.assertEqual(result.code, small_case.GAP, result)
        self.assertEqual(result.reports[0]["drill"], self.drill)

    def test_a_pipe_that_nobody_reads_any_more_changes_nothing_but_the_exit_code(self):
        self.scenario(within="5s", resolved=None)
        self.serve()
        guest = self.run_begun("--json")
        guest.stdout.close()
        guest.stdout = None
        self.assertEqual(guest.wait(PATIENCE_S), small_case.GAP)
        self.assertIn(b"could not be written completely", guest.stderr.read())
        self.assertEqual(self.target.value, "orders")

    def test_a_daemon_that_is_killed_leaves_the_truth_behind(self):
        self.serve()
        guest = self.run_begun()
        self.daemon.kill()
        self.daemon.wait()
        result = self.finish(guest)
        self.assertEqual((result.code, self.target.value), (ABORTED, "orders"), result)
        self.assert_says(result, [rf"process {self.daemon.pid}\) is gone", "no fault is in place"])
        self.target.alerts = True
        self.scenario()
        alone = self.run_drill()  # its socket is still there
        self.assertTrue(os.path.exists(self.path("firedrill.db.sock")))
        self.assert_passes(alone)
        self.assertNotRegex(alone.err, HANDED)
        self.serve()
        result = self.run_drill()
        self.assert_passes(result)
        self.assert_handed(result)

    def test_a_daemon_and_its_guardian_that_are_killed_leave_a_fault_and_exit_code_3(self):
        self.serve()
        guest = self.run_begun()
        guardians = self.guardians()
        self.daemon.send_signal(signal.SIGSTOP)
        for guardian in guardians:
            os.kill(guardian, signal.SIGKILL)
        self.daemon.kill()
        result = self.finish(guest)
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assert_says(result, ["a fault is, or may be, still in place", "firedrill revert"])
        self.assertEqual(self.firedrill("revert", "--all").code, PASS)

    def test_a_daemon_that_is_asked_to_end_reports_to_its_guests_first(self):
        self.serve()
        guest = self.run_begun("--json")
        self.daemon.send_signal(signal.SIGTERM)
        result = self.finish(guest)
        self.assertEqual((result.code, self.target.value), (ABORTED, "orders"), result)
        self.assertEqual(result.reports[0]["verdict"], "aborted")
        self.assertEqual(self.daemon.wait(PATIENCE_S), PASS, self.logged())
        self.assertFalse(os.path.exists(self.path("firedrill.db.sock")))


class Reloads(DoorCase):
    def test_the_guardian_of_an_old_configuration_leaves_new_drills_alone(self):
        """It is told that all is over, and shares the locks of the process that lives on."""
        second = small_case.Target(self.chat)
        self.addCleanup(second.stop)
        second.alerts = False
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text.replace(
            "environments = {", 'environments = { other = { variables = { api = '
            f'"{second.url}"; }}; }}; '))
        self.scenario(within="50s", resolved=None, runs_in="staging = { }; other = { };")
        self.serve()
        old = self.run_begun()
        [guardian] = self.guardians()
        self.reload()
        new = self.start("run", "bad-queue", "--env", "other", "--json")
        self.addCleanup(self.end, new)
        until("its fault is in place", lambda: second.value != "orders")
        old.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(old).code, ABORTED)
        later(3)  # an old guardian would need a tenth of it
        self.assertNotEqual(second.value, "orders", self.logged())
        new.send_signal(signal.SIGINT)
        result = self.finish(new)
        self.assertEqual((result.code, second.value), (ABORTED, "orders"), result)
        self.assertEqual(second.calls.count("PUT"), 2, second.calls)
        self.assertNotIn("somebody else", result.out)
        until("the old guardian ends", lambda: not is_alive(guardian))


class Files(DoorCase):
    def test_another_configuration_is_not_taken_for_this_one(self):
        self.serve()
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            self.write("other.cfg", file.read())
        result = self.firedrill("run", "bad-queue", "--config", "other.cfg")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, [self.path("firedrill.cfg"), self.path("other.cfg"), "--config",
                                  "--alone"])
        self.assertEqual(self.target.calls, [])

    def test_what_the_daemon_has_not_read_yet_is_said(self):
        self.target.alerts = True
        self.scenario()
        self.serve()
        with open(self.path("scenarios", "bad-queue.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("scenarios/new.cfg", text.replace('"bad-queue"', '"new"', 1))
        result = self.firedrill("run", "new", "--env", "staging")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ['there is no scenario "new"', r"new\.cfg was changed after",
                                  "systemctl reload firedrill"])
        self.write("scenarios/bad-queue.cfg", text + "\n")
        result = self.run_drill()
        self.assert_passes(result)
        self.assert_says(result, [r"bad-queue\.cfg\s+was\s+changed\s+after"])
        self.reload()
        result = self.firedrill("run", "new", "--env", "staging", "--json")
        self.assertEqual(result.code, PASS, result)
        self.assertNotIn("was changed", result.err)

    def test_what_is_halted_is_refused_as_ever(self):
        self.serve()
        self.assertEqual(self.firedrill("halt", "--reason", "a deploy").code, PASS)
        for _ in range(2):  # before the daemon has seen it, and afterwards
            result = self.run_drill()
            self.assertEqual(result.code, REFUSED, result)
            self.assert_says(result, ["halted", "firedrill resume"])
            until("it is seen", lambda: "msg=halted" in self.logged())
        self.assertEqual(self.target.calls, [])

    def test_names_that_nobody_knows_are_told_as_ever(self):
        self.serve()
        result = self.firedrill("run", "nothing")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ['firedrill: there is no scenario "nothing"', "bad-queue"])
        result = self.firedrill("run", "bad-queue", "--env", "nowhere")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ['names no environment "nowhere"', "can run in: staging"])

    def test_a_door_at_which_nobody_answers_is_not_waited_for_long(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as silent:
            silent.bind(self.path("firedrill.db.sock"))
            silent.listen(1)
            result = self.run_drill()
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ["does not answer", "--alone"])
        self.assertEqual(self.target.calls, [])

    def test_a_second_daemon_is_told_of_the_first(self):
        self.serve()
        result = self.firedrill("serve")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, [f"process {self.daemon.pid}"])
        self.assertTrue(is_alive(self.daemon.pid))
        self.assertIn(f"process {self.daemon.pid}", self.firedrill("status").out)


if __name__ == "__main__":
    sys.exit(small_case.main())

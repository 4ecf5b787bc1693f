"""Surroundings that are against us: nothing stays broken all the same, and nobody is lied to.

usage: hostile_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import contextlib
import fcntl
import json
import os
import pty
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import time

import guardian_test
import small_case
from guardian_test import is_alive
from small_case import ABORTED, FAULT, FAULT_LEFT, PASS, PATIENCE_S, until

BROKEN_S = 40  # what stays broken so long is left to the end of its lease


def later(seconds):
    end = time.monotonic() + seconds
    until("the time has passed", lambda: time.monotonic() > end)


class HostileCase(guardian_test.Case):
    def finish_late(self, process):
        result = self.finish(process)
        self.assertEqual(self.target.value, "orders", result)
        return result

    def number(self, name):
        """What a shell writes into a file; 0 as long as it has not."""
        try:
            with open(self.path(name), encoding="ascii") as file:
                return int(file.read().strip() or 0)
        except FileNotFoundError:
            return 0


class Inherited(HostileCase):
    """What a process gets from whoever starts it."""

    def exec_fault(self, confirm):
        def words(*argv):
            return "[ " + ", ".join(json.dumps(word) for word in argv) + " ]"
        return f"""
  kind = "missing-env";  via = "exec";  hold_at_most = "1m";
  inject = {words("touch", self.path("marker"))};
  witness = {words("test", "-e", self.path("marker"))};
  revert = {words("true")};
  confirm = {words("sh", "-c", confirm)};
"""

    def test_children_that_are_ignored_do_not_look_successful(self):
        """With SIGCHLD ignored, the kernel throws the status of a child away."""
        self.scenario(fault=self.exec_fault("exit 1"), within="200ms", resolved=None)
        self.popen = {"preexec_fn": lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)}
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        self.popen = {}
        result = self.finish(process)
        self.assertEqual(result.code, FAULT_LEFT, result)

    def test_signals_that_are_blocked_are_obeyed_all_the_same(self):
        process, guardian = self.begin(preexec_fn=lambda: signal.pthread_sigmask(
            signal.SIG_BLOCK, set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP}))
        took_s = self.kill(process, signal.SIGTERM)
        self.assertLess(took_s, BROKEN_S)
        self.assertEqual(self.finish_late(process).code, ABORTED)
        self.assert_over(guardian)

    def test_signals_that_are_ignored_are_obeyed_all_the_same(self):
        def ignore():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
        process, guardian = self.begin(preexec_fn=ignore)
        self.assertLess(self.kill(process, signal.SIGTERM), BROKEN_S)
        self.assertEqual(self.finish_late(process).code, ABORTED)
        self.assert_over(guardian)

    def test_too_few_open_files_for_anything(self):
        """Either nothing is touched, or it is put right after a death, too."""
        for limit in range(8, 32, 4):
            with self.subTest(limit):
                self.popen = {"preexec_fn": lambda limit=limit: resource.setrlimit(
                    resource.RLIMIT_NOFILE, (limit, limit))}
                process = self.start("run", "bad-queue", "--env", "staging")
                self.popen = {}
                self.addCleanup(self.end, process)
                until("it is broken, or refused",
                      lambda: self.target.value != "orders" or process.poll() is not None)
                process.kill()
                process.wait()
                until("the fault is put right", lambda: self.target.value == "orders")
                until("the guardian ends", lambda: not self.guardians())
                self.assert_no_fault()

    def test_a_folder_that_is_removed_meanwhile(self):
        here = self.path("here")
        os.mkdir(here)
        process, guardian = self.begin("--config", self.path("firedrill.cfg"),
                                       preexec_fn=lambda: os.chdir(here))
        os.rmdir(here)
        os.kill(guardian, signal.SIGKILL)
        until("there is a new one", lambda: self.guardians() not in ([], [guardian]))
        [second] = self.guardians()
        self.assertLess(self.kill(process), BROKEN_S)
        self.assert_over(second)

    def test_hardly_any_environment(self):
        """No HOME, nothing that can be written by others, no standard files."""
        for name in ("PATH", "NO_COLOR"):
            del self.environment[name]
        process, guardian = self.begin(preexec_fn=lambda: (os.umask(0o777), os.closerange(0, 3)),
                                       stdin=None, stdout=None, stderr=None)
        self.assertLess(self.kill(process), BROKEN_S)
        self.assert_over(guardian)


class Readers(HostileCase):
    """Whoever is to read what firedrill prints does not."""

    def two_drills(self):
        """One that is over at once, and one whose fault is in place for long."""
        self.second = small_case.Target(self.chat)
        self.addCleanup(self.second.stop)
        self.second.alerts = False
        self.target.alerts = True
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text.replace(
            "environments = {", f'environments = {{ other = {{ variables = {{ api = '
            f'"{self.second.url}"; }}; }}; '))
        self.scenario(within="50s", resolved=None, runs_in="staging = { }; other = { };")

    def test_a_full_pipe_does_not_keep_a_fault_in_place(self):
        self.two_drills()
        there, here = os.pipe()
        self.addCleanup(os.close, there)
        self.addCleanup(os.close, here)
        size = fcntl.fcntl(here, fcntl.F_SETPIPE_SZ, 4096)  # a page, whatever that is here
        os.write(here, b"x" * size)
        self.popen = {"stdout": here, "stderr": subprocess.DEVNULL}
        process = self.start("run", "bad-queue", "--env", "staging", "--env", "other", "--json")
        self.popen = {}
        self.addCleanup(self.end, process)
        until("both ran", lambda: self.second.value != "orders" and "PUT" in self.target.calls
              and self.target.value == "orders")
        later(3)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        until("the fault is put right", lambda: self.second.value == "orders")
        self.assertLess(time.monotonic() - began, BROKEN_S)
        until("all is put right", self.all_clean)
        os.set_blocking(there, False)
        said = bytearray()

        def read_all():
            with contextlib.suppress(BlockingIOError):
                said.extend(os.read(there, 4096))
            return process.poll() is not None and said.count(b"\n") == 2
        until("both reports are there", read_all)
        reports = [json.loads(line) for line in said.lstrip(b"x").splitlines()]
        self.assertEqual({report["verdict"] for report in reports}, {"pass", "aborted"})

    def all_clean(self):
        with contextlib.closing(sqlite3.connect(
                f"file:{self.path('firedrill.db')}?mode=ro", uri=True)) as ledger:
            return not ledger.execute(
                "SELECT 1 FROM fault WHERE state <> 'clean'").fetchall()

    @staticmethod
    def fill_nearly(ours, theirs):
        """Leaves a terminal room for part of a report.  How much one takes differs from one to
        the next, and what it took moves on behind the scenes: so to the brim, and a little back."""
        terminal = os.open(os.ttyname(theirs), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)

        def takes_more():
            try:
                return os.write(terminal, b"x" * 64) > 0
            except BlockingIOError:
                return False
        while takes_more():
            until("it takes nothing", lambda: not takes_more())
            later(0.2)
        until("there is a little room", lambda: os.read(ours, 64) and takes_more())
        os.close(terminal)

    def test_a_terminal_that_is_nearly_full_does_not_keep_a_fault_in_place(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        self.fill_nearly(ours, theirs)
        self.environment["TERM"] = "xterm"
        process, _ = self.begin(stdout=theirs, stderr=subprocess.DEVNULL)
        later(3)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        until("the fault is put right", lambda: self.target.value == "orders")
        self.assertLess(time.monotonic() - began, BROKEN_S)
        self.end(process)

    def test_a_terminal_that_stops_background_jobs_does_not_stop_a_drill(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        self.environment["TERM"] = "xterm"

        def lead():
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        shell = subprocess.Popen(
            ["sh", "-c", f"stty tostop; set -m; {small_case.FIREDRILL} run bad-queue "
             "--env staging & echo $! >job; wait"], cwd=self.folder, env=self.environment,
            stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=lead)
        self.addCleanup(self.end, shell)
        until("the fault is in place", lambda: self.target.value != "orders")
        until("its number is there", lambda: self.number("job") > 1)
        job = self.number("job")
        os.kill(job, signal.SIGTERM)
        until("the fault is put right", lambda: self.target.value == "orders")
        until("it ends", lambda: not is_alive(job))


class Ledger(HostileCase):
    """Whatever becomes of the ledger while a fault is in place."""

    def remove_ledger(self):
        for name in os.listdir(self.folder):
            if name.startswith("firedrill.db"):
                os.unlink(self.path(name))

    def test_a_ledger_that_is_removed_ends_the_drill(self):
        process, _ = self.begin()
        self.remove_ledger()
        began = time.monotonic()
        until("the fault is put right", lambda: self.target.value == "orders")
        self.assertLess(time.monotonic() - began, BROKEN_S)
        result = self.finish(process)
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assert_says(result, ["moved or removed"])
        until("the guardian ends", lambda: not self.guardians())

    def test_a_ledger_that_is_removed_before_a_death_is_told(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        self.remove_ledger()
        process.kill()
        until("people are told", self.raised)
        self.assertIn(self.drill, self.raised()[0])
        until("the guardian ends", lambda: not is_alive(guardian))

    def test_another_ledger_in_its_place_before_a_death_is_told(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        self.remove_ledger()
        self.assertEqual(self.firedrill("status").code, PASS)
        process.kill()
        until("people are told", self.raised)
        self.assertIn(self.drill, self.raised()[0])
        until("the guardian ends", lambda: not is_alive(guardian))

    def test_a_copy_of_the_ledger_in_its_place_serves_as_well(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        for name in [name for name in os.listdir(self.folder) if name.startswith("firedrill.db")]:
            if name.endswith("-locks"):
                continue
            shutil.copy(self.path(name), self.path("copy"))
            os.unlink(self.path(name))
            shutil.copy(self.path("copy"), self.path(name))
        self.assertLess(self.kill(process), BROKEN_S)
        until("the guardian ends", lambda: not is_alive(guardian))

    def test_a_state_that_is_renamed_in_the_configuration_is_not_taken_for_this_one(self):
        """A guardian that is started anew meanwhile would look at a ledger where nothing is."""
        process, first = self.begin()
        self.configure(state="another.db")
        os.kill(first, signal.SIGKILL)
        until("the guardian is gone", lambda: not is_alive(first))
        until("there is a new one, or the drill ends",
              lambda: self.guardians() or self.target.value == "orders")
        later(1)
        process.kill()
        until("the fault is put right", lambda: self.target.value == "orders")

    def test_a_ledger_that_somebody_writes_for_ever_does_not_keep_a_fault_in_place(self):
        process, guardian = self.begin()
        other = sqlite3.connect(self.path("firedrill.db"), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        halted = self.firedrill("halt", "--reason", "x")
        self.assertNotEqual(halted.code, PASS, halted)
        self.assertLess(self.kill(process), BROKEN_S)
        other.execute("ROLLBACK")
        os.kill(guardian, signal.SIGUSR1)
        self.assert_over(guardian)

    def test_a_ledger_that_is_damaged_is_told_by_the_alarm(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        for name in ("firedrill.db", "firedrill.db-wal"):
            with open(self.path(name), "r+b") as file:
                size = os.path.getsize(self.path(name))
                file.write(b"\xff" * size)
        process.kill()
        until("people are told", self.raised)
        self.assertTrue(is_alive(guardian))

    def test_a_recipe_that_is_damaged_is_stuck_until_it_is_whole(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(self.path("firedrill.db"))) as ledger:
            [[recipe]] = ledger.execute("SELECT recipe FROM fault").fetchall()
            for bad in ("", "{", '{"via":"http"}', recipe[:-20]):
                ledger.execute("UPDATE fault SET recipe = ?", (bad,))
                ledger.commit()
            process.kill()
            until("people are told", self.raised)
            self.assertEqual(self.state(), "stuck")
            ledger.execute("UPDATE fault SET recipe = ?", (recipe,))
            ledger.commit()
        os.kill(guardian, signal.SIGUSR1)
        self.assert_over(guardian)

    def test_a_locks_file_that_is_removed_harms_nothing(self):
        process, guardian = self.begin()
        os.unlink(self.path("firedrill.db-locks"))
        self.firedrill("revert", "--all")
        self.assertLess(self.kill(process), BROKEN_S)
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assert_no_fault()


class Deaths(HostileCase):
    def test_a_guardian_that_is_stopped_is_waited_for_and_puts_it_right_when_it_goes_on(self):
        process, guardian = self.begin()
        os.kill(guardian, signal.SIGSTOP)
        process.kill()
        process.wait()
        self.assertEqual(self.firedrill("status").code, FAULT_LEFT)
        revert = self.start("revert", "--all")
        self.addCleanup(self.end, revert)
        until("it says that it waits", lambda: f"another firedrill tries with {self.drill}"
              .encode() in revert.stderr.readline())
        self.assertNotEqual(self.target.value, "orders")
        os.kill(guardian, signal.SIGCONT)
        result = self.finish(revert)
        self.assertEqual((result.code, self.target.value), (PASS, "orders"), result)
        self.assert_over(guardian)

    def test_a_run_while_a_guardian_looks_once_more_waits_for_it(self):
        self.target.wrong = lambda verb, count: "done, but hangs" if verb == "PUT" else None
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the fault is in place", lambda: self.target.value != "orders")
        self.mend()
        self.assertLess(self.kill(process), BROKEN_S)
        self.target.alerts = True
        self.scenario()
        result = self.run_drill()
        self.assert_passes(result)

    def test_terminal_that_hangs_up(self):
        ours, theirs = pty.openpty()
        self.environment["TERM"] = "xterm"
        process, guardian = self.begin(stdin=theirs, stdout=theirs, stderr=theirs,
                                       start_new_session=True)
        os.close(theirs)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        until("the fault is put right", lambda: self.target.value == "orders")
        self.assertEqual(process.wait(PATIENCE_S), ABORTED)
        self.assert_over(guardian)

    def test_all_processes_of_a_cgroup_are_asked_to_end(self):
        process, guardian = self.begin()
        os.kill(guardian, signal.SIGTERM)
        self.assertLess(self.kill(process, signal.SIGTERM), BROKEN_S)
        self.assertEqual(self.finish_late(process).code, ABORTED)
        self.assert_over(guardian)

    def test_a_chat_that_hangs_does_not_keep_a_fault_in_place(self):
        self.timeout = "3s"
        self.configure()
        process, guardian = self.begin()
        self.chat.control("wrong", hang=True)
        self.assertLess(self.kill(process, signal.SIGTERM), BROKEN_S)
        self.finish_late(process)
        self.chat.behave()
        until("the guardian ends", lambda: not is_alive(guardian))

    def test_a_secret_that_is_gone_and_comes_back(self):
        self.scenario(FAULT.replace('body = "${original}";', 'body = "${original}"; '
                                    'headers = { Authorization = "env:KEY"; };'),
                      within="30s", resolved=None)
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        os.kill(guardian, signal.SIGKILL)
        process.kill()
        process.wait()
        key = self.environment.pop("KEY")
        result = self.firedrill("revert", "--all")
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assert_says(result, ["KEY", "not set"])
        self.assertNotEqual(self.target.value, "orders")
        self.environment["KEY"] = key
        result = self.firedrill("revert", "--all")
        self.assertEqual(result.code, PASS, result)
        self.assert_no_fault(result)


class Processes(HostileCase):
    """What a fault starts."""

    def start_process_fault(self, command):
        self.scenario(fault=f"""
  kind = "missing-env";  via = "process";  hold_at_most = "1m";
  command = [ "sh", "-c", "{command}" ];  unset = [ "X" ];
""", within="30s", resolved=None)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("it runs", lambda: self.number("pid") > 1)
        pid = self.number("pid")
        self.addCleanup(lambda: is_alive(pid) and os.kill(pid, signal.SIGKILL))
        return process, pid

    def test_a_copy_that_becomes_a_daemon_ends(self):
        process, pid = self.start_process_fault(
            f"setsid sh -c 'trap : TERM HUP; echo $$ >{self.path('pid')}; while :; do sleep 1; "
            "done' >/dev/null 2>&1 & exit 1")
        process.kill()
        until("it ends", lambda: not is_alive(pid))
        until("the guardian ends", lambda: not self.guardians())
        self.assert_no_fault()

    def test_a_copy_that_is_stopped_ends(self):
        process, pid = self.start_process_fault(f"echo $$ >{self.path('pid')}; kill -STOP $$")
        process.send_signal(signal.SIGTERM)
        until("it ends", lambda: not is_alive(pid))
        self.assertEqual(self.finish(process).code, ABORTED)
        self.assert_no_fault()

    def test_an_inject_that_goes_on_behind_us_does_not_land_after_a_death(self):
        behind = (f"trap : TERM HUP; echo $$ >{self.path('pid')}; sleep 3; "
                  f"touch {self.path('broken')}; sleep 100")
        self.scenario(fault=f"""
  kind = "missing-env";  via = "exec";  hold_at_most = "1m";
  inject = [ "sh", "-c", "trap : TERM; setsid sh -c '{behind}' >/dev/null 2>&1 & sleep 100" ];
  witness = [ "true" ];
  revert = [ "rm", "-f", "{self.path('broken')}" ];
  confirm = [ "test", "!", "-e", "{self.path('broken')}" ];
""", within="30s", resolved=None)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("it runs", lambda: self.number("pid") > 1)
        pid = self.number("pid")
        process.kill()
        until("it ends", lambda: not is_alive(pid))
        until("the guardian ends", lambda: not self.guardians())
        self.assertFalse(os.path.exists(self.path("broken")))
        self.assert_no_fault()

    def test_a_chat_that_hangs_while_it_is_announced_does_not_hold_up_a_signal(self):
        self.timeout = "500ms"
        self.configure()
        self.chat.control("wrong", method="chat.postMessage", hang=True)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the guardian is there", self.guardians)
        later(1)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        self.assertIn(self.finish(process).code, (ABORTED, small_case.INCONCLUSIVE))
        self.assertLess(time.monotonic() - began, BROKEN_S)
        self.chat.behave()
        self.assertNotIn("PUT", self.target.calls)


class Services(HostileCase):
    def test_a_service_that_the_revert_started_is_not_killed_when_it_is_tried_again(self):
        """As on a machine where `service orders start` leaves the service behind."""
        pids, good = self.path("pids"), self.path("good")
        start = f"sleep 600 >/dev/null 2>&1 & echo $! >>{pids}"
        self.scenario(fault=f"""
  kind = "missing-env";  via = "exec";  hold_at_most = "1m";
  inject = [ "sh", "-c", "touch {self.path('in')}; sleep 600" ];
  witness = [ "true" ];
  revert = [ "sh", "-c", "{start}" ];
  confirm = [ "test", "-e", "{good}" ];
""", within="30s", resolved=None)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("it is being broken", lambda: os.path.exists(self.path("in")))
        process.send_signal(signal.SIGSTOP)
        [guardian] = self.guardians()
        process.kill()
        until("people are told", self.raised)
        with open(pids, encoding="ascii") as file:
            started = [int(line) for line in file]
        for pid in started:
            self.addCleanup(lambda pid=pid: is_alive(pid) and os.kill(pid, signal.SIGKILL))
        self.assertTrue(all(is_alive(pid) for pid in started))
        with open(good, "w", encoding="ascii"):
            pass
        os.kill(guardian, signal.SIGUSR1)
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assertTrue(all(is_alive(pid) for pid in started))


if __name__ == "__main__":
    sys.exit(small_case.main())

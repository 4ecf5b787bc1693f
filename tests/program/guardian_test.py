"""The guardian, with the real program: whatever happens to firedrill, the fault goes, people are
told, and nothing of ours stays behind.

usage: guardian_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import os
import re
import shutil
import signal
import sqlite3
import sys
import time

import small_case
from small_case import ABORTED, FAULT_LEFT, PASS, PATIENCE_S, until

PROMISED_S = 5.0   # from firedrill's death to the end of the fault
SLACK_S = 25.0     # what a busy machine may add to it
RUNNING = "running"
PUT_RIGHT = "ABORTED, put right"
PUT_RIGHT_LATE = "put right late: "
NOT_REVERTED = "FAULT NOT REVERTED"

# A service that dies without its variable, and leaves a process behind that nobody waits for.
PROCESS = """
  kind = "missing-env";  via = "process";  hold_at_most = "1m";
  command = [ "sh", "-c", "sleep 600 & echo FATAL no DATABASE_URL; exit 1" ];
  unset = [ "DATABASE_URL" ];
"""


def is_alive(pid):
    """A process that runs; one that waits for its parent to look is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def marked(drill):
    """The processes of a drill."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if f"FIREDRILL_DRILL={drill}".encode() in file.read().split(b"\0"):
                    found.append(int(pid))
        except OSError:
            pass
    return [pid for pid in found if is_alive(pid)]


class Case(small_case.Case):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.assert_no_mistake)
        self.addCleanup(self.end_guardians)
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):  # a guardian's stderr is nowhere
            given = self.environment.get(name)
            self.environment[name] = (f"{given}:" if given else "") + \
                f"log_path={self.path('sanitizer')}"
        self.target.alerts = False  # so that a drill waits, with its fault in place
        self.scenario(within="30s", resolved=None)
        self.alarms = self.path("alarms")
        self.configure()

    def configure(self, more="", **settings):
        alarms = self.path("alarms")
        script = f"printf '%s\\\\n' \\\"$FIREDRILL_ALARM\\\" >>{alarms}"
        super().configure(more=f"""
report = {{ chat = "slack"; channel = "#drills"; }};
alarm = {{ command = [ "sh", "-c", "{script}" ]; }};
{more}""", **settings)

    def assert_no_mistake(self):
        """What a sanitizer had to say, in a build with one."""
        for name in os.listdir(self.folder):
            if name.startswith("sanitizer"):
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    self.fail(file.read())

    def begin(self, *arguments, **popen):
        """A drill whose fault is in place: firedrill's process and its guardian's."""
        self.popen = popen
        process = self.start("run", "bad-queue", "--env", "staging", *arguments)
        self.popen = {}
        self.addCleanup(self.end, process)
        until("the fault is in place", lambda: self.target.value != "orders")
        self.drill = self.target.value.removeprefix("orders-")
        until("it is written down", lambda: self.state() == "injected")
        [guardian] = self.guardians()
        return process, guardian

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def state(self):
        with sqlite3.connect(f"file:{self.path('firedrill.db')}?mode=ro", uri=True) as ledger:
            rows = ledger.execute("SELECT state FROM fault WHERE drill = ?",
                                  (self.drill,)).fetchall()
        ledger.close()
        return rows[0][0] if rows else None

    def raised(self):
        try:
            with open(self.alarms, encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def said(self, words, channel="ops"):
        return any(words in text for text in self.chat.texts(channel))

    def kill(self, process, number=signal.SIGKILL):
        """The time it takes until the fault is gone."""
        began = time.monotonic()
        process.send_signal(number)
        until("the fault is put right", lambda: self.target.value == "orders")
        return time.monotonic() - began

    def assert_quick(self, took_s, since=""):
        sys.stdout.write(f"        {self.id().rpartition('.')[2]}: {took_s:.2f} s{since}\n")
        self.assertLess(took_s, PROMISED_S + SLACK_S)

    def assert_over(self, guardian):
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assertEqual(self.guardians(), [])
        self.assertEqual(self.state(), "clean")
        self.assert_no_fault()

    def break_for_good(self):
        """The target cannot be put right until it is mended."""
        self.target.wrong = lambda verb, count: (500, "out of order")

    def mend(self):
        self.target.wrong = lambda verb, count: None

    def leave_stuck(self):
        """firedrill dies, and its guardian cannot put the fault right."""
        process, guardian = self.begin()
        self.break_for_good()
        process.kill()
        until("people are told", lambda: self.raised() and self.said(NOT_REVERTED))
        self.assertEqual(self.state(), "stuck")
        self.assertTrue(is_alive(guardian))
        return guardian


class Death(Case):
    def test_killed_while_an_http_fault_is_in_place(self):
        process, guardian = self.begin()
        self.assertTrue(self.said(RUNNING))
        self.assert_quick(self.kill(process))
        self.assert_over(guardian)
        [message] = [text for text in self.chat.texts() if self.drill in text]
        self.assertIn(PUT_RIGHT, message)
        self.assertIn("firedrill died during this drill; the guardian put it right", message)
        self.assertNotIn(RUNNING, message)
        [report] = [text for text in self.chat.texts("drills") if PUT_RIGHT in text]
        self.assertIn(self.drill, report)
        self.assertEqual(self.raised(), [])  # nothing stays, so nobody is woken

    def test_killed_the_next_one_writes_it_into_the_history_once(self):
        process, guardian = self.begin()
        self.kill(process)
        self.assert_over(guardian)
        killed = self.drill
        self.target.alerts = True
        for _ in range(2):
            self.assertEqual(self.run_drill().code, PASS)
        aborted = self.firedrill("history", "--json", "--verdict", "aborted").reports
        self.assertEqual([drill["drill"] for drill in aborted], [killed])
        self.assertEqual((aborted[0]["exit_code"], aborted[0]["fault"]["state"],
                          aborted[0]["expectations"]), (6, "clean", []), aborted)
        self.assertIn("ended before it could write", aborted[0]["text"])
        told = self.firedrill("report", killed, "--html", self.path("page.html"))
        self.assertEqual((told.code, told.err), (PASS, ""), told)
        with open(self.path("page.html"), encoding="utf-8") as file:
            self.assertIn("its fault was put right", file.read())
        told = self.firedrill("report", killed)
        self.assert_says(told, ["ABORTED", "its fault was put right", "clean"])
        told = self.firedrill("report", "--since", "1d", "--junit", self.path("all.xml"))
        self.assertEqual(told.code, PASS, told)
        with open(self.path("all.xml"), encoding="utf-8") as file:
            self.assertIn(f"{killed} aborted: ", file.read())
        self.assertEqual(len([text for text in self.chat.texts() if killed in text]), 1)

    def test_killed_while_a_process_fault_is_in_place(self):
        self.scenario(fault=PROCESS, within="30s", resolved=None)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the drill is announced", lambda: self.said("fd-"))
        self.drill = re.search(r"fd-[a-z0-9]{8}", self.chat.texts()[0]).group()
        until("its process runs", lambda: marked(self.drill))
        until("it is written down", lambda: self.state() == "injected")
        [guardian] = self.guardians()
        began = time.monotonic()
        process.kill()
        until("its processes end", lambda: not marked(self.drill))
        self.assert_quick(time.monotonic() - began)
        self.assert_over(guardian)

    def test_died_of_a_bug(self):
        process, guardian = self.begin()
        self.assert_quick(self.kill(process, signal.SIGABRT))
        self.assert_over(guardian)

    def test_killed_with_the_configuration_gone_and_the_scenario_changed(self):
        process, guardian = self.begin()
        shutil.rmtree(self.path("scenarios"))
        os.unlink(self.path("firedrill.cfg"))
        self.assert_quick(self.kill(process))
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assertEqual(self.state(), "clean")
        self.assertTrue(self.said(PUT_RIGHT))

    def test_killed_while_the_chat_is_down_for_a_moment(self):
        process, guardian = self.begin()
        self.chat.control("wrong", method="chat.update", status=503)
        self.assert_quick(self.kill(process))
        until("the ledger knows", lambda: self.state() == "clean")
        self.assertTrue(self.said(RUNNING))
        self.chat.behave()
        until("the message is edited", lambda: self.said(PUT_RIGHT))
        self.assert_over(guardian)

    def test_killed_before_anything_was_broken(self):
        self.target.wrong = lambda verb, count: "hangs"  # the very first look at the target
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the target is asked", lambda: self.target.calls)
        [guardian] = self.guardians()
        process.kill()
        until("the guardian ends", lambda: not is_alive(guardian))
        self.mend()
        self.assert_no_fault()
        self.assertNotIn("PUT", self.target.calls)

    def test_killed_while_the_target_is_slow_to_break(self):
        self.target.wrong = lambda verb, count: "done, but hangs" if verb == "PUT" else None
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the fault is in place", lambda: self.target.value != "orders")
        self.drill = self.target.value.removeprefix("orders-")
        [guardian] = self.guardians()
        self.mend()
        self.assert_quick(self.kill(process))
        # Nobody saw the end of it, so it is looked at once more later on.
        self.target.value = f"orders-{self.drill}"
        until("it is put right again", lambda: self.target.value == "orders")
        self.assert_over(guardian)

    def test_while_it_is_being_put_right_a_fault_counts_as_left(self):
        """Within its lease, too: the drill that had it in place is dead."""
        process, guardian = self.begin()
        self.assertEqual(self.firedrill("status").code, PASS)
        self.target.wrong = lambda verb, count: "hangs" if verb == "PUT" else None
        process.kill()
        process.wait()
        told = self.firedrill("status", "--json")
        self.assertEqual((told.code, told.reports[0]["faults"][0]["standing"]),
                         (FAULT_LEFT, "settling"), told)
        self.assertIn("a firedrill is putting it right", self.firedrill("status").out)
        self.mend()
        self.assert_over(guardian)

    def test_killed_together_with_its_guardian(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)  # so that it cannot start another one meanwhile
        os.kill(guardian, signal.SIGKILL)
        process.kill()
        process.wait()
        until("both are gone", lambda: not is_alive(guardian))
        self.assertEqual(self.guardians(), [])
        self.assertEqual(self.target.value, f"orders-{self.drill}")
        result = self.firedrill("revert", "--all")
        self.assertEqual(result.code, PASS, result)
        self.assert_no_fault(result)


class Hang(Case):
    def test_stopped_until_its_lease_is_over(self):
        fault = small_case.FAULT.replace('"1m"', '"3s"')
        self.scenario(fault=fault, within="2s", resolved=None)
        self.target.broken = lambda: process.send_signal(signal.SIGSTOP)
        process = self.start("run", "bad-queue", "--env", "staging")
        self.addCleanup(self.end, process)
        until("the fault is in place", lambda: self.target.value != "orders")
        self.drill = self.target.value.removeprefix("orders-")
        [guardian] = self.guardians()
        until("it is killed", lambda: process.poll() is not None)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        began = time.monotonic()
        until("the fault is put right", lambda: self.target.value == "orders")
        self.assert_quick(time.monotonic() - began, " after it was killed")
        self.assert_over(guardian)
        self.assertTrue(self.said(PUT_RIGHT))

    def test_stopped_for_a_moment_only(self):
        process, guardian = self.begin()
        process.send_signal(signal.SIGSTOP)
        end = time.monotonic() + 7
        until("its guardian's patience is over", lambda: time.monotonic() > end)
        self.assertTrue(is_alive(process.pid))
        self.assertNotEqual(self.target.value, "orders")
        process.send_signal(signal.SIGCONT)
        process.terminate()
        result = self.finish(process)
        self.assertIn(result.code, (ABORTED, small_case.INCONCLUSIVE), result)
        self.assert_over(guardian)


class Life(Case):
    def test_a_drill_that_ends_leaves_no_guardian(self):
        self.target.alerts = True
        self.scenario()
        self.assert_passes(self.run_drill())
        self.assertEqual(self.guardians(), [])
        self.assertFalse(self.said(PUT_RIGHT, "drills"))

    def test_a_guardian_that_is_killed_is_followed_by_one_that_works(self):
        process, first = self.begin()
        began = time.monotonic()
        os.kill(first, signal.SIGKILL)
        until("there is a new one", lambda: self.guardians() not in ([], [first]))
        took_s = time.monotonic() - began
        sys.stdout.write(f"        a new guardian after {took_s:.2f} s\n")
        [second] = self.guardians()
        self.assert_quick(self.kill(process))
        self.assert_over(second)

    def test_a_program_file_that_is_gone_still_gives_a_guardian(self):
        """As when a new version is installed during a drill."""
        program = self.path("firedrill")
        shutil.copy(small_case.FIREDRILL, program)
        process, first = self.begin(executable=program)
        os.unlink(program)
        os.kill(first, signal.SIGKILL)
        until("there is a new one", lambda: self.guardians() not in ([], [first]))
        [second] = self.guardians()
        self.assert_quick(self.kill(process))
        self.assert_over(second)

    def test_ctrl_c_reaches_firedrill_and_not_its_guardian(self):
        process, guardian = self.begin("--json", start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.code, ABORTED, result)
        self.assertEqual(self.guardians(), [])
        self.assert_over(guardian)
        self.assertFalse(self.said(PUT_RIGHT))  # it was firedrill itself

    def test_signals_to_the_guardian_do_not_end_it(self):
        process, guardian = self.begin()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            os.kill(guardian, number)
        self.assert_quick(self.kill(process))
        self.assert_over(guardian)

    def test_it_is_started_by_nobody_else(self):
        result = self.firedrill("guardian")
        self.assertEqual(result.code, small_case.USAGE, result)
        self.assertIn("started by `firedrill run` itself", result.err)
        self.assertNotIn("guardian", self.firedrill("help").out.split("usage")[1].split("Exit")[0])


class Keeper(Case):
    def test_a_target_that_returns_is_put_right_and_people_are_told_twice(self):
        guardian = self.leave_stuck()
        self.assertIn(f"firedrill revert {self.drill}", self.raised()[0])
        self.mend()
        os.kill(guardian, signal.SIGUSR1)
        self.assert_over(guardian)
        self.assertEqual(self.target.value, "orders")
        self.assertTrue(self.said(PUT_RIGHT_LATE))
        self.assertFalse(self.said(NOT_REVERTED))
        self.assertTrue(self.said(NOT_REVERTED, "drills"))
        self.assertTrue(self.said(PUT_RIGHT_LATE, "drills"))
        self.assertEqual(len(self.raised()), 2, self.raised())
        self.assertIn("put it right", self.raised()[1])

    def test_the_pipes_of_a_caller_end_with_firedrill(self):
        process, guardian = self.begin()
        self.break_for_good()
        process.kill()
        process.communicate(timeout=PATIENCE_S)  # would wait for whoever holds a pipe
        self.assertTrue(is_alive(guardian))

    def test_one_that_firedrill_itself_could_not_put_right_is_kept(self):
        process, guardian = self.begin("--json")
        self.break_for_good()
        process.terminate()
        result = self.finish(process)
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assertTrue(is_alive(guardian))
        told = len(self.raised())
        self.assertRegex(self.raised()[0], r"NOT REVERTED: drill fd-.*: [A-Z]+ http://.*\. Look at")
        self.mend()
        os.kill(guardian, signal.SIGUSR1)
        self.assert_over(guardian)
        self.assertEqual(len(self.raised()), told + 1, self.raised())
        self.assertIn("put it right", self.raised()[-1])

    def test_one_that_is_set_aside_is_let_go(self):
        guardian = self.leave_stuck()
        result = self.firedrill("ack", self.drill, "--reason", "the target is gone for good")
        self.assertEqual(result.code, PASS, result)
        os.kill(guardian, signal.SIGUSR1)
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assertEqual(self.state(), "stuck")
        self.assertNotEqual(self.target.value, "orders")

    def test_one_that_a_person_puts_right_is_let_go(self):
        guardian = self.leave_stuck()
        self.mend()
        result = self.firedrill("revert", self.drill)
        self.assertEqual(result.code, PASS, result)
        os.kill(guardian, signal.SIGUSR1)
        self.assert_over(guardian)

    def test_a_ledger_that_is_deleted_ends_it(self):
        guardian = self.leave_stuck()
        for name in os.listdir(self.folder):
            if name.startswith("firedrill.db"):
                os.unlink(self.path(name))
        os.kill(guardian, signal.SIGUSR1)
        until("the guardian ends", lambda: not is_alive(guardian))
        self.assertIn("ledger", self.raised()[-1])
        self.assertFalse(os.path.exists(self.path("firedrill.db")))

    def test_of_two_one_goes_on_for_both(self):
        first = self.leave_stuck()
        stuck = self.drill
        other = small_case.Target(self.chat)
        self.addCleanup(other.stop)
        other.alerts = False
        with open(self.path("firedrill.cfg"), "rb") as file:
            config = file.read().decode()
        self.write("firedrill.cfg", config.replace(
            "environments = {", f'environments = {{ other = {{ variables = {{ api = "{other.url}"; }}; }};'))
        self.scenario(within="30s", resolved=None, runs_in="staging = { }; other = { };")
        process = self.start("run", "bad-queue", "--env", "other")
        self.addCleanup(self.end, process)
        until("the other fault is in place", lambda: other.value != "orders")
        self.drill = other.value.removeprefix("orders-")
        until("it is written down", lambda: self.state() == "injected")
        [second] = [pid for pid in self.guardians() if pid != first]
        other.wrong = lambda verb, count: (500, "out of order")
        process.kill()
        until("the second one leaves it to the first", lambda: not is_alive(second))
        self.assertEqual(self.guardians(), [first])
        other.wrong = lambda verb, count: None
        self.mend()
        os.kill(first, signal.SIGUSR1)
        self.assert_over(first)
        self.drill = stuck
        self.assertEqual(self.state(), "clean")
        self.assertEqual((self.target.value, other.value), ("orders", "orders"))


if __name__ == "__main__":
    sys.exit(small_case.main())

"""status, revert, ack, halt and resume, and several firedrills at once, with the real programs."""
import contextlib
import os
import re
import signal
import sqlite3
import sys

import small_case
from small_case import ABORTED, FAULT, FAULT_LEFT, PASS, REFUSED, USAGE, Case, Target, until

REPORTS = 'report = { chat = "slack"; channel = "#drills"; };'
SLACK_TOKEN = "xoxb-" + "1234567890-" * 2 + "abcdefGHIJKLmnopQRSTuvwx"  # of nobody
REASON = "deploy of the orders API"
WHO = r"\S+@\S+"


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


class SafetyCase(Case):
    def setUp(self):
        super().setUp()
        self.configure(more=REPORTS)

    def start_drill(self, environment="staging", target=None):
        """A drill that has its fault in place and waits for an alert that does not come."""
        target = target or self.target
        target.alerts = False
        self.scenario_that_waits()
        process = self.start("run", "bad-queue", "--env", environment, "--json")
        until("the fault is in place", lambda: self.is_injected(process))
        return process

    def is_injected(self, process):
        """Seen by firedrill, too: else it would wait for what may land later."""
        if process.poll() is not None:
            self.fail(f"the drill ended too soon\n{self.finish(process)}")
        return "injected" in (fault["state"] for fault in self.status()["faults"])

    def scenario_that_waits(self, runs_in="staging = { };"):
        self.scenario(within="50s", resolved="", runs_in=runs_in)

    def leave_a_fault(self):
        """As after a power cut: the drill and its guardian are gone at once."""
        process = self.start_drill()
        process.send_signal(signal.SIGSTOP)
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
        process.kill()
        self.finish(process)
        self.target.alerts = True
        return self.status()["faults"][0]["drill"]

    def get_stuck(self):
        """A drill whose target somebody else changes meanwhile: that is not overwritten."""
        self.target.broken = lambda: setattr(self.target, "value", "of-somebody-else")
        self.target.alerts = False
        self.scenario(FAULT.replace('confirm =', 'witness = { url = "${api}/switch"; }; confirm ='),
                      within="300ms", resolved="")
        result = self.run_drill()
        self.target.broken = lambda: None
        self.assertEqual(result.code, FAULT_LEFT, result)
        return result, result.reports[0]["drill"]

    def status(self, code=None):
        result = self.firedrill("status", "--json")
        self.assertEqual(len(result.reports), 1, result)
        self.assertEqual(result.code, result.reports[0]["exit_code"], result)
        if code is not None:
            self.assertEqual(result.code, code, result)
        return result.reports[0]

    def halt(self, reason=REASON):
        result = self.firedrill("halt", "--reason", reason)
        self.assertRegex(result.out, f"halted by {WHO}: {re.escape(reason)}", result)
        return result

    def assert_told(self, *words, channel="drills"):
        said = "\n".join(self.chat.texts(channel))
        for word in words:
            self.assertRegex(said, word)


class Halt(SafetyCase):
    def test_a_drill_in_another_process_is_ended_and_its_fault_put_right(self):
        drill = self.start_drill()
        result = self.halt()
        self.assertEqual(result.code, PASS, result)
        self.assertEqual(self.target.value, "orders")
        ended = self.finish(drill)
        report = ended.reports[0]
        self.assertEqual((ended.code, report["verdict"]), (ABORTED, "aborted"), ended)
        self.assertRegex(report["text"], f"halted by {WHO}.*{REASON}")
        self.assertRegex(ended.err, f"halted by {WHO}: {REASON}")
        self.assert_told(f"firedrill was halted by {WHO}", REASON)

    def test_it_outlives_the_process_and_refuses_until_resume(self):
        self.assertEqual(self.halt().code, PASS)
        told = self.firedrill("status")
        self.assertEqual(told.code, PASS, told)
        self.assertRegex(told.out, f"(?s)HALTED by {WHO} .*: {REASON};.*no fault is in place")
        self.assertEqual(self.status(PASS)["halt"]["reason"], REASON)
        refused = self.run_drill()
        self.assert_drill(refused, REFUSED, "refused", None, "guard halt", REASON,
                          "firedrill resume")
        self.assertEqual(self.target.calls, [])
        resumed = self.firedrill("resume")
        self.assertEqual(resumed.code, PASS, resumed)
        self.assertRegex(resumed.out, f"resumed; it was halted by {WHO}: {REASON}")
        self.assert_told(f"firedrill was resumed by {WHO}", f"It was halted by {WHO}.*{REASON}")
        self.assertIsNone(self.status(PASS)["halt"])
        self.assert_passes(self.run_drill())

    def test_a_second_one_replaces_the_reason_and_tells_the_first(self):
        self.halt("the first reason")
        result = self.halt("the second reason")
        self.assertRegex(result.out, f"halted before, by {WHO}: the first reason")
        self.assertEqual(self.status(PASS)["halt"]["reason"], "the second reason")

    def test_it_settles_what_nobody_works_on(self):
        drill = self.leave_a_fault()
        result = self.halt()
        self.assertEqual(result.code, PASS, result)
        self.assertRegex(result.out, f"{drill}.*put it right")
        self.assertEqual(self.status(PASS)["faults"], [])
        self.assertEqual(self.target.value, "orders")

    def test_a_fault_that_stays_gives_3(self):
        self.leave_a_fault()
        self.target.wrong = lambda verb, n: (503, "busy") if verb == "PUT" else None
        result = self.halt()
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assert_says(result, ["FAULT NOT REVERTED", "a fault is left: see `firedrill status`"])

    def test_ctrl_c_ends_the_waiting_only(self):
        drill = self.start_drill()
        self.target.wrong = lambda verb, n: "hangs" if verb == "PUT" else None
        process = self.start("halt", "--reason", REASON)
        said = b""
        while b"waiting for" not in said:
            said += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assert_says(result, ["it stays halted"])
        self.target.wrong = lambda verb, n: None
        self.assertEqual(self.status()["halt"]["reason"], REASON)
        ended = self.finish(drill)
        self.assertEqual((ended.code, self.target.value), (ABORTED, "orders"), ended)

    def test_a_chat_that_is_down_holds_nothing_up(self):
        self.configure(more=REPORTS, timeout="500ms")
        self.chat.control("wrong", hang=True)
        result = self.halt()
        self.assertEqual(result.code, PASS, result)
        self.assert_says(result, ["nothing runs, and no fault is left", "could be told"])
        self.chat.behave()
        self.assertEqual(self.status(PASS)["halt"]["reason"], REASON)

    def test_without_a_report_channel_it_works_as_well(self):
        self.configure()
        self.assertEqual(self.halt().code, PASS)
        self.assertEqual(self.firedrill("resume").code, PASS)

    def test_a_mistake_in_a_scenario_is_not_in_its_way(self):
        self.leave_a_fault()
        self.write("scenarios/bad-queue.cfg", "this is no scenario")
        self.assertEqual(self.status(FAULT_LEFT)["faults"][0]["standing"], "left")
        result = self.halt()
        self.assertEqual((result.code, self.target.value), (PASS, "orders"), result)

    def test_resume_without_a_halt_says_so(self):
        result = self.firedrill("resume")
        self.assertEqual((result.code, result.out), (PASS, "it is not halted\n"), result)


class Ack(SafetyCase):
    def test_a_stuck_fault_blocks_until_it_is_set_aside(self):
        result, drill = self.get_stuck()
        self.assert_says(result, [f"firedrill ack {drill} --reason", "the guardian .process"])
        fault = self.status(FAULT_LEFT)["faults"][0]
        self.assertEqual((fault["drill"], fault["ack"]), (drill, None))
        refused = self.run_drill()
        self.assertEqual(refused.reports[0]["verdict"], "refused", refused)
        self.assertRegex(refused.reports[0]["text"], "guard leftover")
        self.assertIn(refused.code, (FAULT_LEFT, REFUSED), refused)
        self.target.value = "of-a-person"  # who puts it right ...
        set_aside = self.firedrill("ack", drill, "--reason", "put right by hand")
        self.assertEqual(set_aside.code, PASS, set_aside)
        self.assertRegex(set_aside.out, rf"{drill} \(bad-queue in staging\) is set aside by {WHO}: put right by hand")
        self.assert_told(rf"the fault of {drill} \(bad-queue in staging\) was set aside by {WHO}",
                         "put right by hand")
        told = self.firedrill("status")
        self.assertEqual(told.code, PASS, told)
        self.assertRegex(told.out, f"set aside by {WHO} .* ago: put right by hand")
        self.assertEqual(self.status(PASS)["faults"][0]["standing"], "set-aside")
        self.target.value = "orders"
        self.target.alerts = True
        self.scenario()
        self.assertEqual(self.run_drill().code, PASS)  # ... and drills run again

    def test_revert_leaves_it_aside_unless_it_is_named(self):
        _, drill = self.get_stuck()
        self.assertEqual(self.firedrill("ack", drill, "--reason", "later").code, PASS)
        self.target.value = f"orders-{drill}"
        everything = self.firedrill("revert", "--all")
        self.assertEqual((everything.code, self.target.value), (PASS, f"orders-{drill}"),
                         everything)
        named = self.firedrill("revert", drill)
        self.assertEqual((named.code, self.target.value), (PASS, "orders"), named)
        self.assertEqual(self.status(PASS)["faults"], [])
        self.assert_told(drill, "by hand put it right")

    def test_only_what_is_stuck_can_be_set_aside(self):
        drill = self.leave_a_fault()
        result = self.firedrill("ack", drill, "--reason", "no time")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ["revert"])
        self.assertEqual(self.status(FAULT_LEFT)["faults"][0]["ack"], None)


class Revert(SafetyCase):
    def test_a_leftover_is_put_right_and_people_are_told_by_whom(self):
        drill = self.leave_a_fault()
        result = self.firedrill("revert", drill)
        self.assertEqual((result.code, self.target.value), (PASS, "orders"), result)
        self.assertRegex(result.out, f"{drill}.*{WHO} by hand put it right")
        self.assert_told(drill, f"{WHO} by hand put it right", channel="ops")

    def test_what_a_running_drill_has_in_place_is_left_to_it(self):
        process = self.start_drill()
        broken = self.target.value
        result = self.firedrill("revert", "--all")
        self.assertEqual((result.code, self.target.value), (FAULT_LEFT, broken), result)
        self.assert_says(result, ["another firedrill"])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process).code, ABORTED)
        self.assertEqual(self.firedrill("revert", "--all").out, "no fault is in place\n")

    def test_the_next_run_settles_it_first(self):
        drill = self.leave_a_fault()
        self.scenario()
        result = self.run_drill()
        self.assert_passes(result)
        self.assertRegex(result.err, f"{drill}.*put it right")
        self.assert_told(drill, "the next run put it right", channel="ops")


class Unreadable(SafetyCase):
    """A row of the ledger that this firedrill does not understand."""

    def setUp(self):
        super().setUp()
        alarms = self.path("alarms")
        self.configure(more=REPORTS + f"""
alarm = {{ command = [ "sh", "-c", "printf '%s\\n' \\"$FIREDRILL_ALARM\\" >>{alarms}" ]; }};""")
        self.drill = self.leave_a_fault()
        with contextlib.closing(sqlite3.connect(self.path("firedrill.db"))) as ledger:
            columns = [row[1] for row in ledger.execute("PRAGMA table_info(fault)")
                       if row[1] not in ("seq", "drill", "via")]
            ledger.execute(f"INSERT INTO fault (drill, via, {', '.join(columns)}) SELECT "
                           f"'fd-newer000', 'teleport', {', '.join(columns)} FROM fault")
            ledger.execute("UPDATE fault SET seq = -1 WHERE via = 'teleport'")  # it comes first
            ledger.commit()

    def test_it_keeps_no_other_fault_in_place_and_stays_loud(self):
        left = {fault["drill"]: fault for fault in self.status(FAULT_LEFT)["faults"]}
        self.assertEqual((left["fd-newer000"]["state"], left["fd-newer000"]["standing"]),
                         ("unreadable", "left"))
        self.assertIn("teleport", left["fd-newer000"]["note"])
        result = self.firedrill("revert", "--all")
        self.assertEqual((result.code, self.target.value), (FAULT_LEFT, "orders"), result)
        self.assertRegex(result.out, f"{self.drill}.*put it right")
        self.assert_says(result, ["FAULT NOT REVERTED.*fd-newer000"])
        with open(self.path("alarms"), encoding="utf-8") as file:
            self.assertIn("fd-newer000", file.read())
        self.assertEqual([f["drill"] for f in self.status(FAULT_LEFT)["faults"]], ["fd-newer000"])

    def test_it_blocks_until_a_person_sets_it_aside(self):
        self.scenario()
        refused = self.run_drill()
        self.assertEqual(refused.code, FAULT_LEFT, refused)
        self.assert_says(refused, ["fd-newer000 cannot be read", "firedrill ack fd-newer000"])
        self.assertEqual(self.target.value, "orders")
        aside = self.firedrill("ack", "fd-newer000", "--reason", "looked at the target")
        self.assertEqual(aside.code, PASS, aside)
        self.assertEqual([f["standing"] for f in self.status(PASS)["faults"]], ["set-aside"])
        self.assertEqual(self.run_drill().code, PASS)


class Status(SafetyCase):
    def test_a_running_drill_is_not_a_fault_that_is_left(self):
        process = self.start_drill()
        fault = self.status(PASS)["faults"][0]
        self.assertEqual((fault["standing"], fault["state"], fault["busy"]),
                         ("running", "injected", True))
        self.assertEqual((fault["scenario"], fault["environment"], fault["via"], fault["ack"]),
                         ("bad-queue", "staging", "http", None))
        self.assertIn("/switch", fault["target"])
        self.assertNotIn(fault["drill"], fault["target"])
        self.assertRegex(fault["lease"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        self.assertGreaterEqual(fault["age_ms"], 0)
        self.assertIn("its drill runs", self.firedrill("status").out)
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process).code, ABORTED)
        self.assertEqual(self.status(PASS), {"halt": None, "freezes": [], "faults": [],
                                             "daemon": None, "keeper": False, "exit_code": 0})

    def test_a_leftover_gives_3_in_words_and_json(self):
        drill = self.leave_a_fault()
        told = self.firedrill("status")
        self.assertEqual(told.code, FAULT_LEFT, told)
        self.assert_says(told, [drill, "nobody works on it", "firedrill revert --all"])
        self.assertEqual(self.status(FAULT_LEFT)["faults"][0]["standing"], "left")

    def test_a_freeze_file_shows_with_its_reason(self):
        self.configure(more=REPORTS + 'freeze = "frozen";')
        self.write("frozen", "release week\n")
        self.assertEqual([freeze["reason"] for freeze in self.status(PASS)["freezes"]],
                         ["release week"])
        refused = self.run_drill()
        self.assert_drill(refused, REFUSED, "refused", None, "guard freeze", "release week")

    def test_it_works_while_the_canaries_port_is_taken(self):
        port = self.target.server_port
        self.configure(more=f'{REPORTS} canary = {{ listen = "127.0.0.1:{port}"; }};')
        for verb in (["status"], ["revert", "--all"], ["halt", "--reason", "x"], ["resume"]):
            result = self.firedrill(*verb)
            self.assertEqual(result.code, PASS, result)

    def test_a_drill_that_needs_no_canary_runs_while_their_port_is_taken(self):
        port = self.target.server_port
        self.configure(more=f'{REPORTS} canary = {{ listen = "127.0.0.1:{port}"; }};')
        self.assert_passes(self.run_drill())

    def test_completion_offers_the_drills_and_makes_no_ledger(self):
        self.firedrill("completion-words", "revert")
        self.assertFalse(os.path.exists(self.path("firedrill.db")))
        drill = self.leave_a_fault()
        for verb in ("revert", "ack"):
            self.assertIn(drill, self.firedrill("completion-words", verb).out.split())

    def test_completion_offers_what_an_option_or_a_verb_takes(self):
        for words, offered in ((["run", "--env"], ["staging"]), (["halt", "--reason"], []),
                               (["run", "--config"], []), (["report", "--junit"], []),
                               (["serve", "--log-level"], ["error", "warn", "info", "debug"])):
            self.assertEqual(self.firedrill("completion-words", *words).out.split(), offered)
        self.scenario()
        words = self.firedrill("completion-words", "report").out.split()
        for word in ("last", "bad-queue", "--html", "--junit", "--since"):
            self.assertIn(word, words)
        self.assertIn("resume", self.firedrill("completion-words", "help").out.split())
        self.assertIn("zsh", self.firedrill("completion-words", "completion").out.split())


class Several(SafetyCase):
    def refused_by_lock(self, environment, *words):
        result = self.firedrill("run", "bad-queue", "--env", environment, "--json")
        self.assertEqual((result.code, result.reports[0]["verdict"]), (REFUSED, "refused"), result)
        self.assert_says(result, ["guard lock", *words])

    def environments(self, **targets):
        inside = " ".join(f'{name} = {{ variables = {{ api = "{target.url}"; }}; }};'
                          for name, target in targets.items())
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", re.sub(r"environments = .*\n", lambda _: f"environments = "
                                           f"{{ {inside} }};\n", text))

    def test_one_environment_has_one_drill_at_a_time_whatever_process_it_is_in(self):
        first = self.start_drill()
        self.refused_by_lock("staging", "staging", "firedrill status")
        self.assertIsNone(first.poll())
        first.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(first).code, ABORTED)
        self.target.alerts = True
        self.scenario()
        self.assert_passes(self.run_drill())

    def test_one_target_has_one_drill_at_a_time_whatever_environment_it_is_in(self):
        self.environments(staging=self.target, other=self.target)
        self.target.alerts = False
        self.scenario_that_waits(runs_in="staging = { }; other = { };")
        first = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        self.refused_by_lock("other", "/switch")
        first.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(first).code, ABORTED)

    def test_different_environments_run_at_once(self):
        second = Target(self.chat)
        self.addCleanup(second.stop)
        self.environments(staging=self.target, other=second)
        self.target.alerts = second.alerts = False
        self.scenario_that_waits(runs_in="staging = { }; other = { };")
        running = [self.start("run", "bad-queue", "--env", name, "--json")
                   for name in ("staging", "other")]
        until("both faults are in place",
              lambda: "orders" not in (self.target.value, second.value))
        self.assertEqual({fault["standing"] for fault in self.status(PASS)["faults"]}, {"running"})
        self.assertEqual(self.halt().code, PASS)
        self.assertEqual([self.finish(process).code for process in running], [ABORTED] * 2)
        self.assertEqual((self.target.value, second.value), ("orders", "orders"))


class Running(SafetyCase):
    def test_a_second_ctrl_c_says_that_the_guardian_would_finish_it(self):
        process = self.start_drill()
        self.target.wrong = lambda verb, n: "hangs" if verb == "PUT" else None
        process.send_signal(signal.SIGINT)
        until("it is being reverted", lambda: b" revert " in process.stderr.readline())
        process.send_signal(signal.SIGINT)
        until("it says so", lambda: b"still putting it right; the guardian" in
              process.stderr.readline())
        self.target.wrong = lambda verb, n: None
        result = self.finish(process)
        self.assertEqual((result.code, self.target.value), (ABORTED, "orders"), result)

    def test_a_fault_that_stays_keeps_a_guardian_until_it_is_set_aside(self):
        result, drill = self.get_stuck()
        pid = int(re.search(r"guardian \(process (\d+)\)", result.err)[1])
        self.assertEqual(self.guardians(), [pid])
        self.assertTrue(self.status(FAULT_LEFT)["keeper"])
        self.assertIn(drill, self.firedrill("status").out)

    def test_a_guardian_that_dies_again_and_again_ends_the_drill(self):
        process = self.start_drill()
        first = self.guardians()
        until("the drill has ended", lambda: self.kill_guardians() or process.poll() is not None)
        result = self.finish(process)
        self.assertEqual((result.code, self.target.value), (ABORTED, "orders"), result)
        self.assertEqual(result.reports[0]["verdict"], "aborted", result)
        self.assertRegex(result.reports[0]["text"], "guardian died and does not start again")
        self.assertEqual(len(first), 1)
        self.assertEqual(self.status(PASS)["faults"], [])

    def kill_guardians(self):
        for pid in self.guardians():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def test_none_is_left_behind_by_a_drill_that_ends_well(self):
        self.assert_passes(self.run_drill())
        self.assertEqual(self.guardians(), [])

    def test_whoever_waits_for_another_firedrill_is_told(self):
        first = self.start_drill()
        second = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("it says so", lambda: b"waiting a moment for a fault that another firedrill" in
              second.stderr.readline())
        first.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(first).code, ABORTED)
        second.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(second).code, ABORTED)


class Doctor(SafetyCase):
    def test_it_looks_at_the_ledger_the_locks_and_what_is_left(self):
        good = self.firedrill("doctor")
        self.assertEqual(good.code, PASS, good)
        self.assert_says(good, ["ok .*firedrill.db: the ledger and its locks can be written",
                                "note .*alarm: .*alarm.url", " 0 problems"])
        drill = self.leave_a_fault()
        self.assertEqual(self.status(FAULT_LEFT)["faults"][0]["drill"], drill)
        left = self.firedrill("doctor")
        self.assertEqual(left.code, USAGE, left)
        self.assert_says(left, ["PROBLEM  faults: 1 not clean"])
        self.halt()
        self.assert_says(self.firedrill("doctor"), [f"note .*halted.*: {REASON}"])

    def test_a_freeze_file_and_the_local_time_are_shown(self):
        self.configure(more=REPORTS + 'freeze = "frozen"; alarm = { command = [ "true" ]; };',
                       environment='hours = [ "daily 00:00-24:00" ]; zone = "Europe/Berlin";')
        self.write("frozen", "release week\n")
        result = self.firedrill("doctor")
        self.assertEqual(result.code, PASS, result)
        self.assert_says(result, ["note .*frozen: release week",
                                  "ok .*staging: it is .* in Europe/Berlin"])
        self.assertNotIn("alarm", result.out)


class BadInput(SafetyCase):
    def test_a_reason_that_is_none(self):
        for verb in (["halt"], ["ack", "fd-k3q9x2m7"]):
            for reason, *words in ((None, "say why.*--reason"), ("", "--reason wants a TEXT"),
                                   ("   ", "--reason is empty"), ("a\nb", "one line"),
                                   ("\x1b[2J", "control characters"), (b"\xff\xfe", "UTF-8"),
                                   ("\u009b2J", "control characters"),
                                   ("x" * 501, "longer than 500 bytes"),
                                   ("used " + SLACK_TOKEN, "holds a Slack token")):
                with self.subTest(verb=verb, reason=reason):
                    given = [] if reason is None else ["--reason", reason]
                    self.assert_usage(self.firedrill(*verb, *given), *words)
        self.assertFalse(os.path.exists(self.path("firedrill.db")))

    def test_a_reason_of_500_bytes_and_with_markup_is_kept(self):
        reason = "<!channel> *bold* \u00fc" + "x" * 480
        self.assertEqual(len(reason.encode()), 500)
        self.halt(reason)
        self.assertEqual(self.status(PASS)["halt"]["reason"], reason)
        self.assertNotIn("<!channel>", "\n".join(self.chat.texts("drills")))

    def test_words_and_options_that_do_not_belong(self):
        for call, *words in ((["halt", "now", "--reason", "x"], 'takes no word "now"'),
                             (["resume", "--reason", "x"], "no option --reason"),
                             (["resume", "all"], 'takes no word "all"'),
                             (["status", "--reason", "x"], "no option --reason"),
                             (["status", "--json=yes"], "takes no value"),
                             (["status", "--all"], "no option --all"),
                             (["revert"], "which drill, or --all"),
                             (["revert", "fd-nowhere9"], "no open fault of fd-nowhere9.*status"),
                             (["revert", "fd-nowhere9a"], "such as fd-k3q9x2m7"),
                             (["revert", ""], "such as fd-k3q9x2m7"),
                             (["revert", "\x1b[2J"], "such as fd-k3q9x2m7"),
                             (["ack", "--reason", "x"], "say which drill"),
                             (["ack", "fd-k3q9x2m7", "fd-k3q9x2m8", "--reason", "x"],
                              'takes no word "fd-k3q9x2m8"'),
                             (["ack", "fd-k3q9x2m7", "--reason", "x"], "fd-k3q9x2m7"),
                             (["ack", "\x1b[2J", "--reason", "x"], "status")):
            with self.subTest(call):
                result = self.firedrill(*call)
                self.assert_usage(result, *words)
                self.assertNotIn("\x1b", result.err)

    def test_a_state_that_cannot_be_used(self):
        os.mkdir(self.path("folder"))
        self.write("text.db", "this is no ledger, but somebody's text\n" * 100)
        for state in ("folder", "text.db"):
            self.configure(state=state)
            for verb in (["status"], ["revert", "--all"], ["halt", "--reason", "x"], ["resume"],
                         ["ack", "fd-k3q9x2m7", "--reason", "x"]):
                with self.subTest(state=state, verb=verb):
                    self.assert_usage(self.firedrill(*verb), state)

    def test_a_locks_file_that_cannot_be_used(self):
        os.mkdir(self.path("firedrill.db-locks"))
        for verb in (["status"], ["halt", "--reason", "x"],
                     ["run", "bad-queue", "--env", "staging", "--json"]):
            with self.subTest(verb):
                self.assert_usage(self.firedrill(*verb), "firedrill.db-locks")


if __name__ == "__main__":
    sys.exit(small_case.main())

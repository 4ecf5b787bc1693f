"""Bad input and bad days, one by one: what is said, the exit code, no secret told, no fault left."""
import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import sys
import threading

import small_case
from small_case import (ABORTED, FAULT, FAULT_LEFT, GAP, INCONCLUSIVE, PASS, PATIENCE_S, REFUSED,
                        TOKEN, UNTOLD, USAGE, Case, until)

SHORT = "5s"  # what is waited for a chat that stays away; enough for one that only stands still


class Configuration(Case):
    def test_files_that_are_no_configuration(self):
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("fifo"))
        os.symlink("loop", self.path("loop"))
        self.write("huge.cfg", b"# a comment\n" * 180_000)
        self.write("binary.cfg", bytes(range(256)))
        self.write("latin1.cfg", b'state = "caf\xe9";\n')
        self.write("empty.cfg", "")
        self.write("deep.cfg", "a = " + "( " * 5000 + ") " * 5000 + ";")
        self.write("self.cfg", '@include "self.cfg"\n')
        self.write("one.cfg", '@include "two.cfg"\n')
        self.write("two.cfg", '@include "one.cfg"\n')
        self.write("lost.cfg", '@include "nowhere.cfg"\n')
        self.write("bomb.cfg", '@include "huge.cfg"\n' * 10)
        for name, *words in (
                ("folder", "is a folder; name a file"), ("fifo", "not a regular file; name a file"),
                ("loop", "cannot be read"), ("nowhere.cfg", "cannot be read: No such file"),
                ("/dev/zero", "not a regular file; name a file"),
                ("huge.cfg", "larger than 1 MiB: split it"), ("binary.cfg", "not a text file"),
                ("latin1.cfg", "save the file as UTF-8"), ("empty.cfg", "chats", "environments"),
                ("deep.cfg", "deep"), ("self.cfg:1", "includes itself", "take one @include out"),
                ("one.cfg", "two.cfg:1", "includes itself, directly or by another file"),
                ("lost.cfg:1", "nowhere.cfg cannot be read: No such file"),
                ("bomb.cfg", "larger than 1 MiB: split it")):
            with self.subTest(name):
                for verb in (("run", "bad-queue", "--env", "staging", "--json"), ("status",)):
                    file = name.split(":")[0]
                    self.assert_usage(self.firedrill(*verb, "--config", file),
                                      name.replace("bomb", "huge"), *words)

    def test_unknown_keys_and_wrong_types_are_all_told_in_one_pass(self):
        self.configure(chat='colour = "red";', more='report = { chanel = "#x"; }; canary = 5;')
        result = self.run_drill()
        self.assert_usage(result, r"firedrill\.cfg:6: .*colour", "chanel.*channel", "canary.*group")
        self.configure()
        self.scenario(within='3s"; at_most = "two"; never = "yes', channel="", more="extra = 1;",
                      extra='wihtin = "1s";')
        result = self.run_drill()
        self.assert_usage(result, "bad-queue.cfg:", "at_most.*number", "never.*true or false",
                          "channel", "extra", "wihtin.*within")

    def test_a_scenario_without_a_way_back(self):
        for lacks in ("revert", "confirm"):
            self.scenario("\n".join(x for x in FAULT.splitlines() if lacks not in x))
            self.assert_usage(self.run_drill(), f"fault.{lacks}", "bad-queue.cfg")

    def test_an_environment_that_is_missing(self):
        self.assert_usage(self.firedrill("run", "bad-queue", "--env", "prod"), "prod",
                          "can run in: staging")
        self.scenario(runs_in="staging = { }; prodction = { };")
        self.assert_usage(self.run_drill(), "prodction", "staging")
        self.scenario(runs_in="")
        self.assert_usage(self.run_drill(), "bad-queue.cfg.*in")

    def test_a_variable_that_nobody_sets(self):
        self.scenario(FAULT.replace("${api}", "${apy}"))
        self.assert_usage(self.run_drill(), "apy", "api")

    def test_a_folder_of_scenarios_that_is_not_there_or_is_odd(self):
        os.mkdir(self.path("scenarios", "folder.cfg"))
        os.mkfifo(self.path("scenarios", "pipe.cfg"))
        os.symlink("nowhere", self.path("scenarios", "gone.cfg"))
        self.assert_usage(self.run_drill(), "folder.cfg: is a folder", "pipe.cfg: is not a regular",
                          "gone.cfg: cannot be read")
        shutil.rmtree(self.path("scenarios"))
        self.assert_usage(self.run_drill(), "scenarios", "make it, or name another")

    def test_a_literal_token_is_refused_and_not_repeated(self):
        self.configure(token=TOKEN)
        result = self.run_drill()
        os.remove(self.path("firedrill.cfg"))
        self.assert_usage(result, "token", "env:")

    def test_a_file_nobody_may_read(self):
        os.chmod(self.path("firedrill.cfg"), 0)
        if os.access(self.path("firedrill.cfg"), os.R_OK):
            self.skipTest("root may read everything")
        self.assert_usage(self.run_drill(), "Permission denied")


class Token(Case):
    def test_a_variable_or_file_that_does_not_hold_it(self):
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("fifo"))
        self.write("empty", "\n")
        self.write("zeros", b"\0\0\0")
        self.write("huge", b"x" * 3_000_000)
        self.environment["EMPTY"] = ""
        self.environment["LINES"] = "xoxb-1\r\nX-Injected: yes"
        for token in ("env:UNSET", "env:EMPTY", "env:LINES", "file:nowhere", "file:folder",
                      "file:fifo", "file:empty", "file:zeros", "file:huge", "file:/dev/zero"):
            with self.subTest(token):
                self.configure(token=token)
                self.assert_untouched(self.run_drill(), token.split(":")[1])

    def test_one_from_a_file_works_and_is_not_told(self):
        self.write("secret.txt", TOKEN + "\n")
        self.configure(token="file:secret.txt")
        self.assert_passes(self.run_drill())

    def test_a_wrong_one(self):
        self.environment["SLACK_TOKEN"] = "xoxb-not-this-4711-secret"
        self.assert_untouched(self.run_drill(), "invalid_auth", "token")

    def test_one_without_a_scope_names_the_scope(self):
        every = {"chat:write", "channels:read", "channels:history"}
        for lacks in sorted(every):
            with self.subTest(lacks):
                self.chat.control("token", token=TOKEN, scopes=",".join(every - {lacks}))
                self.assert_untouched(self.run_drill(), lacks)

    def test_one_revoked_in_the_middle_of_the_watch(self):
        self.target.alerts = False
        self.target.broken = lambda: self.chat.control("token", token=TOKEN, revoked=True)
        self.scenario(within="30s")
        self.assert_blind(self.run_drill(), "token_revoked", "token")

    def test_one_that_the_chat_repeats_in_its_error(self):
        self.configure(patience=SHORT)
        self.chat.control("wrong", error=f"no_{TOKEN}")
        self.assert_untouched(self.run_drill())


class Channel(Case):
    def test_one_that_cannot_be_used(self):
        for channel, *words in (("#nowhere", "#nowhere", "name|invite"),
                                ("#old", "#old", "archived"), ("#secret", "#secret", "invite"),
                                ("C0000009999", "C0000009999")):
            with self.subTest(channel):
                self.scenario(channel=channel)
                self.assert_untouched(self.run_drill(), *words)

    def test_one_archived_in_the_middle_of_the_watch(self):
        """Slack still lets an archived channel be read: the report only has nowhere to go."""
        self.target.alerts = False
        self.target.broken = lambda: self.chat.control("channel", name="ops", archived=True,
                                                       member=True)
        self.scenario(within="1s", resolved="")
        result = self.run_drill()
        self.assert_drill(result, GAP, "gap", None)
        self.assertRegex(result.reports[0]["report_problem"], "archived")

    def test_the_bot_removed_in_the_middle_of_the_watch(self):
        self.target.alerts = False
        self.target.broken = lambda: self.chat.control("channel", name="ops", member=False)
        self.scenario(within="30s")
        self.assert_blind(self.run_drill(), "invite")


class Messages(Case):
    def test_a_megabyte_before_and_beside_the_alert(self):
        self.chat.post(text="x" * 1_000_000)
        self.target.broken = lambda: self.chat.post(text="y" * 1_000_000)
        self.assert_passes(self.run_drill())

    def test_the_alert_itself_as_a_megabyte(self):
        self.target.alerts = False
        self.target.broken = lambda: self.chat.post(
            text=f"OrdersQueueMissing {self.target.value} " + "z" * 1_000_000)
        self.scenario(resolved="")
        self.assert_passes(self.run_drill())

    def test_text_that_is_not_utf8(self):
        self.when_broken(bad_utf8=True)
        self.assert_passes(self.run_drill())

    def test_a_storm_of_five_hundred_others(self):
        def storm():
            for i in range(500):
                self.chat.post(text=f"deploy {i} of OrdersQueue elsewhere")
        blows = threading.Thread(target=storm)
        self.target.broken = blows.start  # the target answers at once, as one does that has broken
        self.scenario(within="40s", resolved="40s")
        self.assert_passes(self.run_drill())
        blows.join()

    def test_control_characters_and_markup_do_not_reach_the_terminal(self):
        self.target.wrong = lambda verb, n: (503, "\x1b]0;owned\x07\x1b[2J<!channel> \u202e") \
            if (verb, n) == ("PUT", 1) else None
        result = self.run_drill()
        self.assert_no_effect(result, "503")
        self.assertNotRegex(result.out + result.err, "[\x00-\x08\x0b-\x1f\x7f\u202e]")
        self.assertNotIn("<!channel>", "".join(self.chat.texts()))


class Watching(Case):
    """The chat fails while the fault is in place and no alert comes."""

    def blind_with(self, *words, timeout=None, **wrong):
        self.configure(timeout=timeout, patience=SHORT)
        self.target.alerts = False
        self.when_broken(**wrong)
        self.scenario(within="1s", resolved="")
        self.assert_blind(self.run_drill(), "read", *words)

    def test_pages_of_html(self):
        self.blind_with("HTML|page", html_page=True)

    def test_status_500(self):
        self.blind_with("500", status=500)

    def test_status_502(self):
        self.blind_with("502", status=502)

    def test_status_503(self):
        self.blind_with("503", status=503)

    def test_truncated_json(self):
        self.blind_with("JSON|cut|truncated", truncated_json=True)

    def test_deeply_nested_json(self):
        self.blind_with(deep_json=True)

    def test_an_answer_of_64_mib(self):
        self.blind_with(huge_json=True)

    def test_no_answer(self):
        self.blind_with(hang=True, timeout="3s")

    def test_closed_connections(self):
        self.blind_with(reset=True)

    def test_429_to_the_end(self):
        self.blind_with("wait 30 s", rate_limited=True, retry_after_s=30,
                        method="conversations.history")

    def test_an_error_nobody_knows(self):
        self.blind_with("internal_error", error="internal_error")

    def test_an_outage_that_is_over_before_the_deadline_still_hides_nothing(self):
        """Chats keep their history, so an alert posted in the blind time is found and counts."""
        self.when_broken(status=500, times=1, method="conversations.history")
        self.assert_passes(self.run_drill())

    def test_a_moment_is_forgiven_and_absence_is_still_a_gap(self):
        self.target.alerts = False
        for wrong in ({"status": 500}, {"html_page": True}, {"truncated_json": True}):
            with self.subTest(wrong):
                self.chat.behave()
                self.configure(poll="1s")  # two of them are a moment, also where all is slow
                self.when_broken(times=1, method="conversations.history", **wrong)
                self.scenario(within="4s", resolved="")
                result = self.run_drill()
                report = self.assert_drill(result, GAP, "gap", None)
                self.assertEqual(report["expectations"][0]["verdict"], "missing", result)

    def test_429_with_retry_after_is_waited_for(self):
        self.when_broken(rate_limited=True, retry_after_s=1, times=1,
                         method="conversations.history")
        self.assert_passes(self.run_drill())

    def test_the_tier_of_15_messages_is_told(self):
        self.chat.control("wrong", capped_tier=True, capped_ms=200)
        self.assert_passes(self.run_drill())
        self.configure(patience=SHORT)
        self.scenario(within="3s", resolved="")
        self.chat.control("wrong", capped_tier=True)  # one read a minute: too slow for this wait
        self.assert_drill(self.run_drill(), INCONCLUSIVE, "inconclusive", "unobservable",
                          "few messages a minute", "inside your own workspace")

    def test_odd_paging(self):
        self.chat.control("wrong", page_backwards=True, no_cursor=True, no_latest_reply=True,
                          no_edited=True)
        self.assert_passes(self.run_drill())

    def test_a_chat_that_takes_no_edits_changes_no_verdict(self):
        self.when_broken(status=500, method="chat.update")
        result = self.run_drill()
        report = result.reports[0]
        self.assertEqual((result.code, report["verdict"], report["exit_code"]),
                         (UNTOLD, "pass", PASS), result)
        self.assertIsNotNone(report["report_problem"], result)
        self.assert_no_secret(result)
        self.assert_no_fault(result)


class Announcing(Case):
    """What cannot be announced is not broken."""

    patience = SHORT

    def posts_fail(self, *words, **wrong):
        self.chat.control("wrong", method="chat.postMessage", **wrong)
        self.assert_untouched(self.run_drill(), *words)

    def test_posts_that_fail(self):
        self.posts_fail("500", status=500)

    def test_posts_answered_with_a_page(self):
        self.posts_fail(html_page=True)

    def test_posts_that_hang(self):
        self.configure(timeout="500ms")
        self.posts_fail(hang=True)

    def test_posts_that_the_rules_forbid(self):
        self.posts_fail("rules keep the bot from posting", error="restricted_action")

    def test_a_post_that_is_never_shown(self):
        self.chat.control("wrong", hide_ms=600_000)
        self.assert_untouched(self.run_drill(), "read back", "firedrill doctor")

    def test_an_answer_that_got_lost_is_found_again(self):
        self.chat.control("wrong", lose_answer=True, times=1, method="chat.postMessage")
        self.assert_passes(self.run_drill())

    def test_a_chat_that_is_not_there(self):
        self.configure(api="http://127.0.0.1:9/api")
        self.assert_untouched(self.run_drill(), "127.0.0.1:9|connect")


class Targets(Case):
    def test_one_that_refuses_connections(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
            self.scenario(FAULT.replace("${api}", url))
            result = self.run_drill()
        self.assert_untouched(result, "nothing was|refused|connect")

    def test_one_that_refuses_the_fault(self):
        self.target.wrong = lambda verb, n: (500, "denied for ${key}") if verb == "PUT" and n == 1 \
            else None
        self.assert_no_effect(self.run_drill(), "500")

    def test_one_that_takes_the_fault_and_says_it_did_not(self):
        def wrong(verb, count):
            if (verb, count) == ("PUT", 1):
                self.target.set("orders-broken-anyway")
                return 500, "no"
            return None
        self.target.wrong = wrong
        self.target.alerts = False  # one without the drill's id would count as a real one
        self.assert_drill(self.run_drill(), FAULT_LEFT, "inconclusive", "fault-had-no-effect",
                          "NOT confirmed reverted", "set it by hand", clean=False)

    def test_one_that_loses_the_answer_to_the_fault(self):
        for lost in ("done, but resets", "resets"):
            with self.subTest(lost):
                calls = len(self.target.calls)
                first = self.target.calls.count("PUT") + 1
                self.target.wrong = lambda verb, n: lost if (verb, n) == ("PUT", first) else None
                result = self.run_drill()
                self.assertGreater(len(self.target.calls), calls)
                self.assertIn(result.code, (PASS, INCONCLUSIVE), result)
                self.assert_no_secret(result)
                self.assert_no_fault(result)

    def test_one_that_forgets_the_fault_by_itself(self):
        self.target.broken = lambda: setattr(self.target, "value", "orders")
        self.target.alerts = False
        self.assert_no_effect(self.run_drill())

    def test_one_that_somebody_else_changes_meanwhile_is_left_alone(self):
        self.target.alerts = False
        self.scenario(within="30s")
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        until("it was witnessed", lambda: b" watch " in process.stderr.readline())
        self.target.set("orders-of-somebody-else")
        process.send_signal(signal.SIGTERM)
        result = self.finish(process)
        self.assert_drill(result, FAULT_LEFT, "aborted", None, "somebody else changed it",
                          "firedrill revert", clean=False)
        self.assertEqual(self.target.value, "orders-of-somebody-else")
        told = self.firedrill("status")
        self.assertEqual(told.code, FAULT_LEFT, told)
        self.assert_drill(self.run_drill(), FAULT_LEFT, "refused", None, "firedrill revert",
                          clean=False)
        self.target.set("orders")
        self.assertEqual(self.firedrill("revert", "--all").code, PASS)
        self.assert_no_fault()

    def test_one_whose_original_is_no_text(self):
        for body in (b"\xff\xfe\x00queue", b"q" * 3_000_000):
            with self.subTest(body[:8]):
                self.target.wrong = lambda verb, n: (200, body) if verb == "GET" else None
                result = self.run_drill()
                self.assertEqual(result.code, INCONCLUSIVE, result)
                self.assertNotIn("PUT", self.target.calls, result)
                self.assert_no_secret(result)

    def test_one_that_puts_itself_right_meanwhile_is_no_gap(self):
        self.target.alerts = False
        # Read to capture, to see that it took the fault, as the witness; then before the revert.
        self.target.wrong = lambda verb, n: self.target.set("orders") if (verb, n) == ("GET", 4) \
            else None
        self.scenario(within="1s", resolved="")
        self.assert_no_effect(self.run_drill(), "gone before the wait was over")

    def test_one_that_puts_itself_right_and_dies_meanwhile_is_no_gap(self):
        """Nobody can ask it any more; the fault counts as left, and the miss proves nothing."""
        def wrong(verb, count):
            if verb == "GET" and count < 4:
                return None
            return "resets" if self.target.calls.count("PUT") else None
        self.target.alerts = False
        self.target.wrong = wrong
        self.scenario(within="1s", resolved="")
        result = self.run_drill()
        self.assert_drill(result, FAULT_LEFT, "inconclusive", "unobservable",
                          "could not be asked at the end", clean=False)

    def test_one_that_is_too_busy_to_be_put_right_at_once(self):
        self.target.wrong = lambda verb, n: (503, "busy ${key}") if verb == "PUT" and n in (2, 3) \
            else None
        self.assert_passes(self.run_drill())


class State(Case):
    def test_files_that_cannot_hold_it(self):
        os.mkdir(self.path("folder"))
        self.write("text.db", "these are my notes\n" * 100)
        self.write("empty-folder", "")
        other = sqlite3.connect(self.path("other.db"))
        other.execute("CREATE TABLE mine (x)")
        other.commit()
        other.close()
        for state, *words in (("folder", "not a file: name a file"),
                              ("text.db", "not a ledger: name another file"),
                              ("other.db", "another program: name another file"),
                              ("empty-folder/x.db", "cannot be made"),
                              ("/proc/firedrill.db", "cannot be made"),
                              ("/dev/full", "not a file: name a file")):
            with self.subTest(state):
                self.configure(state=state)
                self.assert_usage(self.run_drill(), os.path.basename(state), *words)

    def test_one_that_is_damaged_is_not_taken_for_an_empty_one(self):
        self.assert_passes(self.run_drill())
        size = os.path.getsize(self.path("firedrill.db"))
        with open(self.path("firedrill.db"), "r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (size - 4096))
        calls = len(self.target.calls)
        result = self.run_drill()
        self.assertEqual((result.code, result.out), (USAGE, ""), result)
        self.assert_says(result, ["damaged", "faults that are still in place",
                                  "move the file away"])
        self.assertEqual(len(self.target.calls), calls)

    def test_one_removed_in_the_middle_of_the_watch(self):
        self.target.alerts = False
        self.scenario(within="1s", resolved="")
        self.target.broken = lambda: os.remove(self.path("firedrill.db"))
        result = self.run_drill()
        self.assertEqual(self.target.value, "orders", result)
        self.assert_no_secret(result)
        for told in (result.out, result.err):
            self.assertRegex(told, "ledger firedrill.db was moved or removed: put it back")

    def limited(self, size):
        """A disk on which no file gets larger than that: writing fails as on a full one."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        self.popen = {"preexec_fn": limit}

    def test_a_disk_that_is_full_from_the_beginning(self):
        self.limited(2048)
        self.assert_usage(self.run_drill(), "ledger", "disk")

    def test_a_disk_that_gets_full_with_the_fault_in_place(self):
        self.assert_passes(self.run_drill())
        for more in range(2, 60, 6):
            size = 16384 + more * 4096
            with self.subTest(size):
                self.limited(size)
                result = self.run_drill()
                self.assertEqual(self.target.value, "orders", result)
                self.assert_no_secret(result)
                if result.code != PASS:
                    self.assertIn(result.code, (USAGE, REFUSED, FAULT_LEFT), result)
                    self.assert_says(result, ["disk|ledger"])
                self.popen = {}
                self.end_guardians()  # whose disk is as full
                self.firedrill("revert", "--all")
                self.assert_no_fault(result)


class Stopping(Case):
    def stopped(self, *numbers):
        self.target.alerts = False
        self.scenario(within="30s")
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        for number in numbers:
            process.send_signal(number)
        result = self.finish(process)
        self.assert_drill(result, ABORTED, "aborted", None, "reverted")

    def test_each_signal_reverts_first(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.stopped(number)

    def test_many_signals_do_no_more_than_one(self):
        self.stopped(*[signal.SIGTERM, signal.SIGINT, signal.SIGHUP] * 5)

    def test_before_anything_was_touched(self):
        self.chat.control("wrong", hang=True)
        self.configure(timeout="1m", patience="1m")
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the drill has begun", lambda: os.path.exists(self.path("firedrill.db")))
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        result = self.finish(process)
        self.assert_drill(result, ABORTED, "aborted", None)
        self.assertEqual(self.target.calls, [])

    def test_while_the_target_hangs_on_the_fault(self):
        self.target.alerts = False
        self.target.wrong = lambda verb, n: "done, but hangs" if (verb, n) == ("PUT", 1) else None
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        process.send_signal(signal.SIGTERM)
        result = self.finish(process)
        self.assert_drill(result, ABORTED, "aborted", None)

    def test_a_hangup_that_was_to_be_ignored_is(self):
        self.target.alerts = False
        self.popen = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
        self.scenario(within="5s", resolved="")
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        until("the fault is in place", lambda: self.target.value != "orders")
        process.send_signal(signal.SIGHUP)
        self.assert_drill(self.finish(process), GAP, "gap", None)


class Outputs(Case):
    def test_a_reader_that_went_away_does_not_keep_the_fault_in_place(self):
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        process.stdout.close()
        process.stderr.close()
        process.stdout = process.stderr = None
        process.wait(PATIENCE_S)
        self.assert_no_fault()

    def test_closed_standard_files_do_not_get_into_the_ledger(self):
        def close():
            for fd in (0, 1, 2):
                with contextlib.suppress(OSError):
                    os.close(fd)
        self.popen = {"preexec_fn": close, "stdin": None, "stdout": None, "stderr": None}
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        self.assertEqual(process.wait(PATIENCE_S), PASS)
        self.popen = {}
        self.assertIn("PUT", self.target.calls)
        self.assert_no_fault()

    def test_a_full_disk_behind_stdout_is_told_by_the_exit_code(self):
        with open("/dev/full", "wb") as full:
            self.popen = {"stdout": full}
            result = self.run_drill()
        self.popen = {}
        self.assertNotEqual(result.code, PASS, result)
        self.assert_says(result, ["No space left|could not be written"])
        self.assert_no_fault()


if __name__ == "__main__":
    sys.exit(small_case.main())

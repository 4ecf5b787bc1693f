#!/usr/bin/env python3
"""What people meet at the terminal: words, exit codes, outputs, signals, and no fault left.

Against small_world, a second, independent idea of Slack; tests/program/bad_input_test.py has many
more bad days, against fake-services.
"""
import json
import os
import signal
import unittest

import drills
import peers
import small_world

PASS, GAP, USAGE, FAULT_LEFT, REFUSED, INCONCLUSIVE, ABORTED = range(7)


class CliCase(drills.DrillCase):
    def setUp(self):
        super().setUp()
        self.world = small_world.World()
        self.addCleanup(self.world.stop)

    def ready(self, fault=None, *expectations, **config):
        """A configuration and the scenario "bad-queue" that pass unless something is spoilt."""
        self.configure({"slack": self.world.url + "/api"}, {"api": self.world.url}, **config)
        self.scenario("bad-queue", fault or BAD_QUEUE, *(expectations or [expectation()]))

    def wait_for_fault(self, process):
        def there():
            self.assertIsNone(process.poll(), "firedrill ended before the fault was in place")
            return self.world.queue != "orders"
        peers.until("the fault is in place", there)

    def assert_refuses(self, result, code, *words):
        """The exit code, something on stderr that holds the words, and nothing on stdout."""
        self.assertEqual(result.code, code, result)
        for word in words:
            self.assertIn(word, result.err)
        self.assertEqual(result.out, "", result)

    def assert_untouched(self):
        self.assertEqual(self.world.queue, "orders")


BAD_QUEUE = drills.BAD_QUEUE.replace("/admin/queue", "/queue")


def expectation(channel="#ops", match=("OrdersQueueMissing", "${drill}"), **more):
    return drills.expect(channel, list(match), **{
        "within": "10s", "grace": "1s", "resolved": "10s", **more})


class Usage(CliCase):
    """What is typed wrong is answered at once, with exit code 2 and what would be right."""

    def test_without_a_verb_it_says_which_verbs_there_are(self):
        result = self.firedrill()
        self.assertEqual(result.code, USAGE, result)
        for verb in ("run", "check", "doctor", "demo"):
            self.assertIn(verb, result.out + result.err)

    def test_help_is_no_mistake(self):
        for arguments in (["--help"], ["run", "--help"]):
            result = self.firedrill(*arguments)
            self.assertEqual(result.code, PASS, result)
            self.assertIn("usage", result.out.lower())

    def test_unknown_verbs_options_and_values_are_named(self):
        self.ready()
        for word, arguments in (
                ("frobnicate", ["frobnicate"]),
                ("--frob", ["run", "bad-queue", "--env", "staging", "--frob"]),
                ("--env", ["run", "bad-queue", "--env"]),
                ("bad-qeue", ["run", "bad-qeue", "--env", "staging"]),
                ("stagign", ["run", "bad-queue", "--env", "stagign"]),
                ("scenario", ["run", "--env", "staging"]),
                ("nowhere.cfg", ["run", "bad-queue", "--config", "nowhere.cfg"])):
            with self.subTest(arguments):
                self.assert_refuses(self.firedrill(*arguments), USAGE, word)
        self.assert_untouched()

    def test_no_configuration_at_all_says_where_it_was_looked_for(self):
        self.environment["FIREDRILL_CONFIG"] = ""
        if not os.path.exists("/etc/firedrill/firedrill.cfg"):
            self.assert_refuses(self.firedrill("run", "x"), USAGE, "firedrill.cfg")

    def test_every_mistake_of_a_broken_configuration_is_reported_in_one_pass(self):
        self.ready()
        self.write("firedrill.cfg", """
chats = { slack = { type = "slakc"; token = "xoxb-1234567890-literal"; poll = "2"; }; };
environments = { staging = { protekted = true; }; };
""")
        for verb in (["check"], ["run", "bad-queue", "--env", "staging"]):
            result = self.firedrill(*verb)
            self.assertEqual(result.code, USAGE, result)
            said = result.out + result.err
            for word in ("firedrill.cfg:2", "type", "token", "poll", "firedrill.cfg:3",
                         "protekted"):
                self.assertIn(word, said)
            self.assertNotIn("1234567890-literal", said)
        self.assert_untouched()

    def test_files_that_are_no_configuration_are_refused_with_a_line(self):
        self.ready()
        for spoilt in ("chats = {", "\x00\x01\x02", "{" * 10_000, "a" * 100_000,
                       '@include "firedrill.cfg"\n'):
            self.write("firedrill.cfg", spoilt)
            result = self.firedrill("check")
            self.assertEqual(result.code, USAGE, result)
            self.assertIn("firedrill.cfg", result.out + result.err)

    def test_a_scenario_without_revert_is_refused(self):
        self.ready(BAD_QUEUE.replace("  revert ", "  reverse "))
        result = self.firedrill("run", "bad-queue", "--env", "staging")
        self.assert_refuses(result, USAGE, "fault.revert", "bad-queue.cfg")
        self.assert_untouched()

    def test_a_good_configuration_passes_the_check_without_touching_anything(self):
        self.ready()
        result = self.firedrill("check")
        self.assertEqual(result.code, PASS, result)
        self.assertEqual(self.world.calls, [])
        self.assert_untouched()

    def test_a_token_variable_that_is_missing_is_named(self):
        self.ready()
        del self.environment["SLACK_TOKEN"]
        result = self.firedrill("run", "bad-queue", "--env", "staging", "--json")
        self.assertIn(result.code, (USAGE, INCONCLUSIVE), result)
        self.assertIn("SLACK_TOKEN", result.out + result.err)
        self.assert_untouched()

    def test_a_protected_environment_needs_permission(self):
        self.ready()
        self.write("firedrill.cfg", self.protected())
        refused, report = self.drill("bad-queue")
        self.assertEqual((refused.code, report["verdict"]), (REFUSED, "refused"), refused)
        self.assertIn("--allow-protected", refused.out + refused.err)
        self.assert_untouched()
        allowed, report = self.drill("bad-queue", "--allow-protected")
        self.assertEqual((allowed.code, report["verdict"]), (PASS, "pass"), allowed)

    def protected(self):
        with open(os.path.join(self.folder, "firedrill.cfg"), encoding="utf-8") as file:
            return file.read().replace(
                "staging = {", 'staging = { protected = true; effect_limit = "mutation";')


class Outputs(CliCase):
    """What goes where."""

    def test_json_is_alone_on_stdout_and_the_view_on_stderr(self):
        self.ready()
        result, report = self.drill("bad-queue")
        self.assert_passed(result, report)
        self.assertTrue(result.err.strip())
        self.assertNotIn("\x1b", result.out + result.err)
        self.assertEqual([p["phase"] for p in report["phases"]], [
            "guard", "baseline", "announce", "record", "inject", "witness", "watch", "revert",
            "confirm", "recovery", "explain", "report", "done"][:len(report["phases"])])
        self.assertIn("revert", [p["phase"] for p in report["phases"]])
        self.assertIsNone(report["reason"])
        self.assertEqual(report["expectations"][0]["resolved"]["verdict"], "delivered")

    def test_without_json_the_view_is_plain_text_for_people(self):
        self.ready()
        result = self.firedrill("run", "bad-queue", "--env", "staging")
        self.assertEqual(result.code, PASS, result)
        self.assertIn("bad-queue", result.out + result.err)
        self.assertNotIn("\x1b", result.out + result.err)

    def test_two_scenarios_give_two_lines_and_the_worst_exit_code(self):
        self.ready()
        self.scenario("control", drills.NOTHING,
                      drills.expect("#ops", ["NeverFires"], within="300ms", grace="0s"))
        self.scenario("silent", BAD_QUEUE, expectation(match=["NeverFires", "${drill}"],
                                                        within="1s", grace="500ms"))
        result = self.firedrill("run", "control", "silent", "--env", "staging", "--json")
        self.assertEqual({r["scenario"]: r["verdict"] for r in result.reports},
                         {"control": "pass", "silent": "gap"}, result)
        self.assertEqual(result.code, GAP, result)

    def test_the_token_is_nowhere(self):
        self.ready()
        result, report = self.drill("bad-queue")
        self.assertEqual(result.code, PASS, result)
        seen = result.out + result.err + json.dumps(self.world.messages)
        for folder, _, files in os.walk(self.folder):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    seen += file.read().decode(errors="replace")
        self.assertNotIn(self.world.token, seen)


class Chat(CliCase):
    """A chat that cannot be read: an inconclusive drill that touched nothing and says what to do."""

    def inconclusive(self, *words, **expected):
        self.ready(None, expectation(**expected))
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"], report["reason"]),
                         (INCONCLUSIVE, "inconclusive", "unobservable"), result)
        for word in words:
            self.assertIn(word, result.out + result.err)
        self.assert_untouched()
        return report

    def test_a_wrong_token(self):
        self.environment["SLACK_TOKEN"] = "xoxb-wrong-4711"
        report = self.inconclusive("invalid_auth")
        self.assertNotIn("4711", json.dumps(report))

    def test_a_token_without_a_scope(self):
        self.world.scopes.remove("channels:history")
        self.inconclusive("channels:history")

    def test_a_token_that_may_not_post(self):
        self.world.scopes.remove("chat:write")
        self.inconclusive("chat:write")

    def test_a_channel_that_does_not_exist(self):
        self.inconclusive("#nowhere", channel="#nowhere")

    def test_an_archived_channel(self):
        self.inconclusive("#old", "archive", channel="#old")

    def test_a_channel_that_the_bot_is_not_in(self):
        self.inconclusive("#secret", "invite", channel="#secret")

    def test_a_token_that_is_revoked_in_the_middle(self):
        self.world.alerts = False
        self.world.on_queue = lambda value: setattr(self.world, "revoked", value != "orders" or
                                                    self.world.revoked)
        self.ready(None, expectation(within="3s"))
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"], report["reason"]),
                         (INCONCLUSIVE, "inconclusive", "unobservable"), result)
        self.assertEqual(report["fault"]["state"], "clean", result)
        self.assertIn("token_revoked", result.out + result.err)
        self.assert_untouched()

    def test_a_message_of_a_megabyte_and_one_that_is_not_text_do_not_hide_the_alert(self):
        self.world.post("C00000001", text="x" * 1_000_000)
        self.world.post("C00000001", text="\ud83d", attachments="not a list", blocks=[[[]]])
        self.world.on_queue = lambda value: self.world.post("C00000001", text="y" * 1_000_000)
        self.ready()
        self.assert_passed(*self.drill("bad-queue"))


class Stopping(CliCase):
    """Whoever stops it gets the fault taken out first."""

    def stopped_by(self, *numbers):
        self.world.alerts = False
        self.ready(None, expectation(within="120s"))
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        self.wait_for_fault(process)
        for number in numbers:
            process.send_signal(number)
        result = self.finish(process)
        report = result.reports[0]
        self.assertEqual((result.code, report["verdict"]), (ABORTED, "aborted"), result)
        self.assertEqual(report["fault"]["state"], "clean", result)
        self.assert_untouched()

    def test_sigint_reverts_and_exits_with_6(self):
        self.stopped_by(signal.SIGINT)

    def test_sigterm_reverts_and_exits_with_6(self):
        self.stopped_by(signal.SIGTERM)

    def test_an_impatient_person_does_not_stop_the_revert(self):
        self.stopped_by(signal.SIGINT, signal.SIGINT, signal.SIGTERM)

    def test_after_kill_9_the_fault_is_taken_out_without_us(self):
        self.world.alerts = False
        self.ready(None, expectation(within="120s"))
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        self.wait_for_fault(process)
        process.kill()
        self.finish(process)
        peers.until("put right", lambda: self.world.queue == "orders")
        peers.until("known", lambda: "no fault" in self.firedrill("status").out)
        self.assert_untouched()
        self.world.alerts = True
        self.assert_passed(*self.drill("bad-queue"))

    def test_a_fault_that_cannot_be_taken_out_wins_over_all_other_codes(self):
        self.world.stuck = True
        self.ready()
        result, report = self.drill("bad-queue")
        self.assertEqual(result.code, FAULT_LEFT, result)
        self.assertIn(report["fault"]["state"], ("stuck", "unconfirmed"), result)
        self.assertNotEqual(self.world.queue, "orders")
        # Nothing else is injected there until it is.
        again, report = self.drill("bad-queue")
        self.assertIn(again.code, (FAULT_LEFT, REFUSED), again)
        self.assertEqual(report["verdict"], "refused", again)
        self.world.stuck = False
        self.assertEqual(self.firedrill("revert", "--all").code, PASS)
        self.assert_untouched()


class Targets(CliCase):
    """A service that is not as the scenario thinks."""

    def test_a_service_that_does_not_answer(self):
        self.configure({"slack": self.world.url + "/api"}, {"api": "http://127.0.0.1:9"})
        self.scenario("bad-queue", BAD_QUEUE, expectation(within="1s", grace="0s"))
        result, report = self.drill("bad-queue")
        self.assertEqual(report["verdict"], "inconclusive", result)
        self.assertEqual(result.code, INCONCLUSIVE, result)

    def test_a_fault_without_effect_is_no_gap(self):
        spoilt = BAD_QUEUE.replace('witness = { url = "${api}/queue"; body = "orders-${drill}"; };',
                                   'witness = { url = "${api}/queue"; body = "something else"; };')
        self.assertNotEqual(spoilt, BAD_QUEUE)
        self.ready(spoilt, expectation(within="1s", grace="0s"))
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"], report["reason"]),
                         (INCONCLUSIVE, "inconclusive", "fault-had-no-effect"), result)
        self.assert_untouched()

    def test_the_alert_in_another_channel_is_a_gap_with_its_name(self):
        self.world.channels["general"] = {"id": "C00000009"}
        self.world.messages["C00000009"] = []
        self.ready(None, expectation(channel="#general", within="2s", grace="1s"))
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
        self.assertEqual(report["expectations"][0]["verdict"], "wrong-channel", result)
        self.assertIn("ops", result.out)


class Doctor(CliCase):
    def test_a_healthy_setup_is_said_to_be_healthy(self):
        self.ready()
        result = self.firedrill("doctor")
        self.assertEqual(result.code, PASS, result)

    def test_what_is_wrong_is_said_with_what_to_do(self):
        self.ready(None, expectation(channel="#secret"))
        result = self.firedrill("doctor")
        self.assertNotEqual(result.code, PASS, result)
        self.assertIn("secret", result.out + result.err)
        self.assert_untouched()


if __name__ == "__main__":
    unittest.main(verbosity=2)

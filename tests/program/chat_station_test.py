"""The chat as a station of the pipeline: how an alert was resolved, what silence is worth, and what
keeps a drill from reading; against `fake-services chat`."""
import json
import sys
import urllib.parse

import small_case
from small_case import GAP, INCONCLUSIVE, PASS, TOKEN, USAGE, Case, ask

SENDER = "xoxb-the-alert-sender"
SCOPES = {"chat:write", "channels:read", "channels:history", "groups:read", "groups:history"}


class Station(Case):
    def chat_hop(self, report):
        hops = [hop for hop in report["hops"] if hop["hop"] == "chat"]
        self.assertEqual(len(hops), 1, report)
        self.assertIsNone(hops[0]["name"], report)
        return hops[0]


class Resolved(Station):
    """The alert comes and ends as its sender likes: `mended` is called when the fault is gone."""

    def setUp(self):
        super().setUp()
        self.chat.control("token", token=SENDER, name="alertbot")
        self.target.alerts = False
        self.mended = lambda queue: None
        self.target.broken = lambda: self.say(f"[FIRING:1] OrdersQueueMissing ({self.queue()})")
        before = self.target.set

        def switch(value):
            was = self.target.value
            self.wanted = value
            before(value)
            if was != "orders" and value == "orders":
                self.mended(was)
        self.target.set = switch

    def queue(self):
        return self.wanted

    def call(self, method, **fields):
        fields["channel"] = self.chat.about["channels"]["ops"]
        answer = json.loads(ask(f"{self.chat.about['api']}/{method}", "POST",
                                urllib.parse.urlencode(fields).encode(), SENDER))
        self.assertTrue(answer["ok"], answer)
        return answer["ts"]

    def say(self, text, **more):
        self.ts = self.call("chat.postMessage", text=text, **more)

    def resolved(self, how):
        result = self.run_drill()
        report = self.assert_drill(result, PASS, "pass", None)
        resolved = report["expectations"][0]["resolved"]
        self.assertEqual((resolved["verdict"], resolved["how"]), ("delivered", how), result)
        self.assertGreaterEqual(resolved["latency_ms"], 0, result)
        return result, report

    def test_by_a_new_message(self):
        self.mended = lambda queue: self.say(f"[RESOLVED] OrdersQueueMissing ({queue})")
        self.resolved("message")

    def test_by_an_edit_of_the_first(self):
        self.mended = lambda queue: self.call("chat.update", ts=self.ts,
                                              text=f"[RESOLVED] OrdersQueueMissing ({queue})")
        self.resolved("edit")
        told = [text for text in self.chat.texts() if "by an edit of its message" in text]
        self.assertEqual(len(told), 1, self.chat.texts())

    def test_by_a_reply_in_its_thread(self):
        self.mended = lambda queue: self.call("chat.postMessage", thread_ts=self.ts,
                                              text="Resolved, all is well again")
        self.resolved("reply")
        self.assertTrue([text for text in self.chat.texts() if "in its thread" in text])

    def test_one_that_comes_without_the_alert_is_not_the_alert(self):
        self.target.broken = lambda: None
        self.mended = lambda queue: self.say(f"[RESOLVED] OrdersQueueMissing ({queue})")
        self.scenario(within="1s")
        result = self.run_drill()
        report = self.assert_drill(result, GAP, "gap", None, "only its resolved message did")
        self.assertEqual(report["expectations"][0]["verdict"], "missing", result)
        self.assertIn("without the alert itself", report["gap"]["cause"], result)


class Silence(Station):
    def test_a_missing_alert_tells_what_the_silence_is_worth(self):
        self.target.alerts = False
        self.scenario(within="1s", resolved="")
        result = self.run_drill()
        hop = self.chat_hop(self.assert_drill(result, GAP, "gap", None))
        self.assertEqual(hop["state"], "lacked-it", result)
        for fact in ("read it the whole time", "own message was read back",
                     "other channels were searched"):
            self.assertIn(fact, hop["evidence"], result)

    def test_what_keeps_a_drill_from_reading_is_told_with_what_to_do(self):
        for channel, fact, advice in (("#secret", "not_in_channel|not in", "/invite"),
                                      ("#old", "archived", "un-archive"),
                                      ("#nowhere", "no channel #nowhere", "invite")):
            with self.subTest(channel):
                self.scenario(channel=channel)
                result = self.run_drill()
                report = self.assert_drill(result, INCONCLUSIVE, "inconclusive", "unobservable")
                hop = self.chat_hop(report)
                self.assertEqual((hop["state"], len(report["hops"])), ("not-asked", 1), result)
                self.assertRegex(hop["evidence"], fact)
                self.assertIn(advice, hop["advice"], result)

    def test_a_missing_scope_and_a_token_that_is_no_good_any_more(self):
        self.chat.control("token", token=TOKEN, scopes=",".join(SCOPES - {"channels:history"}))
        result = self.run_drill()
        hop = self.chat_hop(self.assert_drill(result, INCONCLUSIVE, "inconclusive", "unobservable"))
        self.assertIn("channels:history", hop["evidence"], result)
        self.assertIn("OAuth & Permissions", hop["advice"], result)
        self.chat.control("token", token=TOKEN)
        self.target.alerts = False
        self.target.broken = lambda: self.chat.control("token", token=TOKEN, revoked=True)
        result = self.run_drill()
        hop = self.chat_hop(self.assert_drill(result, INCONCLUSIVE, "inconclusive", "unobservable"))
        self.assertIn("revoked", hop["evidence"], result)
        self.assertEqual(hop["state"], "not-asked", result)


class Doctor(Station):
    def doctor(self, *lacks):
        self.chat.control("token", token=TOKEN, scopes=",".join(SCOPES - set(lacks)))
        return self.firedrill("doctor")

    def test_scopes_that_every_drill_needs_are_named_beforehand(self):
        result = self.doctor("chat:write")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, [r"PROBLEM .*slack: .*lacks chat:write \(to post", "reinstall"])
        result = self.doctor("channels:history", "groups:history")
        self.assert_says(result, [r"PROBLEM .*channels:history", r"note .*groups:history"])
        self.assertEqual(self.target.calls.count("PUT"), 0, result)

    def test_those_for_private_channels_only_are_a_note(self):
        result = self.doctor("groups:read", "groups:history")
        self.assertEqual(result.code, PASS, result)
        self.assert_says(result, [r"note .*groups:read .*groups:history", "ok .*slack: firedrill"])

    def test_a_token_with_all_of_them_is_not_spoken_of(self):
        result = self.doctor()
        self.assertEqual(result.code, PASS, result)
        self.assertNotIn("lacks", result.out, result)


if __name__ == "__main__":
    sys.exit(small_case.main())

#!/usr/bin/env python3
"""Real Prometheus and Alertmanager that are hard to ask: behind a password, under a path prefix, with
ten thousand rules, and with texts that want to do harm to whoever reads of them."""
import json
import os
import re
import time
import unittest

import drills
import peers

GAP, USAGE, PASS = 1, 2, 0
# "admin" with the password "test", as in Prometheus' own documentation of basic authentication.
USERS = {"basic_auth_users": {
    "admin": "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"}}
BASIC = "Basic YWRtaW46dGVzdA=="
CALM = 10_000  # rules that have nothing to say
EVIL = ("\u001b[2J\u001b]0;owned\u0007 \"quoted\" <!channel> <script>alert(1)</script> *b* `c` "
        "&amp; \u202eevil\u00fc\U0001f525\r\nPASS  all is well")


class Guarded(peers.Prometheus):
    """Prometheus, perhaps behind a password and under a prefix, with more rules than its own."""

    def __init__(self, targets, alertmanager, prefix="", password=False, more_rules=None,
                 external_labels=None):
        super().__init__(targets, alertmanager)
        self.prefix, self.password, self.more_rules = prefix, password, more_rules
        self.external_labels = external_labels or {}

    def start(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}{self.prefix}"
        manager = re.fullmatch(r"http://([^/]*)(/.*)?", self.alertmanager)
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                       "evaluation_interval": "1s", "external_labels": self.external_labels},
            "rule_files": [os.path.join(peers.HERE, "rules.yml")],
            "scrape_configs": [{"job_name": job, "static_configs": [
                {"targets": [target.removeprefix("http://")]}]}
                               for job, target in self.targets.items()],
            "alerting": {"alertmanagers": [{
                "static_configs": [{"targets": [manager[1]]}], "path_prefix": manager[2] or "/",
                **({"basic_auth": {"username": "admin", "password": "test"}}
                   if self.password else {})}]},
        }
        if self.more_rules:
            config["rule_files"].append(self.write("more.yml", json.dumps(self.more_rules)))
        self.run(["prometheus", f"--config.file={self.write('p.yml', json.dumps(config, ensure_ascii=False))}",
                  f"--storage.tsdb.path={self.folder}/data", f"--web.external-url={self.url}",
                  f"--web.listen-address=127.0.0.1:{port}", *web_config(self)])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready", headers(self)))
        return self


class Router(peers.Alertmanager):
    """Alertmanager with any configuration, perhaps behind a password and under a prefix."""

    def __init__(self, config, prefix="", password=False):
        super().__init__()
        self.config, self.prefix, self.password = config, prefix, password

    def start(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}{self.prefix}"
        path = self.write("alertmanager.yml", json.dumps(self.config, ensure_ascii=False))
        self.run(["prometheus-alertmanager", f"--config.file={path}",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.external-url={self.url}", f"--web.listen-address=127.0.0.1:{port}",
                  *web_config(self)])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready", headers(self)))
        return self


def web_config(peer):
    if not peer.password:
        return []
    return [f"--web.config.file={peer.write('web.yml', json.dumps(USERS))}"]


def headers(peer):
    return {"Authorization": BASIC} if peer.password else {}


def routed(receiver="null"):
    return {"route": {"receiver": receiver, "group_by": ["..."], "group_wait": "0s",
                      "group_interval": "1s", "repeat_interval": "1h"},
            "receivers": [{"name": receiver}]}


class HopsBadTest(drills.DrillCase):
    def setUp(self):
        super().setUp()
        self.chat = self.peer(peers.FakeChat())
        self.orders = self.peer(peers.FakeService("orders"))
        self.environment["STATION_AUTH"] = BASIC

    def chain(self, config, **more):
        self.alertmanager = self.peer(Router(
            config, more.get("prefix", ""), more.get("password", False)))
        self.prometheus = self.peer(Guarded({"orders": self.orders.url}, self.alertmanager.url,
                                            **more))
        peers.until("a first scrape", lambda: "orders_up" in peers.http(
            "GET", self.prometheus.url + "/api/v1/label/__name__/values",
            headers=headers(self.prometheus)).body)

    def pipeline(self, more="", **urls):
        urls = {"prometheus": self.prometheus.url, "alertmanager": self.alertmanager.url, **urls}
        hops = [f'{{ type = "{kind}"; url = "{url}"; timeout = "10s"; {more} }}'
                for kind, url in urls.items()]
        self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                       drills.pipeline(*hops), staging=drills.IN_MAIN)
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], within="6s",
                                    grace="1s"))

    def problems(self, result):
        return [line for line in result.out.splitlines() if line.startswith("PROBLEM")]

    def assert_lost_at_receiver(self, result, report):
        self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
        self.assertEqual((report["gap"]["after"], report["gap"]["before"]),
                         ("alertmanager", "receiver"), result)
        self.assertEqual({hop["hop"]: hop["state"] for hop in report["hops"]},
                         {"emission": "had-it", "metric": "had-it", "rule": "had-it",
                          "alertmanager": "had-it", "receiver": "lacked-it", "chat": "lacked-it"},
                         result)

    def test_behind_a_password_and_under_a_prefix_a_drill_is_as_exact_as_ever(self):
        self.chain(routed(), prefix="/team/alerts", password=True)
        self.pipeline()
        result = self.firedrill("doctor")
        self.assertEqual((result.code, len(self.problems(result))), (USAGE, 2), result)
        for problem in self.problems(result):
            self.assertIn("it wants authentication; give it in `headers` of this hop", problem)
        self.pipeline('headers = { Authorization = "env:STATION_AUTH"; };')
        result = self.firedrill("doctor")
        self.assertEqual((result.code, self.problems(result)), (PASS, []), result)
        self.assertIn("sends to 1 Alertmanager", result.out)
        lost, report = self.drill("bad-queue")
        self.assert_lost_at_receiver(lost, report)
        for said in (result, lost):
            self.assertNotIn(BASIC.split()[1], said.out + said.err)
        # The same addresses without their prefix: what is told is about the address.
        self.pipeline('headers = { Authorization = "env:STATION_AUTH"; };',
                      prometheus=self.prometheus.url.removesuffix("/team/alerts"),
                      alertmanager=self.alertmanager.url.removesuffix("/team/alerts"))
        result = self.firedrill("doctor")
        self.assertEqual(len(self.problems(result)), 2, result)
        for problem in self.problems(result):
            self.assertIn("is the path prefix of `url` right?", problem)

    def test_ten_thousand_rules_change_no_verdict(self):
        groups = [{"name": f"calm{i}", "interval": "30s", "rules": [
            {"alert": f"Calm{i}x{k}", "expr": f'orders_up{{shard="{i}-{k}"}} > {k}', "for": "5m",
             "labels": {"severity": "page"},
             "annotations": {"summary": "shard {{ $labels.shard }} of the orders is not well"}}
            for k in range(100)]} for i in range(CALM // 100)]
        self.chain(routed(), more_rules={"groups": groups})
        self.pipeline()
        url = self.prometheus.url + "/api/v1/rules?type=alert"
        answered = len(peers.http("GET", url).body)
        begun = time.monotonic()
        result = self.firedrill("doctor")
        took = time.monotonic() - begun
        self.assertEqual((result.code, self.problems(result)), (PASS, []), result)
        self.assertRegex(result.out, r"prometheus \(main\): 1 target up, 100\d\d alerting rules")
        print(f"doctor with {CALM} rules: {answered >> 10} KiB of rules, {took:.1f} s", flush=True)
        result, report = self.drill("bad-queue")
        self.assert_lost_at_receiver(result, report)
        phases = {phase["phase"]: phase["at_ms"] for phase in report["phases"]}
        print(f"drill with {CALM} rules: {phases['announce'] - phases['baseline']} ms before, "
              f"{phases['report'] - phases['explain']} ms to explain", flush=True)

    def silence(self):
        answer = peers.http("POST", self.alertmanager.url + "/api/v2/silences", json.dumps({
            "matchers": [{"name": "alertname", "value": "Orders.*", "isRegex": True}],
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
            "createdBy": EVIL, "comment": EVIL}), {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.body)

    def test_texts_of_strangers_are_shown_harmlessly_everywhere(self):
        self.chain(routed("team " + EVIL))
        self.pipeline()
        self.silence()
        result, report = self.drill("bad-queue")
        self.assert_lost_at_receiver(result, report)
        evidence = report["gap"]["evidence"]
        self.assertIn("<script>", evidence)  # as it was written, in JSON's own quotes
        self.assertNotRegex(evidence, "[\x00-\x1f\x7f]")
        self.assertNotRegex(result.out, "[\x00-\x09\x0b-\x1f\x7f]")
        self.assertNotRegex(result.err, "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u202e]")
        self.assertNotRegex(result.err, "(?m)^PASS")
        told = [text for text in self.chat.texts("ops") if "Lost between" in text]
        self.assertEqual(len(told), 1)
        self.assertNotIn("<!channel>", told[0])
        self.assertNotIn("<script>", told[0])
        self.assertIn("&lt;script&gt;", told[0])
        self.assertNotRegex(told[0], "[\x00-\x08\x0b-\x1f\x7f\u202e]")
        doctor = self.firedrill("doctor")
        self.assertNotRegex(doctor.out, "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u202e]")

    def test_labels_with_quotes_unicode_and_newlines_are_matched_as_they_are(self):
        odd = 'a "quoted" \\ back\\slash, {braces} = ü \U0001f525\n<b>second line</b>'
        config = routed()
        config["receivers"].append({"name": "elsewhere", "slack_configs": [
            {"api_url": self.chat.webhook_url("ops"), "channel": "ops"}]})
        quoted = odd.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        config["route"].update(receiver="elsewhere", routes=[
            {"matchers": [f'odd="{quoted}"'], "receiver": "null"}])
        self.chain(config, external_labels={"odd": odd})
        self.pipeline()
        result, report = self.drill("bad-queue")
        self.assert_lost_at_receiver(result, report)
        self.assertIn('"null" by the route odd=', report["gap"]["evidence"])


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)

"""A week of drills of a made-up company, as lines of JSON for page_site; and its configuration."""
import json
import random

HOUR = 3_600_000
ENVIRONMENTS = ("staging", "production", "production-eu")
SCENARIOS = {
    "orders-bad-queue": ("The orders API publishes to a queue that does not exist", "payments",
                         "OrdersQueueMissing", 90_000, 41_000),
    "orders-health": ("The orders API's health endpoint answers 503", "payments",
                      "OrdersHealthDown", 60_000, 22_000),
    "worker-missing-env": ("A deploy lacks an environment variable; tasks stop again and again",
                           "platform", "WorkerCrashLoop", 120_000, 64_000),
    "checkout-silence": ("The checkout stops logging", "checkout", "CheckoutSilent", 300_000,
                         180_000),
    "disk-spike": ("A disk fills up in ten minutes", "platform", "DiskFilling", 240_000, 95_000),
    "control": ("Nothing is broken: an alert would be a failure", None, "OrdersQueueMissing",
                30_000, -1),
}
CONFIG = """
scenarios = "scenarios"; state = "state.db";
chats = { slack = { type = "slack"; token = "env:SLACK_TOKEN"; }; };
report = { chat = "slack"; channel = "#drills"; zone = "Europe/Berlin"; };
environments = { staging = { }; production = { protected = true; };
                 production-eu = { protected = true; }; };
"""
SCENARIO = """
name = "%s"; summary = "%s"; %s
fault = { kind = "bad-queue-name"; via = "http"; hold_at_most = "10m";
  capture = { url = "http://127.0.0.1:9/q"; };
  inject = { url = "http://127.0.0.1:9/q"; body = "x-${drill}"; };
  revert = { url = "http://127.0.0.1:9/q"; body = "${original}"; };
  confirm = { url = "http://127.0.0.1:9/q"; body = "${original}"; }; };
expect = ( { channel = "#ops"; match = [ "%s", "${drill}" ]; within = "%ds"; } );
in = { %s };
"""
ALERT = """[FIRING:1] %s (orders, page)
*Alert:* the queue orders-%s does not exist
*Description:* publishing fails with 404 NOT_FOUND
*Runbook:* https://wiki.example/runbooks/orders-queue
[DRILL] %s"""
CAUSES = {
    "receiver": ("the receiver has no integration",
                 "give it one (`slack_configs`), or correct the route"),
    "rule": ("the rule's condition was never true for as long as its `for`",
             "compare `for` with how long the fault lasts"),
    "chat": ("the webhook's app was removed from the channel", "invite it again"),
}
STATIONS = ("emission", "log", "metric", "rule", "alertmanager", "receiver", "chat")
NAMES = {"log": "loki", "metric": "prometheus", "rule": "prometheus",
         "alertmanager": "alertmanager", "receiver": "alertmanager"}


def write_config(folder):
    (folder / "scenarios").mkdir()
    (folder / "firedrill.cfg").write_text(CONFIG, encoding="utf-8")
    for name, (summary, owner, alert, within, _) in SCENARIOS.items():
        places = ENVIRONMENTS if name != "disk-spike" else ENVIRONMENTS[:2]
        owner = f'owner = "{owner}"; runbook = "https://wiki.example/{name}";' if owner else ""
        where = " ".join(f'{place} = {{ schedule = "17 * * * *"; }};' for place in places)
        (folder / "scenarios" / f"{name}.cfg").write_text(
            SCENARIO % (name, summary, owner, alert, within // 1000, where), encoding="utf-8")


def phases(broke, reverted, ended):
    moments = (("guard", 0), ("baseline", 4), ("announce", 620), ("record", broke - 410),
               ("inject", broke - 390), ("witness", broke), ("watch", broke + 350),
               ("revert", reverted - 240), ("confirm", reverted), ("recovery", reverted + 190),
               ("explain", ended - 900), ("report", ended - 400), ("done", ended))
    return [{"phase": name, "at_ms": at} for name, at in moments]


def hops(alert, drill, broke, latency, lost_before):
    told, state = [], "had-it"
    for i, hop in enumerate(STATIONS):
        if hop == lost_before:
            state = "lacked-it"
        cause, advice = CAUSES.get(hop, (None, None)) if state == "lacked-it" else (None, None)
        at = broke + latency * (0, 3, 8, 70, 71, 98, 100)[i] // 100
        evidence = {
            "emission": "PUT https://orders.example/admin/queue answered 200",
            "log": f"25 log lines carry {drill}: \"publish failed queue=orders-{drill}\"",
            "metric": f"the condition of the rule \"{alert}\" was true",
            "rule": f"the rule \"{alert}\" of group \"orders\" fired",
            "alertmanager": "it has the alert (active) for the receiver \"orders-team\"",
            "receiver": "the route posts nowhere: no integration is configured for it"
                        if state == "lacked-it" else "slack: 1 begun, 1 posted, 0 refused",
            "chat": f"{alert} never arrived in #ops, nor in any other channel that can be read",
        }[hop]
        told.append({"alert": alert, "hop": hop, "of": "alert", "name": NAMES.get(hop),
                     "state": state, "at_ms": at if state == "had-it" and hop != "receiver"
                     else None, "evidence": evidence, "cause": cause, "advice": advice})
    return told


def drill(number, scenario, environment, ended_ms, finding, dice, **more):
    """One line: what `run` would have written into the history."""
    _, owner, alert, within, typical = SCENARIOS[scenario]
    name = more.get("drill") or "fd-" + "".join(dice.choices("abcdefghijkmnpqrstuvwxyz23456789",
                                                            k=8))
    broke = 2_300
    latency = None
    if typical < 0:
        finding = "silent"
    elif finding in ("delivered", "wrong-channel"):
        latency = int(typical * dice.uniform(0.7, 1.25))
    elif finding == "late":
        latency = int(within * dice.uniform(1.05, 1.2))
    reverted = broke + (latency or within) + 1_500
    resolved = int(20_000 * dice.uniform(0.8, 1.4)) if finding == "delivered" else None
    ended = reverted + (resolved or 8_000) + 1_800
    verdict = more.get("verdict") or {"delivered": "pass", "silent": "pass",
                                      "unknown": "inconclusive"}.get(finding, "gap")
    reason = "unobservable" if verdict == "inconclusive" else None
    lost = more.get("lost", "receiver")
    sentence = {"delivered": "every alert did what was expected",
                "silent": "every alert did what was expected",
                "missing": f"{alert} never arrived in #ops, nor in any other channel that can be "
                           "read",
                "late": f"{alert} came {(latency or 0) / 1000 - within / 1000:.1f} s too late in "
                        "#ops",
                "wrong-channel": f"{alert} arrived in #general instead of #ops",
                "unknown": "the channel #ops could not be read for 40 s of the watch"}[finding]
    gap = None
    if verdict == "gap":
        cause, advice = CAUSES[lost]
        gap = {"alert": alert, "of": "alert", "verdict": finding,
               "after": STATIONS[STATIONS.index(lost) - 1], "before": lost,
               "evidence": "it has the alert (active, since 29 s after the fault) for the receiver "
                           "\"orders-team\", which posts nowhere: no integration is configured",
               "cause": cause, "advice": advice, "confirmed": True,
               "probes": "a message by the webhook arrived after 0.8 s; an alert straight to "
                         "Alertmanager did not"}
    start = ended_ms - ended
    expectations = [{"alert": alert, "chat": "slack", "channel": "#ops", "verdict": finding,
                     "text": sentence, "latency_ms": latency,
                     "permalink": f"https://example.slack.com/archives/C1/p{number}"
                     if latency else None,
                     "found_in": "#general" if finding == "wrong-channel" else None,
                     "resolved": {"verdict": "delivered", "how": "message",
                                  "latency_ms": resolved, "permalink": None, "text": None}
                     if resolved else None, "within_ms": within, "timing": None}]
    report = {"drill": name, "scenario": scenario, "environment": environment,
              "fault": {"kind": "bad-queue-name", "via": "http", "effect": "mutation",
                        "state": "clean", "injected_ms": broke, "reverted_ms": reverted,
                        "text": "PUT https://orders.example/admin/queue answered 200",
                        "revert_text": "GET https://orders.example/admin/queue answered 200 "
                                       "\"orders\""},
              "verdict": verdict, "reason": reason, "text": more.get("text", sentence),
              "exit_code": 0, "owner": owner, "runbook": "https://wiki.example/orders",
              "phases": phases(broke, reverted, ended), "expectations": expectations, "gap": gap,
              "hops": hops(alert, name, broke, latency or int(typical), lost if gap else None)
              if typical > 0 and (gap or verdict == "inconclusive") else [], "probes": [],
              "report_permalink": "https://example.slack.com/archives/C1/p1",
              "report_problem": None}
    evidence = [{"kind": "message", "source": "#ops", "expect": -1,
                 "wall_ms": start + 700,
                 "text": f"[DRILL] {name}: {scenario} in {environment}\nAlerts of this drill are "
                         "not real. Owner: payments"}]
    if latency:
        evidence.append({"kind": "message", "source": "#ops", "expect": 0,
                         "wall_ms": start + broke + latency,
                         "text": more.get("message") or ALERT % (alert, name, name)})
    evidence += [{"kind": "hop", "source": "prometheus", "expect": -1,
                  "wall_ms": start + broke + 900,
                  "text": json.dumps({"alerts": [{"labels": {"alertname": alert}}]})},
                 {"kind": "log", "source": "watch", "expect": -1,
                  "wall_ms": start + broke + 400, "text": "waiting for the alert"}]
    line = {"drill": name, "scenario": scenario, "environment": environment,
            "origin": more.get("origin", "schedule"), "repeats": more.get("repeats"),
            "verdict": verdict, "reason": reason, "started_wall_ms": start,
            "ended_wall_ms": ended_ms,
            "expectations": [{"alert": alert, "channel": "#ops", "finding": finding,
                              "latency_ms": latency, "within_ms": within}],
            "evidence": evidence}
    if verdict == "pass" and latency:
        line["proofs"] = [{"kind": "rule", "hop": "prometheus", "name": alert, "detail": "orders",
                           "wall_ms": ended_ms, "latency_ms": latency},
                          {"kind": "receiver", "hop": "alertmanager", "name": "orders-team",
                           "detail": "slack", "wall_ms": ended_ms, "latency_ms": latency}]
    line["report"] = more.get("report", json.dumps(report))
    return line


def make(now_ms, every_h=4):
    """Six scenarios in up to three environments, a drill of each every few hours for a week."""
    dice, lines = random.Random(7), []
    for age in range(24 * 7 // every_h, 0, -1):
        for place, environment in enumerate(ENVIRONMENTS):
            for nth, scenario in enumerate(SCENARIOS):
                if scenario == "disk-spike" and environment == "production-eu":
                    continue
                ended = now_ms - age * every_h * HOUR + (nth * 11 + place * 3) * 60_000
                finding = "delivered"
                if scenario == "orders-bad-queue" and environment == "production" and age <= 5:
                    finding = "missing"
                elif scenario == "checkout-silence" and dice.random() < 0.12:
                    finding = "late"
                elif scenario == "worker-missing-env" and dice.random() < 0.04:
                    finding = "unknown"
                elif scenario == "orders-health" and environment == "production-eu" and age == 1:
                    finding = "wrong-channel"
                lost = "chat" if finding in ("wrong-channel", "late") else "receiver"
                lines.append(drill(len(lines), scenario, environment, ended, finding, dice,
                                   lost=lost))
    first = lines[-1]
    lines.append(drill(1, "orders-bad-queue", "production", now_ms - 9 * 60_000, "missing", dice,
                       drill="fd-gapgap22", origin="repeat",
                       repeats=next(line["drill"] for line in reversed(lines)
                                    if line["verdict"] == "gap"
                                    and line["scenario"] == "orders-bad-queue")))
    lines.append(drill(2, "worker-missing-env", "staging", now_ms - 4 * 60_000, "unknown", dice,
                       drill="fd-unsure22"))
    lines.append(drill(3, first["scenario"], first["environment"], now_ms - 3 * 60_000, "late",
                       dice, drill="fd-dmgd2222", report='{"drill": "fd-dmgd'))
    return lines

"""The ways to lose an alert before a chat is told of it, and what firedrill must say of each.

Each way is a function that changes a healthy loss_world.World; `of` is what it is an example of.
"""
import collections

import loss_peers
import loss_world

Expected = collections.namedtuple("Expected", "verdict finding code gap words reason fault")
Way = collections.namedtuple("Way", "name expected change")

PASS = Expected("pass", "delivered", 0, None, (), "", "clean")


def lost(after, before, *words, finding="missing"):
    """A gap between these two; the report has these words for it."""
    return Expected("gap", finding, 1, (after, before), words, "", "clean")


def unclear(reason, touched=True):
    """Nothing is known, and nothing is said."""
    return Expected("inconclusive", "unknown", 5, None, (), reason, "clean" if touched else "absent")


def compare(expected, found):
    """What is not as expected, in words; nothing when all is."""
    wrong = [f"{what} is {was}, not {wanted}" for what, wanted, was in (
        ("verdict", expected.verdict, found.verdict), ("reason", expected.reason, found.reason),
        ("finding", expected.finding, found.finding), ("exit code", expected.code, found.code),
        ("gap", expected.gap, found.gap), ("fault", expected.fault, found.fault)) if wanted != was]
    if expected.verdict == "pass" and found.report["hops"]:
        wrong.append("stations are told of a pass")
    return wrong + found.trouble() + [f"no word of \"{word}\"" for word in expected.words if word not in found.words]


class Ways(list):
    """A list that is filled by its functions."""

    def __call__(self, name, expected):
        def add(change):
            self.append(Way(name, expected, change))
            return change
        return add


WAYS = Ways()

# From the fault to Prometheus.


@WAYS("the target does not answer the scrape", lost("emission", "metric", "is down"))
def target_down(world):
    world.targets = [loss_peers.nobody()]


@WAYS("another path is scraped", lost("emission", "metric", "is down", "404"))
def wrong_path(world):
    world.job = {"metrics_path": "/elsewhere"}


@WAYS("the metric was renamed", lost("emission", "metric", "orders_publish_errors_total"))
def renamed_metric(world):
    world.rules = [loss_world.rule(expr="sum by (queue) (orders_publish_errors_total) > 0")]


@WAYS("the metric is dropped when it is scraped", lost("emission", "metric", "no series"))
def dropped_metric(world):
    world.job = {"metric_relabel_configs": [
        {"source_labels": ["__name__"], "regex": "orders_publish_.*", "action": "drop"}]}


# The rule.


@WAYS("the rule's file is not loaded", lost("emission", "rule", "no alerting rule of that name"))
def absent_rule(world):
    world.rules = []


@WAYS("another rule fires with the drill's id, the expected one is too dull",
      lost("emission", "rule", "condition was never true"))
def another_rule(world):
    world.rules = [loss_world.rule(alert="OrdersErrors"),
                   loss_world.rule(expr="sum by (queue) (orders_publish_failures_total) > 1e9")]


@WAYS("another rule fires with the drill's id, the expected one is not loaded",
      lost("emission", "chat", "cannot be told", "OrdersErrors"))
def another_rule_instead(world):
    world.rules = [loss_world.rule(alert="OrdersErrors")]


@WAYS("the rule's evaluation fails", lost("emission", "rule", "expression fails"))
def failing_rule(world):
    world.rules = [loss_world.rule(
        expr='orders_publish_failures_total * on () {__name__=~"orders_up|up"}')]


@WAYS("the rule's `for` is longer than the fault", lost("metric", "rule", "`for` of 30 min"))
def long_for(world):
    world.rules = [{**loss_world.rule(), "for": loss_world.NEVER}]


@WAYS("the threshold is never reached", lost("emission", "rule", "condition was never true"))
def high_threshold(world):
    world.rules = [loss_world.rule(expr="sum by (queue) (orders_publish_failures_total) > 1e9")]


@WAYS("the rule's group is hardly ever evaluated", lost("emission", "rule", "not evaluated"))
def rare_evaluation(world):
    world.interval = "30d"


# From the rule to Alertmanager.


@WAYS("Prometheus has no Alertmanager", lost("rule", "alertmanager", "has no Alertmanager"))
def no_alertmanager(world):
    world.tells = []


@WAYS("Alertmanager cannot be reached", lost("rule", "alertmanager", "could not deliver"))
def unreachable_alertmanager(world):
    world.tells = ["http://" + loss_peers.nobody()]


@WAYS("Prometheus tells another Alertmanager",
      lost("rule", "alertmanager", "nothing reaches this Alertmanager"))
def other_alertmanager(world):
    world.tells = [world.another({"route": {"receiver": "null"},
                                  "receivers": [{"name": "null"}]}).url]


@WAYS("alert_relabel_configs drop the alert",
      lost("rule", "alertmanager", "alert_relabel_configs"))
def dropped_by_relabelling(world):
    world.relabel = [{"source_labels": ["severity"], "regex": "page", "action": "drop"}]


@WAYS("alert_relabel_configs drop the label with the id, the chat shows no names",
      lost("receiver", "chat", "the drill's id does not come this far"))
def id_dropped_by_relabelling(world):
    world.relabel = [{"regex": "queue", "action": "labeldrop"}]
    world.rules = [loss_world.rule(annotations={"summary": "no queue"})]
    world.team[0].update(title="something is wrong", text="look", fallback="something is wrong")


# Alertmanager's routes, and what holds an alert back.


@WAYS("routed to a receiver that posts nowhere",
      lost("alertmanager", "receiver", '"null"', "no integration"))
def null_receiver(world):
    world.route["receiver"] = "null"


@WAYS("shadowed by a route above, to a receiver that posts nowhere",
      lost("alertmanager", "receiver", 'severity="page"', "no integration"))
def shadowed_to_nowhere(world):
    world.route["routes"] = [{"matchers": ['severity="page"'], "receiver": "null"},
                             {"matchers": [f'alertname="{loss_world.ALERT}"'],
                              "receiver": loss_world.TEAM}]


@WAYS("the rule drops the label with the id, the chat shows no names",
      lost("receiver", "chat", "the drill's id does not come this far"))
def id_dropped_by_the_rule(world):
    world.rules = [loss_world.rule(expr=f"sum ({loss_world.FAILS}) > 0",
                                   annotations={"summary": "no queue"})]
    world.team[0].update(title="something is wrong", text="look", fallback="something is wrong")


@WAYS("routed to others, whose channel is not read", lost("receiver", "chat", '"others"'))
def shadowed_to_others(world):
    world.route["routes"] = [{"matchers": ['severity="page"'], "receiver": loss_world.OTHERS}]
    world.others = "unread"


@WAYS("a silence", lost("alertmanager", "receiver", "silence", '"joe"', "maintenance"))
def silence(world):
    world.silence(matchers=[{"name": "alertname", "value": "Orders.*", "isRegex": True}],
                  createdBy="joe", comment="maintenance")


@WAYS("an inhibition", lost("alertmanager", "receiver", 'inhibited by the alert "NetworkDown"'))
def inhibition(world):
    world.manager["inhibit_rules"] = [
        {"source_matchers": ['alertname="NetworkDown"'], "target_matchers": ['severity="page"'],
         "equal": ["cluster"]}]
    world.route["routes"] = [{"matchers": ['alertname="NetworkDown"'], "receiver": "null"}]
    world.fire(alertname="NetworkDown")


ALWAYS = {"times": [{"start_time": "00:00", "end_time": "24:00"}]}
LONG_AGO = {"years": ["2001"]}


def on_the_way(world, kind, interval):
    world.manager["time_intervals"] = [{"name": "hours", "time_intervals": [interval]}]
    world.route["routes"] = [{"matchers": ['severity="page"'], "receiver": loss_world.TEAM,
                              kind: ["hours"]}]


@WAYS("a mute time interval", lost("alertmanager", "receiver", 'mute time interval "hours"'))
def muted(world):
    on_the_way(world, "mute_time_intervals", ALWAYS)


@WAYS("outside an active time interval",
      lost("alertmanager", "receiver", 'active time interval "hours"'))
def not_active(world):
    on_the_way(world, "active_time_intervals", LONG_AGO)


@WAYS("group_wait is longer than the fault", lost("alertmanager", "receiver", "group_wait"))
def long_group_wait(world):
    world.route["group_wait"] = loss_world.NEVER


@WAYS("the alert joins a group that was told of a moment ago",
      lost("alertmanager", "receiver", "group_interval"))
def joins_a_group(world):
    labels = {"severity": "page", "lane": world.channel}
    world.rules = [loss_world.rule(labels=labels)]
    world.route.update(group_by=["lane"], group_interval=loss_world.NEVER)
    world.before(lambda: world.tell_unseen(alertname=loss_world.ALERT, queue="older", **labels))


@WAYS("the same alert, again within group_interval",
      lost("alertmanager", "receiver", "group_interval"))
def repeated(world):
    labels = {"severity": "page", "lane": world.channel}
    world.rules = [loss_world.rule(
        expr=f"sum ({loss_world.FAILS}) > 0", labels=labels, annotations={"summary": "no queue"})]
    world.route.update(group_by=["lane"], group_interval=loss_world.NEVER)
    world.expectation["match"] = [loss_world.ALERT]
    world.before(lambda: world.tell_unseen(over=True, alertname=loss_world.ALERT, **labels))

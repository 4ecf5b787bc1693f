"""The ways in which an alert arrives, but not as it should; stations that are slow or cannot be asked;
noise; and what cannot be decided."""
import loss_peers
import loss_world
from loss_ways import PASS, Expected, Ways, lost, unclear
from loss_ways_chat import deleted_webhook

WAYS = Ways()

# Late.


@WAYS("the chat shows the message seven seconds later",
      lost("alertmanager", "chat", "were spent between alertmanager and chat", finding="late"))
def late_in_the_chat(world):
    world.chat_wrong = {"delay_ms": 7000}
    world.expectation["grace"] = "30s"


@WAYS("group_wait is longer than the deadline",
      lost("alertmanager", "receiver", "group_wait", finding="late"))
def late_by_group_wait(world):
    world.rules = [loss_world.rule(expr=loss_world.FAILED)]
    world.route["group_wait"] = "5s"
    world.expectation.update(within="3s", grace="30s")


@WAYS("the rule's `for` is longer than the deadline",
      lost("metric", "rule", "`for`", finding="late"))
def late_by_for(world):
    world.rules = [{**loss_world.rule(expr=loss_world.FAILED), "for": "4s"}]
    world.expectation.update(within="3s", grace="30s")


# More than once.


@WAYS("two integrations post into the channel", lost("alertmanager", "receiver", "2 integrations",
                                                    finding="duplicate"))
def two_integrations(world):
    world.team.append(world.slack())
    world.expectation.update(at_most=1, settle="4s")


@WAYS("two Alertmanagers that do not know of each other",
      lost("alertmanager", "receiver", "both posted it", finding="duplicate"))
def two_alertmanagers(world):
    other = world.another()
    world.tells.append(other.url)
    world.asked.append(("alertmanager", other.url))
    world.expectation.update(at_most=1, settle="4s")


@WAYS("two series of one fault", lost("metric", "rule", "more than once", finding="duplicate"))
def two_series(world):
    world.rules = [loss_world.rule(expr=" or ".join(
        f'label_replace({loss_world.FAILS}, "replica", "{name}", "", "")' for name in "ab"))]
    world.expectation.update(at_most=1, settle="4s")


# Elsewhere, cut, and not ended.


@WAYS("the webhook belongs to another channel",
      lost("receiver", "chat", "arrived in #general", finding="wrong-channel"))
def other_channel(world):
    world.team = [world.slack("general")]


@WAYS("a route above takes it to the others",
      lost("receiver", "chat", '"others"', finding="wrong-channel"))
def routed_to_others(world):
    world.route["routes"] = [{"matchers": ['severity="page"'], "receiver": loss_world.OTHERS}]


@WAYS("the template leaves the runbook out",
      lost("alertmanager", "chat", "template", finding="unreadable"))
def without_the_runbook(world):
    world.team[0]["text"] = "look"
    world.expectation["contains"] = ["wiki.example/orders-queue"]


@WAYS("the rule has no runbook", lost("emission", "rule", "annotation", finding="unreadable"))
def no_runbook(world):
    world.rules = [loss_world.rule(annotations={"summary": "no queue {{ $labels.queue }}"})]
    world.expectation["contains"] = ["wiki.example/orders-queue"]


@WAYS("the receiver does not send resolved",
      lost("alertmanager", "receiver", "does not send resolved", finding="unresolved"))
def resolved_not_sent(world):
    world.team[0]["send_resolved"] = False
    world.expectation["resolved"] = "5s"


@WAYS("keep_firing_for is longer than the wait for resolved",
      lost("emission", "rule", "keep_firing_for", finding="unresolved"))
def resolved_late_by_the_rule(world):
    world.rules = [{**loss_world.rule(), "keep_firing_for": "12s"}]
    world.expectation["resolved"] = "4s"


@WAYS("group_interval is longer than the wait for resolved",
      lost("alertmanager", "receiver", "group_interval", finding="unresolved"))
def resolved_late_by_the_route(world):
    world.route["group_interval"] = loss_world.NEVER
    world.expectation["resolved"] = "5s"


@WAYS("the chat refuses the resolved message",
      lost("alertmanager", "receiver", finding="unresolved"))
def resolved_refused(world):
    world.chat_wrong = {"method": "webhook", "status": 410, "skip": 1}
    world.expectation["resolved"] = "5s"


# Stations that are slow, or cannot be asked: the same truth, a wider gap at worst.

HELD = {"matchers": [{"name": "severity", "value": "page", "isRegex": False}],
        "createdBy": "joe", "comment": "maintenance"}


@WAYS("a silence, and Alertmanager answers each question after 1 s",
      lost("alertmanager", "receiver", "silence"))
def slow_alertmanager(world):
    world.slow("alertmanager", 1)
    world.silence(**HELD)


@WAYS("a silence, and Alertmanager answers each question after 5 s",
      lost("rule", "chat", "alertmanager could not tell"))
def very_slow_alertmanager(world):
    world.slow("alertmanager", 5)
    world.silence(**HELD)


@WAYS("a silence, and Prometheus cannot be asked", lost("alertmanager", "receiver", "silence"))
def prometheus_unknown(world):
    world.ask("prometheus", "http://" + loss_peers.nobody())
    world.silence(**HELD)


@WAYS("a silence, and Alertmanager cannot be asked",
      lost("rule", "chat", "alertmanager could not tell"))
def alertmanager_unknown(world):
    world.ask("alertmanager", "http://" + loss_peers.nobody())
    world.silence(**HELD)


@WAYS("a silence, and one station never answers, the other is not there",
      lost("emission", "chat", "did not answer", "alertmanager could not tell"))
def all_unknown(world):
    alertmanager_unknown(world)
    world.ask("prometheus", world.deaf())


# In the noise of 500 other messages a minute.


@WAYS("nothing is wrong, in the noise", PASS)
def noise(world):
    world.noise()
    world.expectation.update(within="30s", resolved="30s")


@WAYS("the webhook was deleted, in the noise", lost("alertmanager", "receiver", "0 posted"))
def lost_in_noise(world):
    deleted_webhook(world)
    world.noise()


# What cannot be decided is not.


@WAYS("the fault has no effect", unclear("fault-had-no-effect"))
def no_effect(world):
    world.orders_wrong = {"ignore_put": True}


@WAYS("the message lacks the id: it may be a real alert", Expected(
    "aborted", "unknown", 6, None, (), "", "clean"))
def without_the_id(world):
    world.team[0].update(title=loss_world.ALERT, text="look", fallback=loss_world.ALERT)


@WAYS("the bot is not in the channel", unclear("unobservable", touched=False))
def not_a_member(world):
    world.chat.control("PUT", "channel", {"name": world.channel, "private": True})


@WAYS("the channel is archived", unclear("unobservable", touched=False))
def archived(world):
    world.chat.control("PUT", "channel", {"name": world.channel, "member": True, "archived": True})


@WAYS("the chat cannot be read from the fault on", unclear("unobservable"))
def blind(world):
    world.tells = []  # else the alert may be seen before
    world.when_broken(lambda: world.chat.wrong(method="conversations.history", status=503))


@WAYS("the alert stood there before, without an id to tell it by", unclear("confounded", touched=False))
def there_before(world):
    world.expectation["match"] = [loss_world.ALERT]
    world.before(lambda: world.say(f"[FIRING:1] {loss_world.ALERT}"))

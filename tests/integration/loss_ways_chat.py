"""The ways to lose, garble, misroute, delay or not resolve an alert in what posts it and in the chat,
to look at the stations badly, and to be unable to look."""
import loss_peers
import loss_world
from loss_ways import Ways, lost

WAYS = Ways()

# The sender and the chat.


@WAYS("the webhook was deleted (404 no_service)",
      lost("alertmanager", "receiver", "0 posted", "fail"))
def deleted_webhook(world):
    world.team[0]["api_url"] = world.chat.url + "/services/T0/B0/gone"


@WAYS("the webhook's channel is archived (410)", lost("alertmanager", "receiver", "0 posted"))
def archived_for_the_webhook(world):
    world.chat_wrong = {"method": "webhook", "status": 410}


@WAYS("the chat answers 429", lost("alertmanager", "receiver", "0 posted"))
def rate_limited(world):
    world.chat_wrong = {"method": "webhook", "rate_limited": True}


@WAYS("the chat answers 503, and is asked again", lost("alertmanager", "receiver", "tried again"))
def unwell(world):
    world.chat_wrong = {"method": "webhook", "status": 503}


@WAYS("the chat never answers the sender", lost("alertmanager", "receiver", "has not answered"))
def deaf(world):
    world.chat_wrong = {"method": "webhook", "hang": True}


@WAYS("no chat at the receiver's address", lost("alertmanager", "receiver", "not reachable"))
def nobody_there(world):
    world.team[0]["api_url"] = f"http://{loss_peers.nobody()}/services/T/B/X"


@WAYS("the template fails", lost("alertmanager", "receiver", "0 posted"))
def failing_template(world):
    world.team[0]["text"] = "{{ template \"no.such\" . }}"


@WAYS("200 with an error in the body", lost("receiver", "chat", "an answer 200 that says no"))
def error_with_200(world):
    world.team = [{"api_url": world.chat.url + "/api/chat.postMessage", "channel": "#nowhere",
                   "http_config": {"authorization": {"type": "Bearer",
                                                     "credentials": world.chat.token}}}]


@WAYS("200, and thrown away", lost("receiver", "chat", "took it and did not show it"))
def thrown_away(world):
    world.chat_wrong = {"drop_alert": True}


@WAYS("posted into a channel that nobody reads", lost("receiver", "chat", "another channel"))
def unread_channel(world):
    world.chat_wrong = {"wrong_channel": "unread"}


@WAYS("the text is garbled beyond recognition", lost("receiver", "chat"))
def garbled(world):
    world.chat_wrong = {"garble": True}


@WAYS("the message has the id, but another name",
      lost("receiver", "chat", "has the drill's id but lacks"))
def renamed_message(world):
    world.team[0].update(title="queue trouble", fallback="queue trouble")


@WAYS("one of its two webhooks was deleted, the other posts elsewhere",
      lost("alertmanager", "chat", "2 channels"))
def one_of_two(world):
    deleted_webhook(world)
    world.team.append(world.slack("unread"))


@WAYS("the webhook was deleted, while other alerts are posted",
      lost("alertmanager", "chat", "other alerts go the same way"))
def busy_alertmanager(world):
    deleted_webhook(world)
    world.others = "unread"
    world.route["routes"] = [{"matchers": ['team="others"'], "receiver": loss_world.OTHERS,
                              "repeat_interval": "1s"}]
    world.before(lambda: world.fire(alertname="TheirDatabase", team="others"))

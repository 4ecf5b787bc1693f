#!/usr/bin/env python3
"""A real broker: what is published to a queue that does not exist comes back, and is told."""
import unittest

import drills
import peers


class RabbitMQTest(drills.DrillCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = peers.RabbitMQ()
        cls.addClassCleanup(cls.broker.stop)
        cls.broker.start()

    def chain(self, **targets):
        self.chat = self.peer(peers.FakeChat())
        alertmanager = self.peer(peers.Alertmanager(peers.slack_by_webhook(self.chat, "ops")))
        self.prometheus = self.peer(peers.Prometheus(targets, alertmanager.url))

    def test_orders_to_a_missing_queue_come_back_and_reach_the_chat(self):
        orders = self.peer(peers.FakeService("orders", "--amqp", self.broker.amqp))
        self.chain(orders=orders.url)
        peers.until("orders are published",
                    lambda: (self.prometheus.value("orders_published_total") or 0) > 0)
        self.configure({"slack": self.chat.url + "/api"}, {"api": orders.url})
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], resolved="90s",
                                    contains=["runbook"]))
        result, report = self.drill("bad-queue")
        self.assert_passed(result, report)
        self.assertEqual(peers.http("GET", orders.url + "/admin/queue").body.strip(), "orders")
        # The broker never knew the queue, and the orders flow again.
        missing = self.broker.api("GET", f"/api/queues/%2F/orders-{report['drill']}")
        self.assertEqual(missing.status, 404)
        before = self.prometheus.value("orders_published_total")
        peers.until("orders flow again",
                    lambda: self.prometheus.value("orders_published_total") > before)

    def test_the_log_line_of_a_returned_message_reaches_the_chat_without_prometheus(self):
        chat = self.peer(peers.FakeChat())
        alerting = self.peer(peers.FakeService("alerting", "--webhook", chat.webhook_url("ops")))
        orders = self.peer(peers.FakeService("orders", "--amqp", self.broker.amqp,
                                             "--logs", alerting.url + "/logs"))
        self.configure({"slack": chat.url + "/api"}, {"api": orders.url})
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], resolved="90s"))
        self.assert_passed(*self.drill("bad-queue"))

    def test_a_message_published_past_every_queue_is_seen_by_the_brokers_own_metrics(self):
        self.chain(broker=self.broker.metrics)
        peers.until("a first scrape", lambda: self.prometheus.value('up{job="broker"}') == 1)
        self.configure({"slack": self.chat.url + "/api"}, {"rabbit": self.broker.url})
        self.scenario("unroutable", drills.UNROUTABLE,
                      drills.expect("#ops", ["MessagesUnroutable"], resolved="90s"))
        result, report = self.drill("unroutable")
        self.assert_passed(result, report)
        self.assertEqual(report["fault"]["effect"], "emission", result)

    def test_a_wrong_password_for_the_broker_is_said_and_kept_secret(self):
        chat = self.peer(peers.FakeChat())
        self.environment["RABBITMQ_PASSWORD"] = "a-wrong-one-7731"
        self.configure({"slack": chat.url + "/api"}, {"rabbit": self.broker.url})
        self.scenario("unroutable", drills.UNROUTABLE,
                      drills.expect("#ops", ["MessagesUnroutable"], within="2s", grace="0s"))
        result, report = self.drill("unroutable")
        self.assertEqual((result.code, report["verdict"]), (5, "inconclusive"), result)
        self.assertNotIn("a-wrong-one-7731", str(result) + "\n".join(chat.texts("ops")))


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager", "rabbitmq")
    unittest.main(verbosity=2)

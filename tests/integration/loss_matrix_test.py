#!/usr/bin/env python3
"""The loss matrix: each way to lose an alert, what firedrill must say of it, and what it says; the
real program against real Prometheus and real Alertmanager, with healthy drills between the ways.

The table is printed and kept in the build folder as loss-matrix.txt.  LOSS_ONLY=webhook goes only the
ways with that word in their names, LOSS_LOUD=1 tells of each when it is over."""
import collections
import os
import queue
import threading
import time
import traceback
import unittest

import loss_ways
import loss_ways_chat
import loss_ways_more
import loss_world
import peers

WORLDS = 12  # at once
HEALTHY_EVERY = 4  # ways in one world

Row = collections.namedtuple("Row", "name expected found wrong")


def healthy(world):
    world.expectation.update(within="30s", resolved="30s")


HEALTHY = loss_ways.Way("nothing is wrong", loss_ways.PASS, healthy)


def one_drill(world, way, number):
    world.fresh()
    way.change(world)
    world.apply()
    found = world.drill(f"way-{number}")
    wrong = loss_ways.compare(way.expected, found)
    world.calm()
    return Row(way.name, way.expected, found, wrong)


class Matrix:
    """Takes the ways out of one queue into several worlds."""

    def __init__(self, ways):
        self.rows, self.errors = [], []
        self.left = queue.SimpleQueue()
        for number, way in reversed(list(enumerate(ways))):  # the longest are among the last
            self.left.put((number, way))

    def work(self):
        try:
            world = loss_world.World()
            try:
                self.live_in(world.open())
            finally:
                world.close()
        except Exception:  # pylint: disable=broad-exception-caught
            self.errors.append(traceback.format_exc())

    def live_in(self, world):
        done = 0
        while True:
            if done % HEALTHY_EVERY == 0:
                self.rows.append((1000, one_drill(world, HEALTHY, 1000)))
            try:
                number, way = self.left.get_nowait()
            except queue.Empty:
                break
            begun = time.monotonic()
            self.rows.append((number, one_drill(world, way, number)))
            if os.environ.get("LOSS_LOUD"):
                print(f"{time.monotonic() - begun:5.1f} s {way.name}", flush=True)
            done += 1

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(WORLDS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rows = [row for _, row in sorted(self.rows, key=lambda each: each[0])]
        return self


def shown(what):
    gap = f", {what.gap[0]} > {what.gap[1]}" if what.gap else ""
    return f"{what.verdict}{' ' + what.reason if what.reason else ''}, {what.finding}{gap}"


def table(rows):
    cells = [("way", "expected", "found", "ok")]
    cells += [(row.name, shown(row.expected), shown(row.found), "NO" if row.wrong else "yes")
              for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in cells)


class LossMatrixTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.ways = loss_ways.WAYS + loss_ways_chat.WAYS + loss_ways_more.WAYS
        if os.environ.get("LOSS_ONLY"):  # part of a name: to look at one way
            cls.ways = [way for way in cls.ways if os.environ["LOSS_ONLY"] in way.name]
        cls.matrix = Matrix(cls.ways).run()
        text = table(cls.matrix.rows)
        print(text, flush=True)
        with open(os.path.join(peers.BUILD, "loss-matrix.txt"), "w", encoding="utf-8") as file:
            file.write(text + "\n")

    def test_every_loss_is_found_where_it_is_and_no_healthy_drill_has_a_gap(self):
        self.assertEqual(self.matrix.errors, [])
        for row in self.matrix.rows:
            with self.subTest(row.name):
                self.assertEqual(row.wrong, [], row.found.result)

    def test_all_ways_were_gone_and_healthy_drills_between_them(self):
        names = [row.name for row in self.matrix.rows]
        self.assertEqual(collections.Counter(names) - collections.Counter({HEALTHY.name: 1000}),
                         collections.Counter(way.name for way in self.ways))
        self.assertGreaterEqual(names.count(HEALTHY.name), len(self.ways) / HEALTHY_EVERY)

    def test_no_wrong_expectation_is_taken_for_right(self):
        for row in self.matrix.rows:
            right = row.expected
            for wrong in (
                    right._replace(verdict="pass" if right.verdict == "gap" else "gap"),
                    right._replace(finding="silent"), right._replace(code=3),
                    right._replace(gap=("log", "metric")), right._replace(reason="cold feet"),
                    right._replace(fault="stuck"), right._replace(words=(*right.words, "no such word"))):
                with self.subTest(row.name, wrong=wrong):
                    self.assertGreater(len(loss_ways.compare(wrong, row.found)),
                                       len(row.wrong))


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)

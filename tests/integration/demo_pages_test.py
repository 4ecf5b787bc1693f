#!/usr/bin/env python3
"""`firedrill demo --serve` as a user sees it in a browser; the pictures of the README are made here,
into screenshots/ of the build folder (`./dev screenshots` puts them into docs/images/).
"""
import os
import re
import signal
import subprocess
import tempfile
import unittest
import urllib.request

import browser
import peers

PICTURES = os.path.join(peers.BUILD, "screenshots")
FIREDRILL = os.path.join(peers.BUILD, "src", "program", "firedrill")


def pages_of(log):
    """Where the daemon says that its pages are."""
    for line in log:
        found = re.search(r" pages=(http://\S+)", line)
        if found:
            return found[1].rstrip("/")
    raise AssertionError("the demo ended before its daemon began")


class DemoPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(PICTURES, exist_ok=True)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.demo = subprocess.Popen(
            [FIREDRILL, "demo", "--serve"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": cls.folder.name})
        cls.addClassCleanup(cls.demo.stderr.close)
        cls.addClassCleanup(cls.demo.kill)
        cls.pages = pages_of(cls.demo.stderr)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def show(self, path, name=None, width=1100, most=1000):
        self.browser.look(width)
        self.browser.open(self.pages + path)
        self.assertEqual(self.browser.complaints(), [])
        if name:
            picture = os.path.join(PICTURES, name)
            self.browser.picture(picture, most)
            self.assertGreater(os.path.getsize(picture), 20000)
        return self.browser.run("document.body.innerText")

    def test_1_the_overview_shows_what_the_story_found(self):
        text = self.show("/", "overview.png", most=860)
        for word in ("Do alerts reach people?", "bad-queue", "missing-env", "dead-health",
                     "staging", "production", "never proven"):
            self.assertIn(word, text)
        gaps = self.browser.run(
            "[...document.links].filter(a => a.href.includes('/scenario/')).map(a => a.textContent)")
        self.assertIn("bad-queue", gaps)

    def test_2_the_page_of_a_gap_says_where_the_alert_was_lost(self):
        with urllib.request.urlopen(self.pages + "/metrics", timeout=browser.PATIENCE_S) as answer:
            self.assertIn(b'firedrill_last_verdict{scenario="bad-queue",environment="production",'
                          b'verdict="gap"} 1', answer.read())
        self.show("/")
        link = self.browser.run(
            "[...document.querySelectorAll('tr')].filter(r => r.textContent.includes('bad-queue')"
            " && r.textContent.includes('never reached #ops'))"
            ".map(r => r.querySelector('a[href*=\"drill/fd-\"]').pathname)[0]")
        text = self.show(link, "gap.png", most=1180)
        for word in ("Where it was lost", "alertmanager", "receiver",
                     "the receiver has no integration", "What happened when"):
            self.assertIn(word, text)
        self.assertEqual(self.browser.run("document.querySelectorAll('svg').length > 0"), True)

    def test_3_on_a_phone_nothing_is_wider_than_the_screen(self):
        self.show("/", width=390)
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 390)

    def test_4_ctrl_c_puts_right_what_runs_and_ends_with_0(self):
        self.demo.send_signal(signal.SIGINT)
        self.demo.stderr.read()
        self.assertEqual(self.demo.wait(), 0)
        self.assertEqual(os.listdir(self.folder.name), [])


if __name__ == "__main__":
    peers.need("chromium")
    unittest.main()

#!/usr/bin/env python3
"""Slack's own client for Node finds nothing wrong with our fake chat."""
import os
import subprocess
import unittest

import peers


class SlackSdkTest(peers.Case):
    def test_the_official_client_finds_nothing_wrong(self):
        chat = self.peer(peers.FakeChat())
        ran = subprocess.run(
            [peers.node(), os.path.join(peers.HERE, "slack_sdk.mjs"), peers.WEB_API,
             chat.url, chat.token, "ops"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        self.assertRegex(ran.stdout, r"# pass [1-9]")


if __name__ == "__main__":
    peers.need("web-api")
    unittest.main(verbosity=2)

"""A headless Chromium, spoken to by the DevTools protocol over a pair of pipes: no port is opened.

https://chromedevtools.github.io/devtools-protocol/ and --remote-debugging-pipe: one JSON text after
the other, each ended by a NUL; Chromium reads from its descriptor 3 and writes to 4.
"""
import base64
import json
import os
import select
import signal
import subprocess
import tempfile
import time

PATIENCE_S = 180


class Browser:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="firedrill-chromium-",
                                                  ignore_cleanup_errors=True)
        to_it, self.ours_out = os.pipe()
        self.ours_in, from_it = os.pipe()

        def place():  # in the child: what it reads becomes 3, what it writes 4
            low, high = os.dup(to_it), os.dup(from_it)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync",
             "--disable-component-update", "--no-default-browser-check", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place, start_new_session=True,
            env={**os.environ, "HOME": self.folder.name})
        os.close(to_it)
        os.close(from_it)
        self.left, self.number, self.events = b"", 0, []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.ours_out)
        os.close(self.ours_in)
        self.folder.cleanup()

    def read(self, end):
        """The next message."""
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.ours_in], [], [], max(0, end - time.monotonic()))
            chunk = os.read(self.ours_in, 1 << 20) if ready else b""
            if not chunk:
                raise AssertionError("Chromium does not answer")
            self.left += chunk
        text, _, self.left = self.left.partition(b"\0")
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        ask = {"id": self.number, "method": method, "params": params}
        if self.session:
            ask["sessionId"] = self.session
        os.write(self.ours_out, json.dumps(ask).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            said = self.read(end)
            if said.get("id") == self.number:
                if "error" in said:
                    raise AssertionError(f"{method}: {said['error']}")
                return said["result"]
            self.events.append(said)

    def open(self, url):
        """Loads a page; what happened on the way is in self.events."""
        self.events = []
        self.call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE_S
        while not any(said.get("method") == "Page.loadEventFired" for said in self.events):
            self.events.append(self.read(end))

    def run(self, script):
        """The value of an expression in the page."""
        said = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in said:
            raise AssertionError(said["exceptionDetails"])
        return said["result"].get("value")

    def look(self, width, height=900, dark=False, media="screen"):
        """The size of the window, and what its owner likes."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path, most=6000):
        """The whole page, at most so many pixels of its height."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": size["width"],
                               "height": min(size["height"], most), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the console says, exceptions, dialogs, and windows that were opened."""
        bad = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded",
               "Page.javascriptDialogOpening", "Page.windowOpen", "Network.loadingFailed")
        return [said for said in self.events if said.get("method") in bad]

    def requests(self):
        return [said["params"]["request"]["url"] for said in self.events
                if said.get("method") == "Network.requestWillBeSent"]

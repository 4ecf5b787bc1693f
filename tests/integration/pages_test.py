#!/usr/bin/env python3
"""The pages in a real browser: rendered, links followed, nothing loaded from elsewhere, a hostile alert
shown and harmless, light and dark, a phone, without complaints."""
import html.parser
import http.server
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import browser
import page_world
import peers

SITE = f"{peers.BUILD}/tests/integration/page_site"
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
HOSTILE = "fd-hostile2"
OVERRIDE = "\u202e"
TEXT = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</pre></article></main></style></title><style>body{display:none}</style>"
    "<a href=\"javascript:alert(1)\">here</a><iframe src=http://127.0.0.1:1/></iframe>"
    "<svg onload=alert(1)><meta http-equiv=refresh content='0;url=http://127.0.0.1:1/'>"
    f"& \" ' {OVERRIDE}gnp.exe \u2066 \x1b[31m\x07 \u05d0\u05d1\u05d2 END-OF-MARKUP\n"
)
HUGE = TEXT + "A" * (1 << 20)


class Site:
    """page_site behind a plain web server, with the policy that the daemon's server sends."""

    def __init__(self, lines, standing=False):
        self.folder = tempfile.TemporaryDirectory(prefix="firedrill-pages-")
        folder = pathlib.Path(self.folder.name)
        page_world.write_config(folder)
        (folder / "history.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        self.program = subprocess.Popen(
            [SITE, str(folder / "firedrill.cfg"), str(folder / "history.jsonl")]
            + ["standing"] * standing, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock, site = threading.Lock(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = site.ask(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, path):
        with self.lock:
            self.program.stdin.write(path.encode() + b"\n")
            self.program.stdin.flush()
            status, size = self.program.stdout.readline().split()
            return int(status), self.program.stdout.read(int(size))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.program.stdin.close()
        code = self.program.wait(browser.PATIENCE_S)
        self.program.stdout.close()
        self.folder.cleanup()
        return code


class Strict(html.parser.HTMLParser):
    """Every element that is opened is closed, in order; none has two attributes of one name."""

    VOID = {"meta", "link", "br", "img", "input", "hr"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.ids = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"
        assert len(self.ids) == len(set(self.ids)), "an id is there twice"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> where none is open"


def world():
    lines = page_world.make(int(time.time() * 1000))
    dice = random.Random(3)
    lines.append(page_world.drill(
        1, "orders-health", "staging", int(time.time() * 1000) - 60_000, "delivered", dice,
        drill=HOSTILE, message=TEXT, text=TEXT))
    lines[-1]["evidence"].append({"kind": "log", "source": TEXT, "text": HUGE, "expect": -1})
    lines[-1]["evidence"].append({"kind": "message", "source": OVERRIDE + "#ops", "expect": 0,
                                  "text": "\u05e9\u05dc\u05d5\u05dd " * 50})
    report = json.loads(lines[-1]["report"])
    report["runbook"] = "javascript:alert(1)"
    report["report_permalink"] = "https://chat.example/\"onmouseover=alert(1) x='"
    report["expectations"][0]["permalink"] = "data:text/html,<script>alert(1)</script>"
    report["expectations"][0]["alert"] = TEXT
    lines[-1]["report"] = json.dumps(report)
    return lines


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = world()
        cls.site = Site(cls.lines, standing=True)
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        assert cls.site.stop() == 0

    def name_of(self, finding):
        return next(line["drill"] for line in reversed(self.lines)
                    if line["expectations"][0]["finding"] == finding and line["drill"] != HOSTILE)

    def pages(self):
        yield from ("/", "/?environment=production", "/?only=open", "/coverage", "/scenario/orders-bad-queue",
                    "/scenario/checkout-silence", f"/drill/{HOSTILE}", "/drill/fd-dmgd2222")
        for finding in ("delivered", "missing", "late", "wrong-channel", "unknown", "silent"):
            yield f"/drill/{self.name_of(finding)}"

    def test_every_page_is_well_formed_and_says_nothing_in_the_console(self):
        for path in self.pages():
            with self.subTest(path):
                status, body = self.site.ask(path)
                self.assertEqual(status, 200)
                tags = [tag for tag, _ in Strict(body.decode()).elements]
                for tag in ("html", "head", "body", "main", "h1", "style"):
                    self.assertEqual(tags.count(tag), 1, tag)
                self.assertNotIn("script", tags)
                self.browser.open(self.site.url + path)
                self.assertEqual(self.browser.complaints(), [])
                self.assertEqual(self.browser.requests(), [self.site.url + path])

    def test_all_links_of_ours_lead_somewhere(self):
        seen, ahead = set(), ["/"]
        while ahead:
            path = ahead.pop()
            if path in seen or (path.startswith("/drill/") and len(seen) > 150):
                continue
            seen.add(path)
            status, body = self.site.ask(path)
            self.assertEqual(status, 200, path)
            for _, attrs in Strict(body.decode()).elements:
                href = attrs.get("href") or ""
                if href.startswith(("./", "../")):
                    ahead.append(urllib.parse.urljoin(path, href))
                elif not href.startswith("data:image/svg+xml,") and not href.startswith("#"):
                    self.assertTrue(href.startswith(("https://", "http://")) or not href, href)
                    if href:
                        self.assertEqual(attrs["rel"], "noreferrer noopener")
        self.assertTrue({"/coverage", "/scenario/control", "/?environment=staging"} <= seen)
        self.assertGreater(len(seen), 60)

    def test_a_click_on_a_gap_leads_to_its_page_and_from_there_to_its_scenario(self):
        self.browser.open(self.site.url + "/")
        href = self.browser.run("document.querySelector('.needs li .id a').href")
        self.browser.open(href)
        self.assertIn("never arrived", self.browser.run("document.querySelector('h1').innerText"))
        self.assertIn("the receiver has no integration",
                      self.browser.run("document.querySelector('.card.bad').innerText"))
        self.browser.open(self.browser.run("document.querySelector('.lead a').href"))
        self.assertEqual(self.browser.run("document.querySelector('h1').innerText"),
                         "orders-bad-queue")
        self.assertEqual(self.browser.run("document.querySelectorAll('.chart svg').length"), 3)

    def test_a_hostile_alert_is_shown_and_does_nothing(self):
        status, body = self.site.ask(f"/drill/{HOSTILE}")
        self.assertEqual(status, 200)
        self.assertLess(len(body), 1 << 20)
        for one in (OVERRIDE, "\u2066", "\x1b", "\x07"):
            self.assertNotIn(one, body.decode())
        page = f"{self.site.url}/drill/{HOSTILE}"
        self.browser.open(page)
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.requests(), [page])
        self.assertEqual(self.browser.run("location.href"), page)
        self.assertNotEqual(self.browser.run("document.title"), "owned")
        shown = self.browser.run("document.querySelector('.said:nth-of-type(2) pre').innerText")
        self.assertIn("<script>document.title='owned'</script>", shown)
        self.assertIn("END-OF-MARKUP", shown)
        self.assertIn("END-OF-MARKUP", self.browser.run("document.querySelector('h1').innerText"))
        for forbidden in ("script", "iframe", "img", "svg[onload]", "[onerror]", "[onmouseover]",
                          "a[href^='javascript']", "a[href^='data']", "main ~ style"):
            self.assertEqual(self.browser.run(
                f"document.querySelectorAll(\"{forbidden}\").length"), 0, forbidden)
        self.assertIn("bytes more are not shown",
                      self.browser.run("document.querySelector('main').textContent"))
        # The order of what stands around a text from right to left is kept.
        self.assertTrue(self.browser.run(
            "getComputedStyle(document.querySelector('.said b bdi')).unicodeBidi "
            "=== 'isolate'"))

    def test_on_a_phone_a_scenario_has_the_whole_width_and_its_times_are_apart(self):
        self.browser.look(390, 844)
        try:
            self.browser.open(self.site.url + "/")
            row, name = (self.browser.run(f"document.querySelector('{which}').clientWidth")
                         for which in (".grid tbody tr", ".grid tbody th"))
            self.assertGreater(name, row * 0.8)
            self.assertIn("·", self.browser.run("getComputedStyle(document.querySelector("
                                                "'.grid td small + small'), '::before').content"))
        finally:
            self.browser.look(1280)

    def test_nothing_is_wider_than_a_phone_and_nothing_overlaps(self):
        self.browser.look(390, 844)
        try:
            for path in self.pages():
                with self.subTest(path):
                    self.browser.open(self.site.url + path)
                    self.assertLessEqual(
                        self.browser.run("document.documentElement.scrollWidth"), 390)
        finally:
            self.browser.look(1280)

    def test_paper_is_white_and_shows_whole_tables(self):
        try:
            for path in self.pages():
                self.browser.look(760, dark=True, media="print")
                self.browser.open(self.site.url + path)
                self.assertEqual(self.browser.run(
                    "getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
                self.assertLessEqual(
                    self.browser.run("document.documentElement.scrollWidth"), 760, path)
        finally:
            self.browser.look(1280)

    def test_labels_of_the_time_line_do_not_overlap(self):
        script = """(() => {
            const boxes = [...document.querySelectorAll('.chart svg text')].map(
                t => [t.textContent, t.getBoundingClientRect()]);
            const bad = [];
            for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
                const a = boxes[i][1], b = boxes[j][1];
                if (a.left < b.right - 1 && b.left < a.right - 1 &&
                    a.top < b.bottom - 4 && b.top < a.bottom - 4)
                    bad.push(boxes[i][0] + ' / ' + boxes[j][0]);
            }
            return bad;
        })()"""
        for path in self.pages():
            self.browser.open(self.site.url + path)
            self.assertEqual(self.browser.run(script), [], path)
        self.browser.open(f"{self.site.url}/drill/{self.name_of('late')}")
        self.assertGreater(self.browser.run(
            "document.querySelectorAll('.chart svg text').length"), 20)

    def test_contrast_is_enough_in_light_and_dark(self):
        script = """(() => {
            const parse = c => c.match(/[\\d.]+/g).map(Number);
            const light = c => { const [r, g, b] = c.map(v => { v /= 255;
                return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const ground = e => { for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
            const bad = [];
            for (const e of document.querySelectorAll('main *, header *, footer')) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
                const style = getComputedStyle(e), svg = e.closest('svg');
                if (svg && !e.matches('text, tspan')) continue;
                const ink = light(parse(svg ? style.fill : style.color).slice(0, 3));
                const under = light(ground(svg ? svg.parentElement : e));
                const ratio = (Math.max(ink, under) + .05) / (Math.min(ink, under) + .05);
                if (ratio < 4.5) bad.push([e.textContent.slice(0, 30), ratio]);
            }
            return bad.slice(0, 5);
        })()"""
        seen = set()
        for dark in (False, True):
            self.browser.look(1280, dark=dark)
            for path in ("/", "/coverage", f"/drill/{self.name_of('missing')}",
                         "/scenario/checkout-silence", "/nothing"):
                self.browser.open(self.site.url + path)
                self.assertEqual(self.browser.run(script), [], (path, dark))
            seen.add(self.browser.run("getComputedStyle(document.body).backgroundColor"))
        self.browser.look(1280)
        self.assertEqual(len(seen), 2, "light and dark are the same")

    def test_what_is_left_and_halted_comes_first(self):
        self.browser.open(self.site.url + "/")
        first = self.browser.run("document.querySelector('main').innerText.slice(0, 300)")
        self.assertTrue(first.startswith("1 fault is not confirmed reverted"), first)
        self.assertIn("firedrill revert fd-s7uck000", first)
        self.assertIn("FAULT LEFT", self.browser.run("document.title"))
        self.assertIn("Halted", self.browser.run("document.querySelectorAll('.loud')[1].innerText"))
        self.assertEqual(self.browser.run(
            "document.querySelector('meta[http-equiv=refresh]').content"), "60")

    def test_what_is_shown_can_be_chosen(self):
        self.browser.open(self.site.url + "/?environment=production&only=open")
        self.assertEqual(self.browser.run("document.querySelectorAll('.grid thead th').length"), 2)
        rows = self.browser.run("[...document.querySelectorAll('.grid tbody th a')].map("
                                "a => a.innerText)")
        self.assertIn("orders-bad-queue", rows)
        self.assertNotIn("control", rows)
        self.assertIn("production", self.browser.run(
            "[...document.querySelectorAll('.filter [aria-current]')].map(a => a.innerText)"))

    def test_a_damaged_report_says_so_and_shows_the_rest(self):
        self.browser.open(self.site.url + "/drill/fd-dmgd2222")
        text = self.browser.run("document.querySelector('main').innerText")
        self.assertIn("The report of this drill is damaged", text)
        self.assertIn("[DRILL] fd-dmgd2222", text)

    def test_what_is_not_there_is_said_with_404(self):
        for path in ("/drill/fd-nothing1", "/scenario/nothing", "/nothing", "/drill/",
                     "/?environment=nothing", "/drill/" + "a" * 5000, "/scenario/%3Cb%3E"):
            status, body = self.site.ask(path)
            self.assertEqual(status, 404, path)
            Strict(body.decode())
            self.assertIn(b"There is no such", body)
            self.browser.open(self.site.url + path)
            self.assertEqual(self.browser.run(
                "[...document.querySelectorAll('main a')].pop().href"), self.site.url + "/")

    def test_one_file_on_its_own_has_no_links_of_ours(self):
        status, body = self.site.ask(f"file:{self.name_of('missing')}")
        self.assertEqual(status, 200)
        links = [attrs.get("href", "") for tag, attrs in Strict(body.decode()).elements
                 if tag == "a"]
        self.assertFalse([link for link in links if not link.startswith(("http", "#"))])
        self.assertNotIn(b'http-equiv="refresh"', body)
        with tempfile.NamedTemporaryFile(suffix=".html") as file:
            file.write(body)
            file.flush()
            self.browser.open(f"file://{file.name}")
            self.assertEqual(self.browser.complaints(), [])
            self.assertIn("never arrived",
                          self.browser.run("document.querySelector('h1').innerText"))


if __name__ == "__main__":
    peers.need("chromium")
    unittest.main(argv=sys.argv[:1], verbosity=2)

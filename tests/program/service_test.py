"""The unit file of systemd: right, narrow, and installed with what it starts.

usage: service_test.py BUILD_FOLDER
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

MOST_EXPOSED = 2.0  # of 10, as systemd-analyze counts it; "OK" ends at 2.5


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=60)
    return done.returncode, done.stdout


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="firedrill-unit-")
        code, told = run("cmake", "--install", BUILD, "--prefix", cls.folder.name,
                         "--component", "Unspecified")
        assert code == 0, told
        cls.unit = os.path.join(cls.folder.name, "lib/systemd/system/firedrill.service")
        with open(cls.unit, encoding="utf-8") as file:
            text = file.read()
        # Where it was installed to, only for this test.
        text, count = re.subn(r"(?m)^(ExecStart|ExecReload)=\S*/firedrill ",
                              f"\\1={cls.folder.name}/bin/firedrill ", text)
        assert count == 2, text
        with open(cls.unit, "w", encoding="utf-8") as file:
            file.write(text)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_it_has_no_mistake(self):
        self.assertEqual(run("systemd-analyze", "verify", "--man=no", self.unit), (0, ""))

    def test_it_is_narrow(self):
        code, told = run("systemd-analyze", "security", "--offline=true", "--no-pager", self.unit)
        self.assertEqual(code, 0, told)
        figure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
        self.assertIsNotNone(figure, told)
        print(f"exposure {figure.group(1)}", flush=True)
        self.assertLessEqual(float(figure.group(1)), MOST_EXPOSED, told)

    def test_what_it_starts_is_there_and_knows_its_words(self):
        code, told = run(os.path.join(self.folder.name, "bin/firedrill"), "serve", "--help")
        self.assertEqual(code, 0, told)
        self.assertIn("--config FILE", told)

    def test_the_guardian_is_left_alone(self):
        with open(self.unit, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("\nKillMode=process\n", text)
        # Its /tmp would be taken away with the daemon.
        self.assertNotRegex(text, r"(?m)^PrivateTmp=")

    def test_copies_of_services_run_under_it_whatever_they_are_written_in(self):
        with open(self.unit, encoding="utf-8") as file:
            self.assertNotRegex(file.read(), r"(?m)^MemoryDenyWriteExecute=")

    def test_no_secret_gets_into_a_core(self):
        with open(self.unit, encoding="utf-8") as file:
            self.assertIn("\nLimitCORE=0\n", file.read())

    def test_its_user_is_made(self):
        users = os.path.join(self.folder.name, "lib/sysusers.d/firedrill.conf")
        with open(users, encoding="utf-8") as file:
            self.assertIn("\nu firedrill ", "\n" + file.read())


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()

"""Does the vendor's own integration suite accept our TheHive simulator?

Usage: run.py URL [PYTEST ARGUMENTS]

URL is a TheHive in its fresh state. The suite is what the source distribution of `thehive4py` carries (`tests/` and `examples/`),
unpacked by `cargo xtask setup` beside this Python's environment and run as it is, against the installed wheel. It starts its
server by calling `docker`: here a program of that name, first on PATH, says which port the simulator has.

Nothing is bent: when a test fails, the simulator is wrong. A test may be left out only by a line with a reason in excluded.json.
Excluded tests are run like all others, and one that passes is an error: its line is out of date. The last line of the output is
one JSON object: {"judge", "version", "collected", "passed", "excluded", "failed": [{"name", "reason"}]}.
"""

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path
from urllib.parse import urlsplit

import thehive4py
from thehive4py.__version__ import __version__

HERE = Path(__file__).resolve().parent
SUITE = Path(sys.prefix) / "suite"
# What 2.1.0 carries: a suite that shrank unnoticed would judge less.
COLLECTED = 183
# One test waits for nothing; all of them together take seconds.
LIMIT_SECONDS = 500

DOCKER = """#!{python}
import sys
words = sys.argv[1:]
if words[:1] == ["ps"]:
    print("0123456789ab")
elif words[:1] == ["port"]:
    print("9000/tcp -> 0.0.0.0:{port}")
else:
    sys.exit("the suite called docker " + " ".join(words) + ", which the judge does not expect")
"""


def run_suite(url, arguments, folder):
    """Runs it and answers the root of its report."""
    docker = folder / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER.format(python=sys.executable, port=urlsplit(url).port))
    docker.chmod(0o755)
    report = folder / "report.xml"
    path = os.pathsep.join([str(docker.parent), os.environ.get("PATH", "")])
    # The suite says localhost, and a proxy of the machine is not the way there.
    environment = {**os.environ, "PATH": path, "NO_PROXY": "localhost,127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", "-q", "--rootdir", str(SUITE)]
    command += ["--junit-xml", str(report), "-o", "junit_family=xunit2", *(arguments or ["tests"])]
    subprocess.run(command, cwd=SUITE, env=environment, stdout=sys.stderr, timeout=LIMIT_SECONDS, check=False)
    return xml.parse(report).getroot()


def outcomes(root):
    """Each test with its outcome: `passed`, or why not."""
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        problem = next((one for one in case if one.tag in ("failure", "error", "skipped")), None)
        if problem is None:
            yield name, "passed"
        else:
            text = (problem.get("message") or problem.text or "").strip()
            yield name, f"{problem.tag}: {text.splitlines()[-1] if text else ''}"


def verdict(found, excluded):
    """The verdict on the outcomes, and what is wrong with the list of exclusions."""
    failed = []
    for name, outcome in found.items():
        if name in excluded and outcome == "passed":
            failed.append({"name": name, "reason": "passes, so it must not be excluded: remove its line from excluded.json"})
        elif name not in excluded and outcome != "passed":
            failed.append({"name": name, "reason": outcome})
    failed += [{"name": name, "reason": "excluded, but there is no such test"} for name in excluded if name not in found]
    passed = sum(1 for name, outcome in found.items() if outcome == "passed" and name not in excluded)
    return {
        "judge": "thehive4py",
        "version": __version__,
        "collected": len(found),
        "passed": passed,
        "excluded": [{"name": name, "reason": reason} for name, reason in excluded.items() if name in found],
        "failed": failed,
    }


def main():
    url, arguments = sys.argv[1].rstrip("/"), sys.argv[2:]
    installed = Path(thehive4py.__file__).resolve()
    if SUITE in installed.parents or Path(sys.prefix).resolve() not in installed.parents:
        sys.exit(f"the client under test would be {installed}, not the installed wheel")
    excluded = {one["name"]: one["reason"] for one in json.loads((HERE / "excluded.json").read_text())}
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        found = dict(outcomes(run_suite(url, arguments, Path(folder))))
    report = verdict(found, excluded)
    if not arguments and len(found) != COLLECTED:
        report["failed"].append({"name": "collection", "reason": f"{len(found)} tests instead of {COLLECTED}"})
    for one in report["failed"]:
        print(f"FAIL  {one['name']}: {one['reason']}")
    print(json.dumps(report))
    return 1 if report["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

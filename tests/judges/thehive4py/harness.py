"""What do the checks of this judge share? The clients of one run, what the checks keep making, and comparisons."""

import os
import tempfile
import uuid

from thehive4py import TheHiveApi
from thehive4py.errors import TheHiveError
from thehive4py.query.filters import Eq

ADMIN = "admin@thehive.local"
ORGANISATION = "judge-org"
CHECKS = []


def check(function):
    """Registers a check under its name."""
    CHECKS.append(function)
    return function


class Hive:
    """The clients of one run and what the checks keep making."""

    def __init__(self, url):
        self.url = url
        self.folder = tempfile.TemporaryDirectory(prefix="judge-")
        self.admin = TheHiveApi(url=url, username=ADMIN, password="secret", organisation="admin")
        if not self.admin.organisation.find(filters=Eq("name", ORGANISATION)):
            self.admin.organisation.create({"name": ORGANISATION, "description": "made by the judge"})
        self.admin.user.set_organisations(
            ADMIN,
            [
                {"default": True, "organisation": ORGANISATION, "profile": "org-admin"},
                {"default": False, "organisation": "admin", "profile": "admin"},
            ],
        )
        self.api = TheHiveApi(url=url, username=ADMIN, password="secret", organisation=ORGANISATION)

    def alert_fields(self, **more):
        fields = {
            "type": "judge",
            "source": "run",
            "sourceRef": uuid.uuid4().hex,
            "title": "an alert",
            "description": "...",
            "tags": ["judge"],
        }
        return {**fields, **more}

    def alert(self, **more):
        return self.api.alert.create(self.alert_fields(**more))

    def alerts(self, count, **more):
        return [self.alert(title=f"alert {number:03}", severity=number % 4 + 1, **more) for number in range(count)]

    def case(self, **more):
        return self.api.case.create({"title": "a case", "description": "...", "tags": ["judge"], **more})

    def cases(self, count):
        return [self.case(title=f"case {number:03}") for number in range(count)]

    def task(self, **more):
        return self.api.task.create(self.case()["_id"], {"title": "a task", **more})

    def file(self, name, content=None):
        """Writes a file of its own folder and answers its path."""
        path = os.path.join(tempfile.mkdtemp(dir=self.folder.name), name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(content or f"content of {name}")
        return path

    def free_path(self):
        return os.path.join(self.folder.name, uuid.uuid4().hex)

    def user(self, **more):
        login = f"{uuid.uuid4().hex}@thehive.local"
        fields = {"login": login, "name": "a user", "profile": "analyst", "email": login, "organisation": ORGANISATION}
        return self.api.user.create({**fields, **more})

    def clear(self):
        ids = [alert["_id"] for alert in self.api.alert.find()]
        if ids:
            self.api.alert.bulk_delete(ids)
        for case in self.api.case.find():
            self.api.case.delete(case["_id"])
        for template in self.api.case_template.find():
            self.api.case_template.delete(template["_id"])
        for page in self.api.page_template.find():
            self.api.page_template.delete(page["_id"])


def equal(found, expected, what="values"):
    assert found == expected, f"{what} differ: found {found!r}, expected {expected!r}"


def refused(status, kind, call, *args, **kwargs):
    """The call must fail with this status and `type - ...` in the client's error text."""
    try:
        answer = call(*args, **kwargs)
    except TheHiveError as error:
        found = error.response.status_code if error.response is not None else None
        assert found in ([status] if isinstance(status, int) else status), f"status {found}: {error.message}"
        assert error.message.startswith(f"{kind} - "), f"error text {error.message!r}"
        return error
    raise AssertionError(f"not refused, answered {answer!r}")


def titles(alerts):
    return [alert["title"] for alert in alerts]


def read(path):
    with open(path, encoding="utf-8") as opened:
        return opened.read()

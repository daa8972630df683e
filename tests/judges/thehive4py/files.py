"""Does the vendor's client get along with observables of cases, files and attachments?"""

import os
import warnings
import zipfile

from harness import ORGANISATION, check, equal, read, refused
from thehive4py.query.filters import Eq
from thehive4py.query.sort import Asc


def owners(hive):
    """A case and an alert, each with the calls that take it."""
    yield hive.case()["_id"], hive.api.observable.create_in_case, hive.api.case
    yield hive.alert()["_id"], hive.api.observable.create_in_alert, hive.api.alert


@check
def observable_create_and_get(hive):
    for owner, create, endpoint in owners(hive):
        created = create(owner, {"dataType": "domain", "data": "example.com"})
        equal(hive.api.observable.get(created[0]["_id"]), created[0])
        equal(endpoint.find_observables(owner), created)
        more = endpoint.create_observable(owner, {"dataType": "domain", "data": ["example.org", "example.net"]})
        equal([one["data"] for one in more], ["example.org", "example.net"])


@check
def observable_that_exists_is_a_failure(hive):
    for owner, create, _ in owners(hive):
        create(owner, {"dataType": "ip", "data": "10.0.0.1"})
        answer = create(owner, {"dataType": "ip", "data": ["10.0.0.1", "10.0.0.2"]})
        equal([one["data"] for one in answer["success"]], ["10.0.0.2"])
        equal([one["message"] for one in answer["failure"]], ["Observable already exists"])


@check
def observable_from_a_file_is_downloaded_as_it_is(hive):
    for owner, create, endpoint in owners(hive):
        path = hive.file("sample.txt")
        created = create(owner, {"dataType": "file", "message": "a file"}, observable_path=path)[0]
        equal(hive.api.observable.get(created["_id"]), created)
        attachment = created["attachment"]
        equal(attachment["name"], "sample.txt")
        target = hive.free_path()
        hive.api.observable.download_attachment(created["_id"], attachment["_id"], target)
        equal(read(target), read(path))
        again = endpoint.create_observable(owner, {"dataType": "file"}, observable_path=path)
        equal([one["type"] for one in again["failure"]], ["CreateError"])


@check
def observable_from_a_file_is_downloaded_as_protected_zip(hive):
    for owner, create, _ in owners(hive):
        path = hive.file("sample.txt")
        created = create(owner, {"dataType": "file"}, observable_path=path)[0]
        target = hive.free_path()
        hive.api.observable.download_attachment(created["_id"], created["attachment"]["_id"], target, as_zip=True)
        with zipfile.ZipFile(target) as archive:
            equal(archive.namelist(), ["sample.txt"])
            equal(archive.read("sample.txt", pwd=b"malware").decode(), read(path))
            assert archive.infolist()[0].flag_bits & 1, "not encrypted"


@check
def observable_bulk_update_find_and_count(hive):
    case = hive.case()["_id"]
    created = hive.api.observable.create_in_case(case, {"dataType": "domain", "data": ["a.test", "b.test", "c.test"]})
    filters = Eq("data", "a.test") | Eq("data", "b.test")
    equal(hive.api.observable.find(filters=filters, sortby=Asc("_createdAt")), created[:2])
    equal(hive.api.observable.count(filters=filters), 2)
    hive.api.observable.bulk_update({"ids": [one["_id"] for one in created], "dataType": "fqdn", "message": "same"})
    found = hive.api.observable.find()
    equal([(one["dataType"], one["message"]) for one in found], [("fqdn", "same")] * 3)


@check
def observable_of_a_case_is_deleted(hive):
    created = hive.api.observable.create_in_case(hive.case()["_id"], {"dataType": "domain", "data": "a.test"})[0]
    hive.api.observable.delete(created["_id"])
    refused(404, "NotFoundError", hive.api.observable.get, created["_id"])


@check
def observable_shared_with_its_own_organisation(hive):
    created = hive.api.observable.create_in_case(hive.case()["_id"], {"dataType": "domain", "data": "a.test"})[0]
    hive.api.observable.share(created["_id"], [ORGANISATION])
    equal(hive.api.observable.list_shares(created["_id"]), [])


@check
def alert_with_files_in_the_same_call(hive):
    path = hive.file("mail.txt")
    fields = hive.alert_fields(observables=[{"dataType": "file", "attachment": "mail"}])
    created = hive.api.alert.create(fields, attachment_map={"mail": path})
    equal(created["observableCount"], 1)
    equal([one["attachment"]["name"] for one in hive.api.alert.find_observables(created["_id"])], ["mail.txt"])


@check
def attachments_are_added_downloaded_and_deleted(hive):
    for owner, _, endpoint in owners(hive):
        paths = [hive.file("one.txt"), hive.file("two.txt")]
        added = endpoint.add_attachment(owner, paths)
        equal(endpoint.find_attachments(owner), added)
        for path, attachment in zip(paths, added):
            equal(attachment["name"], os.path.basename(path))
            target = hive.free_path()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                endpoint.download_attachment(owner, attachment["_id"], target)
            equal(read(target), read(path))
            endpoint.delete_attachment(owner, attachment["_id"])
        equal(endpoint.find_attachments(owner), [])


@check
def attachments_of_an_organisation(hive):
    path = hive.file("rules.txt")
    added = hive.api.organisation.add_attachment([path])
    equal(hive.api.organisation.find_attachments(ORGANISATION), added)
    target = hive.free_path()
    hive.api.organisation.download_attachment(added[0]["_id"], target)
    equal(read(target), read(path))
    hive.api.organisation.delete_attachment(added[0]["_id"])
    equal(hive.api.organisation.find_attachments(ORGANISATION), [])

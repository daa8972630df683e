"""Does the vendor's client get along with cases, their templates, links, pages and procedures?"""

import warnings

from harness import ADMIN, ORGANISATION, check, equal, refused, titles
from thehive4py.errors import TheHiveError
from thehive4py.helpers import now_to_ts
from thehive4py.query.filters import Eq
from thehive4py.query.page import Paginate
from thehive4py.query.sort import Asc


def with_fields(found, fields):
    equal({name: found.get(name) for name in fields}, fields)


@check
def case_create_and_get(hive):
    created = hive.case()
    equal(hive.api.case.get(created["_id"]), created)
    equal(hive.api.case.get(created["number"]), created, "by number")


@check
def case_update(hive):
    created = hive.case()
    fields = {"title": "another title", "description": "another text"}
    hive.api.case.update(created["_id"], fields)
    with_fields(hive.api.case.get(created["_id"]), fields)


@check
def case_update_by_the_deprecated_argument(hive):
    created = hive.case()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        hive.api.case.update(created["_id"], case={"title": "another title"})
    equal(hive.api.case.get(created["_id"])["title"], "another title")


@check
def case_update_with_a_wrong_argument_is_refused_by_the_client(hive):
    created = hive.case()
    try:
        hive.api.case.update(created["_id"], wrong={"title": "x"})
    except TheHiveError as error:
        assert "wrong" in error.message
    else:
        raise AssertionError("not refused")
    equal(hive.api.case.get(created["_id"]), created)


@check
def case_bulk_update(hive):
    created = hive.cases(2)
    hive.api.case.bulk_update({"ids": [case["_id"] for case in created], "title": "same"})
    equal(titles(hive.api.case.find()), ["same"] * 2)


@check
def case_find_sort_and_count(hive):
    created = hive.cases(3)
    filters = Eq("title", "case 000") | Eq("title", "case 001")
    equal(hive.api.case.find(filters=filters, sortby=Asc("_createdAt")), created[:2])
    equal(hive.api.case.count(filters=filters), 2)
    equal(hive.api.case.find(filters=Eq("number", created[2]["number"])), [created[2]])
    equal(hive.api.case.count(filters=Eq("tags", "judge")), 3)


@check
def case_delete(hive):
    created = hive.case()
    hive.api.case.delete(created["_id"])
    refused(404, "NotFoundError", hive.api.case.get, created["_id"])
    refused(404, "NotFoundError", hive.api.case.delete, created["_id"])


@check
def case_close_and_open(hive):
    created = hive.case()
    hive.api.case.close(created["_id"], status="TruePositive", summary="done", impact_status="WithImpact")
    closed = hive.api.case.get(created["_id"])
    with_fields(closed, {"status": "TruePositive", "stage": "Closed", "summary": "done", "impactStatus": "WithImpact"})
    hive.api.case.open(created["_id"], status="InProgress")
    with_fields(hive.api.case.get(created["_id"]), {"status": "InProgress", "stage": "InProgress"})


@check
def case_nulls_clear(hive):
    created = hive.case(summary="there")
    equal(created["assignee"], ADMIN)
    hive.api.case.update(created["_id"], {"summary": None, "assignee": None, "impactStatus": None})
    found = hive.api.case.get(created["_id"])
    equal([name for name in ("summary", "assignee", "impactStatus") if name in found], [])


@check
def case_tags_are_added_and_removed(hive):
    created = hive.case(tags=["a", "b"])
    hive.api.case.update(created["_id"], {"addTags": ["c"], "removeTags": ["a"]})
    equal(hive.api.case.get(created["_id"])["tags"], ["b", "c"])


@check
def case_merge(hive):
    created = hive.cases(2)
    merged = hive.api.case.merge([case["_id"] for case in created])
    equal(merged["title"], "case 000 / case 001")
    for case in created:
        refused(404, "NotFoundError", hive.api.case.get, case["_id"])


@check
def case_merge_similar_observables(hive):
    case = hive.case()["_id"]
    for data in ("192.168.0.1", "192.168.0.2"):
        hive.api.case.create_observable(case, {"dataType": "ip", "data": data})
    equal(hive.api.case.merge_similar_observables(case), {"deleted": 0, "untouched": 2, "updated": 0})


@check
def case_linked_by_an_equal_observable(hive):
    one, two, three = hive.cases(3)
    for case in (one, two):
        hive.api.case.create_observable(case["_id"], {"dataType": "domain", "data": "example.com"})
    equal([case["_id"] for case in hive.api.case.get_linked_cases(one["_id"])], [two["_id"]])
    equal(hive.api.case.get_linked_cases(three["_id"]), [])


@check
def case_similar_observables(hive):
    one, two = hive.cases(2)
    equal(hive.api.case.get_similar_observables(one["_id"], two["_id"]), [])
    for case in (one, two):
        hive.api.case.create_observable(case["_id"], {"dataType": "domain", "data": "example.com"})
    equal([found["data"] for found in hive.api.case.get_similar_observables(one["_id"], two["_id"])], ["example.com"])


@check
def alert_similar_observables(hive):
    one, two = hive.alerts(2)
    equal(hive.api.alert.get_similar_observables(one["_id"], two["_id"]), [])


def links(hive, case):
    page = Paginate(start=0, end=1, extra_data=["links"])
    return hive.api.case.find(filters=Eq("_id", case["_id"]), paginate=page)[0]["extraData"]["links"]


@check
def case_link_and_unlink_case(hive):
    one, two = hive.cases(2)
    link = {"type": "related", "caseId": two["_id"]}
    hive.api.case.link_case(one["_id"], link)
    equal(links(hive, one)["caseLinks"], [link])
    equal(hive.api.case.get_link_types(), ["related"])
    hive.api.case.delete_case_link(one["_id"], link)
    equal(links(hive, one)["caseLinks"], [])


@check
def case_link_and_unlink_url(hive):
    case = hive.case()
    link = {"type": "ticket", "url": "https://example.com"}
    hive.api.case.link_url(case["_id"], link)
    equal(links(hive, case)["externalLinks"], [link])
    hive.api.case.delete_url_link(case["_id"], link)
    equal(links(hive, case)["externalLinks"], [])


@check
def case_link_types_are_empty_at_the_start(hive):
    equal(hive.api.case.get_link_types(), [])


@check
def case_owner_and_access(hive):
    case = hive.case()
    equal(case["access"]["_kind"], "OrganisationAccessKind")
    hive.api.case.change_owner_organisation(case["_id"], {"organisation": ORGANISATION})
    hive.api.case.manage_access(case["_id"], {"access": {"_kind": "UserAccessKind", "users": [ADMIN]}})
    equal(hive.api.case.get(case["_id"])["access"]["_kind"], "UserAccessKind")


@check
def case_timeline_has_the_creation_and_custom_events(hive):
    case = hive.case()["_id"]
    assert hive.api.case.get_timeline(case)["events"]

    def event_ids():
        return [event["entityId"] for event in hive.api.timeline.get(case)["events"]]

    event = hive.api.timeline.create_event(case, {"date": now_to_ts(), "title": "an event"})
    assert event["_id"] in event_ids()
    hive.api.timeline.update_event(event["_id"], {"title": "another", "endDate": now_to_ts(), "description": "..."})
    hive.api.timeline.delete_event(event["_id"])
    assert event["_id"] not in event_ids()


# Alerts and cases


@check
def alert_promote_to_case(hive):
    alert = hive.alert(observables=[{"dataType": "ip", "data": "10.0.0.1"}])
    case = hive.api.alert.promote_to_case(alert["_id"])
    found = hive.api.alert.get(alert["_id"])
    with_fields(found, {"caseId": case["_id"], "status": "Imported", "stage": "Imported"})
    equal([one["data"] for one in hive.api.case.find_observables(case["_id"])], ["10.0.0.1"])


@check
def alert_promote_to_case_with_fields(hive):
    alert = hive.alert()
    fields = {"severity": 4, "title": "promoted", "tags": ["from", "alert"]}
    case = hive.api.alert.promote_to_case(alert["_id"], fields)
    with_fields(case, fields)
    equal(hive.api.alert.get(alert["_id"])["caseId"], case["_id"])


@check
def alert_merge_import_and_unlink(hive):
    case = hive.case()["_id"]
    for join in (hive.api.alert.merge_into_case, hive.api.alert.import_into_case):
        alert = hive.alert()["_id"]
        join(alert_id=alert, case_id=case)
        equal(hive.api.alert.get(alert)["caseId"], case)
        hive.api.case.unlink_alert(case_id=case, alert_id=alert)
        assert "caseId" not in hive.api.alert.get(alert)


@check
def alert_bulk_merge(hive):
    case = hive.case()["_id"]
    alerts = hive.alerts(3)
    hive.api.alert.bulk_merge_into_case(case_id=case, alert_ids=[alert["_id"] for alert in alerts])
    equal([alert["caseId"] for alert in hive.api.alert.find()], [case] * 3)


# Templates


@check
def case_template_create_get_update_find_delete(hive):
    created = hive.api.case_template.create({"name": "first template", "description": "..."})
    equal(hive.api.case_template.get(created["_id"]), created)
    fields = {"name": "updated template", "description": "updated"}
    hive.api.case_template.update(created["_id"], fields)
    with_fields(hive.api.case_template.get(created["_id"]), fields)
    equal(titles_of(hive.api.case_template.find()), ["updated template"])
    refused([400, 409], "CreateError", hive.api.case_template.create, {"name": "updated template"})
    hive.api.case_template.delete(created["_id"])
    refused(404, "NotFoundError", hive.api.case_template.get, created["_id"])


def titles_of(templates):
    return [template["name"] for template in templates]


@check
def case_with_template_gets_prefix_tags_and_tasks(hive):
    hive.api.case_template.create(
        {"name": "phishing", "titlePrefix": "[mail]", "tags": ["mail"], "tasks": [{"title": "Communication"}]}
    )
    case = hive.case(caseTemplate="phishing")
    equal(case["title"], "[mail] a case")
    assert {"mail", "judge"} == set(case["tags"])
    equal(titles(hive.api.case.find_tasks(case["_id"])), ["Communication"])


@check
def case_template_is_applied_to_a_case(hive):
    case = hive.case()
    hive.api.case_template.create({"name": "late", "tags": ["from", "template"]})
    hive.api.case.apply_case_template({"ids": [case["_id"]], "caseTemplate": "late", "updateTags": True})
    assert {"from", "template", "judge"} == set(hive.api.case.get(case["_id"])["tags"])


@check
def case_template_links_page_templates(hive):
    template = hive.api.case_template.create({"name": "with pages"})["_id"]
    fields = {"content": "...", "category": "general"}
    pages = [hive.api.page_template.create({"title": f"page {number}", **fields}) for number in range(2)]
    ids = sorted(page["_id"] for page in pages)
    hive.api.case_template.link_page_templates(case_template_id=template, page_template_ids=ids)
    equal(sorted(page["_id"] for page in hive.api.case_template.find_page_templates(template)), ids)


@check
def page_template_create_get_update_find_delete(hive):
    created = hive.api.page_template.create({"title": "a page", "content": "...", "category": "general"})
    equal(hive.api.page_template.get(created["_id"]), created)
    fields = {"title": "another", "content": "changed", "category": "other"}
    hive.api.page_template.update(created["_id"], fields)
    with_fields(hive.api.page_template.get(created["_id"]), fields)
    equal(titles(hive.api.page_template.find()), ["another"])
    hive.api.page_template.delete(created["_id"])
    equal(hive.api.page_template.find(), [])


@check
def case_page_create_update_delete(hive):
    case = hive.case()["_id"]
    created = hive.api.case.create_page(case, {"title": "a page", "content": "...", "category": "general"})
    equal(hive.api.case.find_pages(case), [created])
    hive.api.case.update_page(case, created["_id"], {"title": "another"})
    equal(titles(hive.api.case.find_pages(case)), ["another"])
    hive.api.case.delete_page(case, created["_id"])
    equal(hive.api.case.find_pages(case), [])


# Procedures and comments


def procedure(**more):
    return {"occurDate": now_to_ts(), "patternId": "T1059.006", "tactic": "execution", "description": "...", **more}


@check
def procedure_create_get_update_delete(hive):
    case, alert = hive.case()["_id"], hive.alert()["_id"]
    in_case = hive.api.procedure.create_in_case(case, procedure())
    in_alert = hive.api.procedure.create_in_alert(alert, procedure(patternId="T1566"))
    for created in (in_case, in_alert):
        equal(hive.api.procedure.get(created["_id"]), created)
    equal(hive.api.case.find_procedures(case), [in_case])
    equal(hive.api.alert.find_procedures(alert), [in_alert])
    hive.api.procedure.update(in_case["_id"], {"description": "updated"})
    equal(hive.api.procedure.get(in_case["_id"])["description"], "updated")
    hive.api.procedure.delete(in_case["_id"])
    refused_by_client(hive.api.procedure.get, in_case["_id"])


@check
def procedure_bulk_create_find_and_delete(hive):
    case, alert = hive.case()["_id"], hive.alert()["_id"]
    both = [procedure(), procedure(patternId="T1566.001")]
    made = hive.api.procedure.bulk_create_in_case(case, both) + hive.api.procedure.bulk_create_in_alert(alert, both)
    equal(hive.api.procedure.find(sortby=Asc("_createdAt")), made)
    hive.api.procedure.bulk_delete([one["_id"] for one in made])
    equal(hive.api.procedure.find(), [])


def refused_by_client(call, *args):
    """The client itself raises when a query by id finds nothing."""
    try:
        answer = call(*args)
    except TheHiveError:
        return
    raise AssertionError(f"not refused, answered {answer!r}")


@check
def case_comment_create_find_update_delete(hive):
    case = hive.case()["_id"]
    created = hive.api.comment.create_in_case(case, {"message": "first"})
    equal(hive.api.comment.get(created["_id"]), created)
    equal(hive.api.case.find_comments(case), [created])
    equal(hive.api.comment.find(), [created])
    hive.api.comment.update(created["_id"], {"message": "second"})
    equal(hive.api.comment.get(created["_id"])["message"], "second")
    hive.api.comment.delete(created["_id"])
    refused_by_client(hive.api.comment.get, created["_id"])

"""Does the vendor's client get along with tasks and their logs?"""

from harness import ORGANISATION, check, equal, refused, titles
from thehive4py.errors import TheHiveError
from thehive4py.query.filters import Eq
from thehive4py.query.sort import Asc


@check
def task_create_and_get(hive):
    created = hive.task()
    equal(hive.api.task.get(created["_id"]), created)


@check
def task_create_by_its_case(hive):
    case = hive.case()["_id"]
    created = hive.api.case.create_task(case, {"title": "a task"})
    equal(hive.api.case.find_tasks(case), [created])


@check
def task_update_and_delete(hive):
    created = hive.task()
    hive.api.task.update(created["_id"], {"title": "another title"})
    equal(hive.api.task.get(created["_id"])["title"], "another title")
    hive.api.task.delete(created["_id"])
    refused(404, "NotFoundError", hive.api.task.get, created["_id"])


@check
def task_bulk_update(hive):
    case = hive.case()["_id"]
    ids = [hive.api.task.create(case, {"title": f"task {number}"})["_id"] for number in range(2)]
    hive.api.task.bulk_update({"ids": ids, "title": "same"})
    equal(titles(hive.api.task.find()), ["same"] * 2)


@check
def task_find_sort_and_count(hive):
    case = hive.case()["_id"]
    created = [hive.api.task.create(case, {"title": f"task {number}"}) for number in range(3)]
    filters = Eq("title", "task 0") | Eq("title", "task 1")
    equal(hive.api.task.find(filters=filters, sortby=Asc("_createdAt")), created[:2])
    equal(hive.api.task.count(filters=filters), 2)


@check
def task_action_required_and_done(hive):
    task = hive.task()["_id"]
    hive.api.task.set_as_required(task_id=task, org_id=ORGANISATION)
    equal(hive.api.task.get_required_actions(task)[ORGANISATION], True)
    hive.api.task.set_as_done(task_id=task, org_id=ORGANISATION)
    equal(hive.api.task.get_required_actions(task)[ORGANISATION], False)


@check
def task_shared_with_its_own_organisation(hive):
    task = hive.task()["_id"]
    hive.api.task.share(task, [ORGANISATION])
    equal(hive.api.task.list_shares(task), [])


@check
def task_log_create_and_get(hive):
    task = hive.task()["_id"]
    created = hive.api.task_log.create(task, {"message": "done"})
    equal(hive.api.task_log.get(created["_id"]), created)
    equal(hive.api.task.find_logs(task), [created])
    equal(hive.api.task.get(task)["status"], "InProgress")


@check
def task_log_create_by_its_task(hive):
    task = hive.task()["_id"]
    equal([hive.api.task.create_log(task, {"message": "done"})], hive.api.task.find_logs(task))


@check
def task_log_update_and_delete(hive):
    created = hive.api.task_log.create(hive.task()["_id"], {"message": "done"})
    hive.api.task_log.update(created["_id"], {"message": "changed"})
    equal(hive.api.task_log.get(created["_id"])["message"], "changed")
    hive.api.task_log.delete(created["_id"])
    try:
        hive.api.task_log.get(created["_id"])
    except TheHiveError:
        return
    raise AssertionError("still there")


@check
def task_log_create_with_attachments(hive):
    paths = [hive.file("one.txt"), hive.file("two.txt")]
    created = hive.api.task_log.create(hive.task()["_id"], {"message": "done", "attachments": paths})
    equal([one["name"] for one in created["attachments"]], ["one.txt", "two.txt"])
    equal(hive.api.task_log.get(created["_id"]), created)


@check
def task_log_add_and_delete_attachments(hive):
    log = hive.api.task_log.create(hive.task()["_id"], {"message": "done"})["_id"]
    hive.api.task_log.add_attachment(log, [hive.file("one.txt"), hive.file("two.txt")])
    attachments = hive.api.task_log.get(log)["attachments"]
    equal([one["name"] for one in attachments], ["one.txt", "two.txt"])
    for attachment in attachments:
        hive.api.task_log.delete_attachment(log, attachment["_id"])
    equal(hive.api.task_log.get(log)["attachments"], [])

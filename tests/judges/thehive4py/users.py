"""Does the vendor's client get along with users and profiles?"""

import uuid

from harness import ORGANISATION, check, equal, refused
from thehive4py import TheHiveApi
from thehive4py.query.filters import Eq


@check
def user_update_lock_and_unlock(hive):
    user = hive.user()["_id"]
    hive.api.user.update(user, {"name": "another name"})
    equal(hive.api.user.get(user)["name"], "another name")
    hive.api.user.lock(user)
    equal(hive.api.user.get(user)["locked"], True)
    hive.api.user.unlock(user)
    equal(hive.api.user.get(user)["locked"], False)


@check
def user_find_count_and_delete(hive):
    user = hive.user()
    filters = Eq("login", user["login"])
    equal(hive.api.user.find(filters=filters), [user])
    equal(hive.api.user.count(filters=filters), 1)
    hive.api.user.delete(user["_id"], organisation=ORGANISATION)
    refused(404, "NotFoundError", hive.api.user.get, user["_id"])


@check
def user_password_is_set_and_changed(hive):
    user = hive.user()
    equal(user["hasPassword"], False)
    hive.api.user.set_password(user_id=user["_id"], password="first-password")
    equal(hive.api.user.get(user["_id"])["hasPassword"], True)
    own = TheHiveApi(url=hive.url, username=user["login"], password="first-password", organisation=ORGANISATION)
    own.user.change_password(user_id=user["_id"], password="second-password", current_password="first-password")
    refused(401, "AuthenticationError", own.user.get_current)
    own = TheHiveApi(url=hive.url, username=user["login"], password="second-password", organisation=ORGANISATION)
    equal(own.user.get_current()["login"], user["login"])


@check
def user_key_is_renewed_and_removed(hive):
    user = hive.user()
    equal(user["hasKey"], False)
    hive.api.user.renew_apikey(user["_id"])
    assert isinstance(hive.api.user.get_apikey(user["_id"]), str)
    equal(hive.api.user.get(user["_id"])["hasKey"], True)
    hive.api.user.remove_apikey(user["_id"])
    equal(hive.api.user.get(user["_id"])["hasKey"], False)


@check
def profile_create_get_update_find_delete(hive):
    name = f"judge-{uuid.uuid4().hex[:8]}"
    created = hive.admin.profile.create({"name": name, "permissions": []})
    equal(hive.admin.profile.get(created["_id"]), created)
    equal(hive.admin.profile.find(filters=Eq("name", name)), [created])
    equal(hive.admin.profile.count(filters=Eq("name", name)), 1)
    fields = {"name": f"{name}-2", "permissions": ["manageAlert", "manageCase"]}
    hive.admin.profile.update(created["_id"], fields)
    found = hive.admin.profile.get(created["_id"])
    equal({field: found[field] for field in fields}, fields)
    hive.admin.profile.delete(created["_id"])
    refused(404, "NotFoundError", hive.admin.profile.get, created["_id"])


@check
def organisation_get(hive):
    found = hive.admin.organisation.find(filters=Eq("name", ORGANISATION))
    equal([hive.admin.organisation.get(found[0]["_id"])], found)

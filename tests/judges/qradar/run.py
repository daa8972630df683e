"""Does the public client qradar4py (MIT, nobody here wrote it) accept the QRadar simulator?

    run.py URL TOKEN [CA_FILE]

URL is the console without `/api`. The console must hold at least three offenses, one of them with events (the recorded
state will do); the run adds a note and closes an offense. Every check prints one line; the last line is one JSON object
{"judge", "version", "collected", "passed", "excluded", "failed"}. Exit code 1 when a check failed.

The judge is never bent: if it does not like an answer, the simulator is wrong (contract 7).
"""

import importlib.metadata
import json
import sys
import traceback

from qradar4py.api import QRadarApi
from qradar4py.endpoints.asset_model import AssetModel
from qradar4py.endpoints.reference_data import ReferenceData
from qradar4py.endpoints.system import System

CHECKS = []


def check(function):
    """Registers a named check; they run in order of definition."""
    CHECKS.append(function)
    return function


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def ok(answer, status=200):
    """The client returns (status, body)."""
    got, body = answer
    expect(got == status, f"status {got} instead of {status}: {json.dumps(body)[:300]}")
    return body


def refused(answer, status, code):
    got, body = answer
    expect(got == status, f"status {got} instead of {status}: {json.dumps(body)[:300]}")
    expect(body["code"] == code, f"code {body['code']} instead of {code}: {body['message']}")
    expect(body["http_response"]["code"] == status, "http_response.code differs from the status")
    expect(body["details"] == {}, "details is not {}")
    return body


class Judge:
    def __init__(self, url, token, ca):
        self.url, self.token, self.ca = url, token, ca
        self.api = self.client(token)
        self.offenses = []

    def forgotten(self, kind):
        """Version 3.0 ships these classes but its facade forgets them, so they are made here as the facade makes the others."""
        return kind(self.url + "/api/", {"Version": "26.0", "Accept": "application/json", "SEC": self.token}, self.ca or True)

    def client(self, token, version="26.0"):
        return QRadarApi(self.url, token, version=version, verify=self.ca or True)


# ---- versions and authentication -------------------------------------------------------------------------------------


@check
def help_versions_offers_an_undeprecated_version(j):
    versions = ok(j.api.help.get_versions())
    current = [v["version"] for v in versions if not v["deprecated"] and not v["removed"]]
    expect("26.0" in current, f"current versions: {current}")


@check
def help_versions_can_be_filtered_and_reduced(j):
    found = ok(j.api.help.get_versions(filter='version = "26.0"', fields="id,version"))
    expect(len(found) == 1 and set(found[0]) == {"id", "version"}, str(found))


@check
def help_resources_and_endpoints_are_not_empty(j):
    expect(len(ok(j.api.help.get_resources())) > 0, "no resources")
    endpoints = ok(j.api.help.get_endpoints(fields="http_method,path"))
    expect({"http_method": "GET", "path": "/siem/offenses/{offense_id}"} in endpoints, "offense endpoint not listed")


@check
def the_clients_default_version_is_deprecated_but_answered(j):
    ok(j.client(j.token, "13.1").siem.get_offense_types())


@check
def a_removed_version_is_422(j):
    status, body = j.client(j.token, "3.0").siem.get_offenses()
    expect(status == 422 and "has been removed" in body["message"], str(body))


@check
def a_wrong_token_is_401_18(j):
    refused(j.client("wrong").siem.get_offenses(), 401, 18)


@check
def system_about_names_the_console(j):
    system = j.forgotten(System)
    expect("external_version" in ok(system.get_about()), "no external_version")


# ---- offenses --------------------------------------------------------------------------------------------------------


@check
def offenses_come_as_a_list_with_all_fields(j):
    j.offenses = ok(j.api.siem.get_offenses(sort="+id"))
    expect(len(j.offenses) >= 3, f"the state needs three offenses, it has {len(j.offenses)}")
    for name in ("id", "description", "status", "magnitude", "start_time", "last_updated_time", "last_persisted_time",
                 "source_address_ids", "local_destination_address_ids", "rules", "log_sources", "domain_id",
                 "closing_reason_id", "assigned_to"):
        expect(all(name in o for o in j.offenses), f"{name} missing")


@check
def exactly_one_page_is_everything(j):
    n = len(j.offenses)
    expect(ok(j.api.siem.get_offenses(sort="+id", Range=f"items=0-{n - 1}")) == j.offenses, "page differs from list")


@check
def a_page_one_longer_than_the_list_is_everything(j):
    n = len(j.offenses)
    expect(ok(j.api.siem.get_offenses(sort="+id", Range=f"items=0-{n}")) == j.offenses, "page differs from list")


@check
def a_page_one_shorter_than_the_list_lacks_the_last(j):
    n = len(j.offenses)
    expect(ok(j.api.siem.get_offenses(sort="+id", Range=f"items=0-{n - 2}")) == j.offenses[:-1], "wrong page")
    expect(ok(j.api.siem.get_offenses(sort="+id", Range=f"items={n - 1}-{n + 5}")) == j.offenses[-1:], "wrong rest")


@check
def a_page_past_the_end_is_empty_and_200(j):
    n = len(j.offenses)
    expect(ok(j.api.siem.get_offenses(Range=f"items={n}-{n + 9}")) == [], "not empty")


@check
def a_malformed_range_is_422_36(j):
    refused(j.api.siem.get_offenses(Range="items=a-b"), 422, 36)


@check
def sort_descending_is_the_reverse(j):
    down = ok(j.api.siem.get_offenses(sort="-id"))
    expect([o["id"] for o in down] == [o["id"] for o in reversed(j.offenses)], "not reversed")


@check
def a_bad_sort_is_422_1030(j):
    refused(j.api.siem.get_offenses(sort="+nonsense"), 422, 1030)


@check
def filters_by_id_status_time_and_membership(j):
    first, last = j.offenses[0], j.offenses[-1]
    ids = lambda text: [o["id"] for o in ok(j.api.siem.get_offenses(filter=text, sort="+id"))]
    expect(ids(f"id = {first['id']}") == [first["id"]], "id =")
    expect(ids(f"id > {first['id']}") == [o["id"] for o in j.offenses[1:]], "id >")
    expect(ids(f"id in ({first['id']}, {last['id']})") == [first["id"], last["id"]], "id in")
    expect(ids("status = OPEN and not status = CLOSED") == [o["id"] for o in j.offenses if o["status"] == "OPEN"], "status")
    expect(ids(f"last_updated_time >= {first['last_updated_time']} and id = {first['id']}") == [first["id"]], "time")
    expect(ids("close_time is null") == [o["id"] for o in j.offenses if o["close_time"] is None], "is null")
    rule = first["rules"][0]["id"]
    expect(first["id"] in ids(f"rules contains (id = {rule})"), "contains")
    expect(ids('status = "OPEN" and id in (999999)') == [], "nothing")


@check
def bad_filters_are_422_1010(j):
    refused(j.api.siem.get_offenses(filter="id ="), 422, 1010)
    refused(j.api.siem.get_offenses(filter="offense_source = 198.51.100.1"), 422, 1010)
    refused(j.api.siem.get_offenses(filter='description = "x"'), 422, 1010)


@check
def fields_reduce_offenses(j):
    body = ok(j.api.siem.get_offenses(fields="id,status,rules(id)"))
    expect(all(set(o) == {"id", "status", "rules"} and set(o["rules"][0]) == {"id"} for o in body), str(body[0]))


@check
def an_unknown_field_is_422_30(j):
    refused(j.api.siem.get_offenses(fields="id,nonsense"), 422, 30)


@check
def one_offense_equals_its_list_entry(j):
    offense = j.offenses[0]
    expect(ok(j.api.siem.get_offenses_by_offense_id(offense["id"])) == offense, "differs")


@check
def an_unknown_offense_has_the_recorded_404_body(j):
    status, body = j.api.siem.get_offenses_by_offense_id(999999)
    text = "No offense was found for the provided offense_id."
    expected = {"http_response": {"code": 404, "message": "We could not find the resource you requested."},
                "code": 1002, "description": text, "details": {}, "message": text}
    expect(status == 404 and body == expected, json.dumps(body))


# ---- what belongs to an offense --------------------------------------------------------------------------------------


@check
def offense_types_resolve_the_type_of_an_offense(j):
    number = j.offenses[0]["offense_type"]
    one = ok(j.api.siem.get_offense_types_by_offense_type_id(number))
    expect(one["id"] == number and "property_name" in one, str(one))
    expect(one in ok(j.api.siem.get_offense_types(sort="+id")), "not in the list")


@check
def source_addresses_resolve_in_one_batch(j):
    wanted = sorted({i for o in j.offenses for i in o["source_address_ids"]})
    text = f"id in ({','.join(map(str, wanted))})"
    found = ok(j.api.siem.get_source_addresses(filter=text, fields="id,source_ip", Range="items=0-99"))
    expect([a["id"] for a in found] == wanted and all(a["source_ip"] for a in found), str(found))
    one = ok(j.api.siem.get_source_addresses_by_source_address_id(wanted[0]))
    expect(one["source_ip"] == found[0]["source_ip"], "one differs from list")


@check
def local_destination_addresses_resolve_in_one_batch(j):
    wanted = sorted({i for o in j.offenses for i in o["local_destination_address_ids"]})
    text = f"id in ({','.join(map(str, wanted))})"
    found = ok(j.api.siem.get_local_destination_addresses(filter=text, fields="id,local_destination_ip"))
    expect([a["id"] for a in found] == wanted, str(found))
    ok(j.api.siem.get_local_destination_addresses_by_local_destination_address_id(wanted[0]))


@check
def rules_resolve_to_names(j):
    rule = j.offenses[0]["rules"][0]["id"]
    one = ok(j.api.analytics.get_rules_by_id(rule))
    expect(one["id"] == rule and one["name"] and len(one) == 14, str(one))
    expect(len(ok(j.api.analytics.get_rules(filter=f"id in ({rule})", fields="id,name"))) == 1, "not in the list")
    refused(j.api.analytics.get_rules_by_id(1), 404, 1002)


@check
def the_default_domain_exists(j):
    domains = ok(j.api.config.get_domain_management_domains())
    expect(any(d["id"] == 0 and d["name"] == "" for d in domains), str(domains))
    ok(j.api.config.get_domain_management_domains_by_domain_id(0))
    refused(j.api.config.get_domain_management_domains_by_domain_id(999), 404, 1002)


@check
def the_own_security_profile_can_be_read(j):
    profiles = ok(j.api.config.get_access_security_profiles(current_security_profile=True))
    expect(len(profiles) == 1 and isinstance(profiles[0]["domain_ids"], list), str(profiles))


# ---- notes and closing -----------------------------------------------------------------------------------------------


@check
def a_note_is_added_and_found_again(j):
    offense = j.offenses[0]["id"]
    text = "judged by qradar4py: grün & \"quoted\" 100%\n[ref:judge1]"
    note = ok(j.api.siem.post_offenses_notes_by_offense_id(offense, note_text=text), 201)
    expect(note["note_text"] == text and note["username"].startswith("API_user: "), str(note))
    listed = ok(j.api.siem.get_offenses_notes_by_offense_id(offense, filter="note_text ilike '%judge1%'"))
    expect(note in listed, "note not listed")
    expect(ok(j.api.siem.get_offenses_offense_id_notes_by_note_id(offense, note["id"])) == note, "one differs")
    refused(j.api.siem.get_offenses_offense_id_notes_by_note_id(offense, 999999), 404, 1003)


@check
def an_empty_note_is_422_8(j):
    refused(j.api.siem.post_offenses_notes_by_offense_id(j.offenses[0]["id"], note_text=""), 422, 8)


@check
def closing_reasons_are_listed(j):
    reasons = ok(j.api.siem.get_offense_closing_reasons(include_deleted=False))
    expect({"Non-Issue", "False-Positive, Tuned", "Policy Violation"} <= {r["text"] for r in reasons}, str(reasons))
    expect(ok(j.api.siem.get_offense_closing_reasons_by_closing_reason_id(1))["id"] == 1, "reason 1")
    refused(j.api.siem.get_offense_closing_reasons_by_closing_reason_id(9999), 404, 1002)


@check
def an_offense_can_be_flagged_and_hidden_and_shown(j):
    offense, update = j.offenses[0]["id"], j.api.siem.post_offenses_by_offense_id
    expect(ok(update(offense, follow_up=True))["follow_up"] is True, "follow_up")
    expect(ok(update(offense, status="HIDDEN", fields="status")) == {"status": "HIDDEN"}, "hidden")
    expect(ok(update(offense, status="OPEN"))["status"] == "OPEN", "open")


@check
def closing_needs_a_reason_and_a_valid_state(j):
    offense, update = j.offenses[0]["id"], j.api.siem.post_offenses_by_offense_id
    refused(update(offense, status="CLOSED"), 422, 1005)
    refused(update(offense, status="SHUT"), 422, 11)
    refused(update(offense, assigned_to="nobody-here"), 422, 1005)
    refused(update(999999, status="HIDDEN"), 404, 1002)
    closed = ok(update(offense, status="CLOSED", closing_reason_id=1))
    expect(closed["status"] == "CLOSED" and closed["inactive"] and closed["close_time"] % 1000 == 0, str(closed))
    refused(update(offense, status="OPEN"), 409, 1008)


# ---- Ariel -----------------------------------------------------------------------------------------------------------


def run(j, query):
    """Creates a search and polls it to its end."""
    search = ok(j.api.ariel.post_searches(query_expression=query), 201)
    for _ in range(50):
        search = ok(j.api.ariel.get_searches_by_search_id(search["search_id"]))
        if search["status"] in ("COMPLETED", "ERROR", "CANCELED"):
            expect(search["status"] == "COMPLETED", f"ended {search['status']}")
            return search
    raise AssertionError("search did not end after 50 polls")


@check
def ariel_databases_and_columns(j):
    expect("events" in ok(j.api.ariel.get_databases()), "no events database")
    columns = ok(j.api.ariel.get_databases_by_database_name("events"))["columns"]
    expect(any(c["name"] == "sourceip" for c in columns), "no sourceip")


@check
def a_search_lives_from_create_to_delete(j):
    offense = next(o for o in j.offenses if o["event_count"])
    query = (f"SELECT sourceip AS 'src', UTF8(payload) AS 'payload', starttime FROM events INTO judge_1 WHERE "
             f"INOFFENSE({offense['id']}) LIMIT 10 START {offense['start_time'] - 60000} "
             f"STOP {offense['last_updated_time'] + 60000}")
    search = run(j, query)
    expect(search["search_id"] == "judge_1" and search["progress"] == 100, str(search))
    refused(j.api.ariel.post_searches(query_expression=query), 409, 1004)
    expect("judge_1" in ok(j.api.ariel.get_searches()), "not listed")
    rows = ok(j.api.ariel.get_searches_results_by_search_id("judge_1"))["events"]
    expect(len(rows) == search["record_count"] > 0 and set(rows[0]) == {"src", "payload", "starttime"}, str(rows[:1]))
    first = ok(j.api.ariel.get_searches_results_by_search_id("judge_1", Range="items=0-0"))["events"]
    expect(first == rows[:1], "range on the inner list")
    names = [c["name"] for c in ok(j.api.ariel.get_searches_metadata_by_search_id("judge_1"))["columns"]]
    expect(names == ["src", "payload", "starttime"], str(names))
    expect(ok(j.api.ariel.delete_searches_by_search_id("judge_1"), 202)["search_id"] == "judge_1", "delete")
    refused(j.api.ariel.get_searches_by_search_id("judge_1"), 404, 1002)


@check
def aggregates_are_doubles_and_count_coalesced_events(j):
    offense = j.offenses[0]
    query = (f"SELECT destinationip AS 'ip', SUM(eventcount) AS 'n' FROM events WHERE INOFFENSE({offense['id']}) "
             f"GROUP BY destinationip ORDER BY \"n\" DESC LIMIT 20 START {offense['start_time']}")
    search = run(j, query)
    rows = ok(j.api.ariel.get_searches_results_by_search_id(search["search_id"]))["events"]
    expect(sum(r["n"] for r in rows) == offense["event_count"], f"{rows} against {offense['event_count']}")
    expect(all(isinstance(r["n"], float) for r in rows), "not doubles")
    ok(j.api.ariel.delete_searches_by_search_id(search["search_id"]), 202)


@check
def bad_aql_is_422_2000_with_the_text_in_both_fields(j):
    body = refused(j.api.ariel.post_searches(query_expression="SELECT nonsense FROM events"), 422, 2000)
    expect("nonsense" in body["message"] and "nonsense" in body["description"], str(body))
    messages = ok(j.api.ariel.post_validators_aql(query_expression="SELECT nonsense FROM events"))["error_messages"]
    expect(messages[0]["severity"] == "ERROR", str(messages))


@check
def a_search_can_be_cancelled(j):
    search = ok(j.api.ariel.post_searches(query_expression="SELECT sourceip FROM events LAST 1 DAYS"), 201)
    after = ok(j.api.ariel.post_searches_by_search_id(search["search_id"], status="CANCELED"))
    expect(after["status"] in ("CANCELED", "COMPLETED"), str(after))
    ok(j.api.ariel.delete_searches_by_search_id(search["search_id"]), 202)


@check
def exactly_one_parameter_creates_a_search(j):
    refused(j.api.ariel.post_searches(), 422, 1005)
    refused(j.api.ariel.post_searches(saved_search_id=277612), 404, 1002)


@check
def a_saved_search_is_listed_and_run_by_its_id(j):
    saved = ok(j.api.ariel.get_saved_searches(fields="id,name,database,aql,is_shared"))
    expect(saved and set(saved[0]) == {"id", "name", "database", "aql", "is_shared"}, str(saved))
    expect(ok(j.api.ariel.get_saved_searches_by_id(saved[0]["id"]))["name"] == saved[0]["name"], "one differs")
    refused(j.api.ariel.get_saved_searches_by_id(277612), 404, 1002)
    search = ok(j.api.ariel.post_searches(saved_search_id=saved[0]["id"]), 201)
    expect(search["query_string"] == saved[0]["aql"], str(search))
    again = ok(j.api.ariel.post_searches(saved_search_id=saved[0]["id"]), 201)
    expect(again["search_id"] == search["search_id"], "an equal recent search is the same one")
    ok(j.api.ariel.delete_searches_by_search_id(search["search_id"]), 202)


# ---- who handles an offense, and why it is closed ---------------------------------------------------------------------


@check
def a_closing_reason_is_made_once(j):
    made = ok(j.api.siem.post_offense_closing_reasons(reason="Judged by a client"), 201)
    expect(made["id"] >= 54 and made["is_deleted"] is False and made["is_reserved"] is False, str(made))
    refused(j.api.siem.post_offense_closing_reasons(reason="Judged by a client"), 409, 1004)
    refused(j.api.siem.post_offense_closing_reasons(reason="abc"), 422, 1005)
    expect(made in ok(j.api.siem.get_offense_closing_reasons(include_reserved=True, include_deleted=True)), "not listed")


@check
def a_second_close_is_409_1008_and_a_note_on_a_closed_offense_is_taken(j):
    offense, update = j.offenses[1]["id"], j.api.siem.post_offenses_by_offense_id
    if j.offenses[1]["status"] != "CLOSED":
        ok(update(offense, status="CLOSED", closing_reason_id=2))
    refused(update(offense, status="CLOSED", closing_reason_id=2), 409, 1008)
    ok(j.api.siem.post_offenses_notes_by_offense_id(offense, note_text="late"), 201)
    refused(j.api.siem.post_offenses_notes_by_offense_id(offense, note_text="x" * 2001), 422, 1005)


@check
def an_offense_is_assigned_and_protected(j):
    offense, update = j.offenses[0]["id"], j.api.siem.post_offenses_by_offense_id
    expect(ok(update(offense, assigned_to="admin", protected=True, fields="assigned_to,protected"))
           == {"assigned_to": "admin", "protected": True}, "assigned_to, protected")
    expect([o["id"] for o in ok(j.api.siem.get_offenses(filter="assigned_to = 'admin' and protected = true"))] == [offense],
           "not found by what was set")


@check
def offense_saved_searches_are_names_only(j):
    expect(all(set(s) == {"id", "name", "owner"} for s in ok(j.api.siem.get_offense_saved_searches())), "more than names")


# ---- reference data --------------------------------------------------------------------------------------------------


@check
def a_reference_set_lives_from_create_to_delete(j):
    sets = j.forgotten(ReferenceData)
    made = ok(sets.post_sets(name="Judge", element_type="ALNIC", timeout_type="LAST_SEEN", time_to_live="1 month"), 201)
    expect(made["number_of_elements"] == 0 and made["timeout_type"] == "LAST_SEEN", str(made))
    refused(sets.post_sets(name="Judge", element_type="ALN"), 409, 1004)
    refused(sets.post_sets(name="Other", element_type="TEXT"), 422, 11)
    expect("data" not in ok(sets.get_sets_by_name("Judge")), "an empty set has no data")
    for value in ("Alice", "bob", "Alice"):
        ok(sets.post_sets_by_name("Judge", value=value, source="judge"))
    data = ok(sets.get_sets_by_name("Judge"))["data"]
    expect([d["value"] for d in data] == ["alice", "bob"] and data[0]["source"] == "judge", str(data))
    expect(set(data[0]) == {"value", "source", "first_seen", "last_seen", "domain_id"}, str(data[0]))
    expect([d["value"] for d in ok(sets.get_sets_by_name("Judge", Range="items=1-1"))["data"]] == ["bob"], "inner range")
    ok(sets.delete_sets_name_by_value("Judge", "bob"))
    refused(sets.delete_sets_name_by_value("Judge", "bob"), 404, 1003)
    expect(any(s["name"] == "Judge" and s["number_of_elements"] == 1 for s in ok(sets.get_sets())), "not listed")
    expect(ok(sets.delete_sets_by_name("Judge"), 202)["status"] in ("QUEUED", "COMPLETED"), "no task")
    refused(sets.get_sets_by_name("Judge"), 404, 1002)


@check
def values_that_need_encoding_are_found_again(j):
    sets = j.forgotten(ReferenceData)
    ok(sets.post_sets(name="Judge URLs", element_type="ALN"), 201)
    ok(sets.post_sets_by_name("Judge URLs", value="http://example.com/a?b=c&d=e#f"))
    ok(sets.delete_sets_name_by_value("Judge%2520URLs", "http%253A%252F%252Fexample.com%252Fa%253Fb%253Dc%2526d%253De%2523f"))
    expect("data" not in ok(sets.get_sets_by_name("Judge URLs")), "not deleted")


@check
def a_set_takes_values_of_its_type_one_by_one_and_in_bulk(j):
    sets = j.forgotten(ReferenceData)
    ok(sets.post_sets(name="Judge IPs", element_type="IP"), 201)
    refused(sets.post_sets_by_name("Judge IPs", value="no address"), 422, 1005)
    loaded = ok(sets.post_sets_bulk_load_namespace_name_by_domain_id("SHARED", "Judge IPs", "SHARED",
                                                                     data=["192.0.2.1", "192.0.2.2"]))
    expect(loaded["number_of_elements"] == 2, str(loaded))
    ok(sets.post_sets_by_name("Judge IPs", value="192.0.2.1", domain_id=0))
    ok(sets.delete_sets_name_by_value("Judge IPs", "192.0.2.1", domain_id=0))
    expect(len(ok(sets.get_sets_by_name("Judge IPs"))["data"]) == 2, "the shared value is gone")
    ok(sets.delete_sets_by_name("Judge IPs", purge_only=True), 202)
    expect(ok(sets.get_sets_by_name("Judge IPs"))["number_of_elements"] == 0, "not purged")


@check
def maps_and_tables_are_read(j):
    data = j.forgotten(ReferenceData)
    for listed, one, depth in ((data.get_maps, data.get_maps_by_name, 1), (data.get_map_of_sets, data.get_map_of_sets_by_name, 1),
                               (data.get_tables, data.get_tables_by_name, 2)):
        names = [m["name"] for m in ok(listed())]
        expect(names, "none in the state")
        found = ok(one(names[0]))["data"]
        key = next(iter(found))
        inner = found[key] if depth == 1 else next(iter(found[key].values()))
        inner = inner[0] if isinstance(inner, list) else inner
        expect("value" in inner, str(found))
        refused(one("no such thing"), 404, 1002)


# ---- what else there is ----------------------------------------------------------------------------------------------


@check
def assets_are_found_by_address_and_sorted_by_four_fields(j):
    model = j.forgotten(AssetModel)
    assets = ok(model.get_assets(sort="+id"))
    ip = next(a["value"] for asset in assets for i in asset["interfaces"] for a in i["ip_addresses"])
    found = ok(model.get_assets(filter=f"interfaces contains ip_addresses contains value = '{ip}'"))
    expect(found and all(ip in str(a["interfaces"]) for a in found), str(found))
    refused(model.get_assets(sort="+hostnames"), 422, 1012)
    expect(set(ok(model.get_assets(fields="id,hostnames(name)"))[0]) == {"id", "hostnames"}, "fields")
    expect(ok(model.get_properties()), "no properties")


@check
def log_sources_and_their_types_are_listed(j):
    config = j.api.config
    found = ok(config.get_event_sources_log_source_management_log_sources(sort="+id", Range="items=0-0"))
    one = ok(config.get_event_sources_log_source_management_log_sources_by_id(found[0]["id"]))
    expect(one == found[0] and one["status"]["status"], str(one))
    refused(config.get_event_sources_log_source_management_log_sources_by_id(999999), 404, 1002)
    types = ok(config.get_event_sources_log_source_management_log_source_types(filter=f"id = {one['type_id']}"))
    expect(len(types) == 1 and types[0]["name"], str(types))


@check
def tenants_and_the_own_role_can_be_read(j):
    ok(j.api.config.get_access_tenant_management_tenants())
    roles = ok(j.api.config.get_access_user_roles(params={"current_user_role": "true"}))
    expect(len(roles) == 1 and isinstance(roles[0]["capabilities"], list), str(roles))


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__)
        return 2
    judge = Judge(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else None)
    passed, failed = 0, []
    for function in CHECKS:
        try:
            function(judge)
            passed += 1
            print(f"ok   {function.__name__}")
        except Exception as error:  # a crash inside the client is a verdict, too
            reason = f"{type(error).__name__}: {error}"
            failed.append({"name": function.__name__, "reason": reason})
            print(f"FAIL {function.__name__}: {reason}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(limit=4, file=sys.stdout)
    report = {"judge": "qradar4py", "version": importlib.metadata.version("qradar4py"), "collected": len(CHECKS),
              "passed": passed, "excluded": [], "failed": failed}
    print(json.dumps(report))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

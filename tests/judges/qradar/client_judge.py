"""Does the public client qradar (Chmele/qradar-client, MIT, nobody here wrote it) accept the QRadar simulator?

    client_judge.py URL TOKEN

It builds its methods from what `/help/endpoints` lists, so it reaches the newer endpoints that qradar4py does not know: the
description of the API must be true. It repeats path parameters in the query, which a console ignores. Every check prints one line; the
last line is one JSON object {"judge", "version", "collected", "passed", "excluded", "failed"}. Exit code 1 when a check failed.
"""

import importlib.metadata
import json
import sys
import traceback

import requests
from qradar import QRadar

CHECKS = []


def check(function):
    """Registers a named check; they run in order of definition."""
    CHECKS.append(function)
    return function


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def refused(body, status, code):
    """The client answers the body only."""
    expect(isinstance(body, dict) and body.get("http_response", {}).get("code") == status and body["code"] == code, json.dumps(body)[:300])


@check
def every_endpoint_of_the_description_is_a_method(api):
    for name in ("get_siem_offenses_offense_id", "post_siem_offenses_offense_id_notes", "get_siem_offenses_offense_id_assignable_actors",
                 "post_reference_data_collections_set_entries", "get_ariel_saved_searches_id", "get_analytics_rules_offense_contributions",
                 "get_config_event_sources_log_source_management_log_sources"):
        expect(callable(getattr(api, name, None)), f"{name} is missing")


@check
def an_offense_is_read_marked_and_noted(api):
    offense = api.get_siem_offenses(filter="status = OPEN", sort="+id")[0]["id"]
    expect(api.get_siem_offenses_offense_id(offense_id=offense)["id"] == offense, "another offense")
    expect(api.post_siem_offenses_offense_id(offense_id=offense, follow_up="true")["follow_up"] is True, "follow_up")
    note = api.post_siem_offenses_offense_id_notes(offense_id=offense, note_text="judged: gr\u00fcn")
    expect(note in api.get_siem_offenses_offense_id_notes(offense_id=offense), str(note))
    refused(api.get_siem_offenses_offense_id(offense_id=999999), 404, 1002)


@check
def an_offense_is_closed_once(api):
    offense = api.get_siem_offenses(filter="status = OPEN", sort="-id")[0]["id"]
    closed = api.post_siem_offenses_offense_id(offense_id=offense, status="CLOSED", closing_reason_id=1)
    expect(closed["status"] == "CLOSED" and closed["closing_user"].startswith("API_user: "), str(closed))
    refused(api.post_siem_offenses_offense_id(offense_id=offense, status="CLOSED", closing_reason_id=1), 409, 1008)


@check
def assignable_actors_are_listed(api):
    offense = api.get_siem_offenses(sort="+id")[0]["id"]
    actors = api.get_siem_offenses_offense_id_assignable_actors(offense_id=offense)
    expect(actors and set(actors[0]) == {"user_id", "username", "description"}, str(actors))
    refused(api.get_siem_offenses_offense_id_assignable_actors(offense_id=999999), 404, 85101001)


@check
def the_own_service_tells_its_label(api):
    own = api.get_config_access_authorized_services(current_authorized_service="true")
    expect(len(own) == 1 and own[0]["label"] and own[0]["token"] is None, str(own))


@check
def a_set_is_made_filled_and_deleted_at_the_newer_endpoints(api):
    made = api.post_reference_data_collections_sets(json={"name": "Judge 2", "entry_type": "IP"})
    expect(made["number_of_entries"] == 0 and made["expiry_type"] == "NO_EXPIRY", str(made))
    refused(api.post_reference_data_collections_sets(json={"name": "Judge 2", "entry_type": "IP"}), 409, 10006)
    body = {"collection_id": made["id"], "value": "192.0.2.9", "source": "judge"}
    entry = api.post_reference_data_collections_set_entries(json=body)
    again = api.post_reference_data_collections_set_entries(json=body)
    expect(entry["id"] == again["id"] and entry["value"] == "192.0.2.9", f"{entry} {again}")
    found = api.get_reference_data_collections_set_entries(filter=f'collection_id={made["id"]} and value="192.0.2.9"')
    expect([e["id"] for e in found] == [entry["id"]], str(found))
    task = api.patch_reference_data_collections_set_entries(json=[dict(body, value=f"192.0.2.{n}") for n in (10, 11)])
    expect(api.get_reference_data_collections_set_bulk_update_tasks_id(id=task["id"])["status"] == "COMPLETED", str(task))
    expect(api.get_reference_data_collections_sets_id(id=made["id"])["number_of_entries"] == 3, "not counted")
    expect(api.get_reference_data_sets_name(name="Judge 2")["collection_id"] == made["id"], "both families show one set")
    expect("status" in api.delete_reference_data_collections_sets_id(id=made["id"]), "no task")
    refused(api.get_reference_data_collections_sets_id(id=made["id"]), 404, 15000)


@check
def a_body_that_is_no_json_and_one_that_is_missing_are_told_apart(api):
    refused(api.post_reference_data_collections_set_entries(), 422, 10)
    refused(api.post_reference_data_collections_set_entries(json={"collection_id": 999999, "value": "x"}), 422, 20001)


@check
def contributions_are_those_of_known_offenses(api):
    known = {o["id"] for o in api.get_siem_offenses(fields="id")}
    parts = api.get_analytics_rules_offense_contributions(sort="+id")
    expect(parts and all(p["offense_id"] in known and p["rule_name"] for p in parts), str(parts))


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    api = QRadar(sys.argv[1], sys.argv[2], "26.0", requests.Session())
    passed, failed = 0, []
    for function in CHECKS:
        try:
            function(api)
            passed += 1
            print(f"ok   {function.__name__}")
        except Exception as error:  # a crash inside the client is a verdict, too
            reason = f"{type(error).__name__}: {error}"
            failed.append({"name": function.__name__, "reason": reason})
            print(f"FAIL {function.__name__}: {reason}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(limit=4, file=sys.stdout)
    report = {"judge": "qradar", "version": importlib.metadata.version("qradar"), "collected": len(CHECKS),
              "passed": passed, "excluded": [], "failed": failed}
    print(json.dumps(report))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Does the public client exchangelib (nobody here wrote it) accept the Exchange simulator?

    run.py URL [CA_FILE] [FILTER]

URL is the simulator without a path, started with `state.json` beside this file; the run changes mail in it. Every check prints
one line; the last line is one JSON object {"judge", "version", "collected", "passed", "excluded", "failed"}. Exit code 1 when a
check failed.

The judge is never bent: if it does not like an answer, the simulator is wrong.
"""

import datetime
import hashlib
import importlib.metadata
import json
import logging
import ssl
import sys
import traceback
import urllib.request

import requests.adapters
from exchangelib import (
    BASIC,
    DELEGATE,
    IMPERSONATION,
    NTLM,
    Account,
    Body,
    Configuration,
    Credentials,
    FaultTolerance,
    FileAttachment,
    Folder,
    HTMLBody,
    ItemAttachment,
    Mailbox,
    Message,
    Q,
    UTC,
)
from exchangelib.errors import (
    ErrorAccessDenied,
    ErrorCannotOpenFileAttachment,
    ErrorImpersonateUserDenied,
    ErrorInvalidSyncStateData,
    ErrorIrresolvableConflict,
    ErrorItemCorrupt,
    ErrorItemNotFound,
    ErrorMimeContentConversionFailed,
    ErrorNonExistentMailbox,
    ErrorServerBusy,
    UnauthorizedError,
)
from exchangelib.protocol import BaseProtocol

CHECKS = []
SOC = "soc@example.org"
ALICE = "alice@example.org"


def check(function):
    """Registers a named check; they run in order of definition."""
    CHECKS.append(function)
    return function


def equal(found, expected, what="values"):
    assert found == expected, f"{what} differ: found {found!r}, expected {expected!r}"


def raises(kind, call, *args, **kwargs):
    try:
        answer = call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised, answered {answer!r}")


class Judge:
    """The clients of one run."""

    def __init__(self, url, ca):
        self.url, self.ca = url.rstrip("/"), ca
        self.account = self.login(SOC, "secret")

    def config(self, user, password, auth=BASIC, wait=0):
        policy = FaultTolerance(max_wait=wait) if wait else None
        return Configuration(
            service_endpoint=f"{self.url}/EWS/Exchange.asmx",
            credentials=Credentials(user, password),
            auth_type=auth,
            retry_policy=policy,
        )

    def login(self, user, password, mailbox=None, access=DELEGATE, **more):
        return Account(
            primary_smtp_address=mailbox or user,
            config=self.config(user, password, **more),
            autodiscover=False,
            access_type=access,
            default_timezone=UTC,
        )

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method)
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(request, context=context) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def deliver(self, number, folder="inbox", mailbox=SOC):
        eml = f"From: judge@example.net\r\nTo: {mailbox}\r\nSubject: {number}\r\nMessage-ID: <{number}@judge>\r\n\r\nText.\r\n"
        self.control("POST", "/_sim/ews/messages", {"mailbox": mailbox, "folder": folder, "eml": eml})

    def effects(self, effect):
        return [e["body"] for e in self.control("GET", "/_sim/effects") if e["body"].get("effect") == effect]

    def one(self, message_id, folder=None):
        return (folder or self.account.inbox).get(message_id=message_id)

    @property
    def hive(self):
        return self.account.inbox / "TheHive"


# Login and versions


@check
def the_version_is_guessed_from_the_servers_header(j):
    version = j.account.protocol.version
    equal((version.build.major_version, version.build.minor_version), (15, 2), "build")


@check
def a_wrong_password_is_unauthorized(j):
    raises(UnauthorizedError, lambda: j.login(SOC, "wrong").inbox)


@check
def a_mailbox_without_permission_is_denied(j):
    raises(ErrorAccessDenied, lambda: j.login(SOC, "secret", mailbox="closed@example.org").inbox)


@check
def a_delegate_reads_the_mailbox(j):
    alice = j.login(SOC, "secret", mailbox=ALICE)
    equal([item.subject for item in alice.inbox.all()], ["For Alice"])


@check
def impersonation_acts_as_the_other_mailbox(j):
    alice = j.login("svc", "service", mailbox=ALICE, access=IMPERSONATION)
    equal([item.subject for item in alice.inbox.all()], ["For Alice"])


@check
def impersonation_of_others_is_denied(j):
    raises(ErrorImpersonateUserDenied, lambda: j.login("svc", "service", mailbox=SOC, access=IMPERSONATION).inbox)
    nobody = lambda: j.login("svc", "service", mailbox="nobody@example.org", access=IMPERSONATION).inbox
    raises(ErrorNonExistentMailbox, nobody)


@check
def ntlm_logs_the_connection_in_through_its_tls_channel(j):
    account = j.login("SIM\\soc", "secret", mailbox=SOC, auth=NTLM)
    equal(account.inbox.name, "Inbox")
    assert len(list(account.inbox.all().only("subject"))) > 0
    seen = [one for one in j.control("GET", "/_sim/ews/connections") if one["logins"]]
    assert seen and all(one["identities"] == ["SIM\\soc"] for one in seen), seen
    raises(UnauthorizedError, lambda: j.login("SIM\\soc", "wrong", mailbox=SOC, auth=NTLM).inbox)


# Folders


@check
def the_folder_tree_is_walked(j):
    names = [folder.name for folder in j.account.msg_folder_root.walk()]
    for name in ("Inbox", "TheHive", "Sent Items", "Archive", "2026", "Broken"):
        assert name in names, f"{name} is not in {names}"


@check
def folders_are_found_by_name_and_by_path(j):
    equal(j.hive.name, "TheHive")
    equal(j.hive.parent.name, "Inbox")
    equal([folder.name for folder in j.account.msg_folder_root.glob("Archive/20*")], ["2026"])


@check
def folder_counts_follow_the_items(j):
    folder = j.account.msg_folder_root / "Archive" / "2026"
    equal((folder.total_count, folder.unread_count), (5, 0))
    j.deliver("counted", "Archive/2026")
    folder.refresh()
    equal((folder.total_count, folder.unread_count), (6, 1))
    folder.get(message_id="<counted@judge>").delete()


@check
def a_folder_is_created(j):
    folder = Folder(parent=j.account.inbox, name="Made by the judge")
    folder.save()
    equal((j.account.inbox / "Made by the judge").id, folder.id)


# Searches


@check
def unread_items_are_found_oldest_first(j):
    found = j.account.inbox.filter(is_read=False).order_by("datetime_received").only("message_id", "is_read")
    ids = [item.message_id for item in found]
    equal(ids[:3], ["<phish-1@evil.example.net>", "<forward-1@example.net>", "<unicode-1@example.net>"])


@check
def pages_join_to_the_whole_list(j):
    folder = j.account.msg_folder_root / "Archive" / "2026"
    found = folder.all().order_by("-datetime_received").only("subject")
    found.page_size = 2
    equal([item.subject for item in found], ["Fifth", "Fourth", "Third", "Second", "First"])
    equal([item.subject for item in folder.all().order_by("datetime_received").only("subject")[1:3]], ["Second", "Third"])
    equal(folder.all().count(), 5)


@check
def filters_combine(j):
    inbox = j.account.inbox
    ids = lambda *args, **kwargs: {item.message_id for item in inbox.filter(*args, **kwargs).only("message_id")}
    locked = {"<phish-1@evil.example.net>", "<reply-1@example.org>"}
    equal(ids(subject__icontains="LOCKED"), locked)
    equal(ids(subject__startswith="RE:"), {"<reply-1@example.org>"})
    equal(ids(Q(subject__contains="locked") & ~Q(is_read=True)), {"<phish-1@evil.example.net>"})
    equal(ids(Q(subject="Big one") | Q(message_id="<reply-1@example.org>")), {"<big-1@example.net>", "<reply-1@example.org>"})
    equal(ids(categories__contains=["Case 42"]), {"<reply-1@example.org>"})
    equal(ids(has_attachments=True, is_read=True), {"<big-1@example.net>"})
    day = datetime.datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
    assert "<phish-1@evil.example.net>" not in ids(datetime_received__gte=day)
    assert "<forward-1@example.net>" in ids(datetime_received__gte=day)
    equal(ids(in_reply_to="<phish-1@evil.example.net>"), {"<reply-1@example.org>"})


@check
def a_query_string_searches(j):
    equal([item.message_id for item in j.account.inbox.filter("subject:prize OR subject:x") if item], [])
    equal([item.message_id for item in j.account.inbox.filter("subject:picture").only("message_id")], ["<unicode-1@example.net>"])


# Reading


@check
def all_properties_of_a_message_are_read(j):
    item = j.one("<phish-1@evil.example.net>")
    equal(item.subject, "Your account is locked")
    equal((item.sender.email_address, item.author.name), ("evil@evil.example.net", "Evil Corp"))
    equal([person.email_address for person in item.to_recipients], [SOC, ALICE])
    equal([person.email_address for person in item.cc_recipients], ["bob@example.net"])
    equal([person.email_address for person in item.reply_to], ["reply@evil.example.net"])
    equal(item.datetime_received, datetime.datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    equal((item.importance, item.is_read, item.has_attachments), ("High", False, True))
    assert isinstance(item.body, HTMLBody) and "cid:logo@evil" in item.body, item.body
    equal(item.text_body.strip(), "Click http://evil.example.net/now")
    equal(item.is_read_receipt_requested, True)
    received = [header.value for header in item.headers if header.name == "Received"]
    equal(len(received), 2, "Received headers")


@check
def charsets_are_decoded(j):
    item = j.one("<unicode-1@example.net>")
    equal(item.subject, "Phish with picture \u2620 \U0001f3a3")
    equal(item.author.name, "J\u00fcrgen")
    assert "Gr\u00fc\u00dfe" in item.body and "Gr\u00fc\u00dfe" in item.text_body


@check
def the_raw_message_is_read(j):
    item = j.account.inbox.filter(message_id="<reply-1@example.org>").only("mime_content").get()
    assert item.mime_content.startswith(b'From: "Alice"') and b"Is this real?" in item.mime_content


@check
def one_bad_id_does_not_fail_the_batch(j):
    good = j.one("<reply-1@example.org>")
    answers = list(j.account.fetch(ids=[(good.id, good.changekey), ("AAAA", None), (good.id, None)]))
    equal([type(answer).__name__ for answer in answers], ["Message", "ErrorInvalidIdMalformed", "Message"])


@check
def broken_items_are_errors_of_their_own(j):
    broken = j.account.msg_folder_root / "Broken"
    items = {item.subject: item for item in broken.all().only("subject")}
    fetch = lambda subject, **more: list(j.account.fetch(ids=[items[subject]], **more))[0]
    assert isinstance(fetch("Corrupt"), ErrorItemCorrupt)
    assert isinstance(fetch("No MIME", only_fields=["mime_content"]), ErrorMimeContentConversionFailed)
    equal(fetch("No MIME", only_fields=["message_id"]).message_id, "<mime-1@example.net>")


@check
def forbidden_characters_do_not_stop_the_client(j):
    item = j.one("<control-1@example.net>", j.account.msg_folder_root / "Broken")
    assert item.subject.startswith("null ") and item.subject.endswith(" here"), item.subject


# Attachments


@check
def file_attachments_are_read(j):
    item = j.one("<phish-1@evil.example.net>")
    found = [(a.name, a.content_type, a.is_inline, a.content_id) for a in item.attachments]
    expected = [("logo.png", "image/png", True, "logo@evil"), ("invoice.pdf", "application/pdf", False, None)]
    equal(sorted(found, key=str), sorted(expected, key=str))
    equal({a.name: a.content for a in item.attachments}["invoice.pdf"], b"%PDF-1.4 fake\n")


@check
def a_large_attachment_is_streamed(j):
    item = j.one("<big-1@example.net>")
    big = next(a for a in item.attachments if a.name == "big.bin")
    equal(big.size, 3_000_001)
    digest, size = hashlib.sha256(), 0
    with big.fp as stream:
        while chunk := stream.read(65536):
            digest.update(chunk)
            size += len(chunk)
    equal(size, 3_000_001)
    equal(digest.hexdigest(), generated(3_000_001, 7), "sha256")


@check
def a_refused_attachment_is_an_error(j):
    item = j.one("<big-1@example.net>")
    locked = next(a for a in item.attachments if a.name == "locked.zip")
    raises(ErrorCannotOpenFileAttachment, lambda: locked.content)


@check
def an_attached_message_is_read_with_its_own_attachment(j):
    item = j.one("<forward-1@example.net>")
    (attached,) = item.attachments
    assert isinstance(attached, ItemAttachment)
    inner = attached.item
    equal((inner.subject, inner.message_id), ("Win a prize", "<prize-1@evil.example.net>"))
    equal([a.name for a in inner.attachments], ["setup.exe"])
    assert inner.mime_content.startswith(b'From: "Evil Corp"'), inner.mime_content[:50]


# Changes


@check
def marking_read_is_one_effect_and_sends_no_receipt(j):
    item = j.one("<phish-1@evil.example.net>")
    before = item.changekey
    item.is_read = True
    item.save(update_fields=["is_read"])
    assert item.changekey != before
    equal(j.one("<phish-1@evil.example.net>").is_read, True)
    equal([e["internet_message_id"] for e in j.effects("mark-read")], ["<phish-1@evil.example.net>"])
    equal(j.effects("read-receipt-sent"), [])


@check
def categories_are_replaced_and_emptied(j):
    item = j.one("<forward-1@example.net>")
    item.categories = ["TheHive", "Case 43"]
    item.save(update_fields=["categories"])
    equal(j.one("<forward-1@example.net>").categories, ["TheHive", "Case 43"])
    item.categories = None
    item.save(update_fields=["categories"])
    equal(j.one("<forward-1@example.net>").categories, None)


@check
def a_lost_race_is_a_conflict(j):
    mine, theirs = j.one("<reply-1@example.org>"), j.one("<reply-1@example.org>")
    theirs.categories = ["theirs"]
    theirs.save(update_fields=["categories"])
    mine.categories = ["mine"]
    raises(ErrorIrresolvableConflict, mine.save, update_fields=["categories"])
    raises(ErrorIrresolvableConflict, mine.save, update_fields=["categories"], conflict_resolution="NeverOverwrite")
    mine.save(update_fields=["categories"], conflict_resolution="AlwaysOverwrite")
    equal(j.one("<reply-1@example.org>").categories, ["mine"])


@check
def a_move_gives_a_new_id(j):
    j.deliver("moved")
    item = j.one("<moved@judge>")
    old = item.id
    item.move(to_folder=j.hive)
    assert item.id != old
    equal(j.one("<moved@judge>", j.hive).id, item.id)
    assert isinstance(list(j.account.fetch(ids=[(old, None)]))[0], ErrorItemNotFound)


@check
def a_copy_leaves_the_original(j):
    item = j.one("<reply-1@example.org>")
    item.copy(to_folder=j.hive)
    equal(j.one("<reply-1@example.org>", j.hive).subject, item.subject)
    equal(j.one("<reply-1@example.org>").id, item.id)


@check
def deleted_items_go_to_the_bin_or_away(j):
    for number in ("binned", "deleted"):
        j.deliver(number)
    j.one("<binned@judge>").move_to_trash()
    j.one("<deleted@judge>").delete()
    equal([item.subject for item in j.account.trash.all()], ["binned"])
    equal(list(j.account.inbox.filter(message_id__in=["<binned@judge>", "<deleted@judge>"])), [])


@check
def a_message_is_created_with_attachments(j):
    inner = Message(subject="Inner", body="Attached text", to_recipients=[Mailbox(email_address=ALICE)])
    item = Message(
        account=j.account,
        folder=j.hive,
        subject="Made \u2620",
        body=Body("Text & <more>"),
        categories=["Made"],
        to_recipients=[Mailbox(name="Alice", email_address=ALICE)],
    )
    item.attach(FileAttachment(name="a.txt", content=b"one"))
    item.attach(ItemAttachment(name="Inner", item=inner))
    item.save()
    item.attach(FileAttachment(name="b.txt", content=b"two"))
    read = j.hive.get(subject="Made \u2620")
    equal((read.body.strip(), read.categories), ("Text & <more>", ["Made"]))
    names = {a.name: a for a in read.attachments}
    equal(set(names), {"a.txt", "Inner", "b.txt"})
    equal((names["a.txt"].content, names["b.txt"].content), (b"one", b"two"))
    equal(names["Inner"].item.subject, "Inner")


@check
def a_message_is_created_from_mime(j):
    mime = b"From: x@example.net\r\nSubject: From MIME\r\nMessage-ID: <mime@judge>\r\n\r\nText.\r\n"
    Message(account=j.account, folder=j.hive, mime_content=mime).save()
    equal(j.one("<mime@judge>", j.hive).subject, "From MIME")


# Synchronisation


@check
def a_sync_tells_what_changed(j):
    folder = j.account.msg_folder_root / "Archive" / "2026"
    first = list(folder.sync_items(only_fields=["subject"], max_changes_returned=2))
    equal([kind for kind, _ in first], ["create"] * 5)
    equal(list(folder.sync_items(only_fields=["subject"])), [])
    items = {item.subject: item for item in folder.all()}
    items["First"].is_read = False
    items["First"].save(update_fields=["is_read"])
    items["Second"].categories = ["new"]
    items["Second"].save(update_fields=["categories"])
    first, third = items["First"].id, items["Third"].id
    items["Third"].delete()
    j.deliver("synced", "Archive/2026")
    changes = {kind: what for kind, what in folder.sync_items(only_fields=["subject"])}
    equal(set(changes), {"create", "update", "delete", "read_flag_change"})
    equal((changes["create"].subject, changes["update"].subject), ("synced", "Second"))
    equal((changes["delete"].id, changes["read_flag_change"][0].id), (third, first))
    equal(changes["read_flag_change"][1], False)


@check
def a_damaged_sync_state_is_refused(j):
    raises(ErrorInvalidSyncStateData, lambda: list(j.account.inbox.sync_items(sync_state="H4sIAAA=")))


# Trouble


@check
def a_busy_server_is_an_error_and_a_fault_tells_how_long(j):
    busy = {"operation": "FindItem", "code": "ErrorServerBusy", "back_off_ms": 297000}
    search = lambda: list(j.account.inbox.all().only("subject"))
    j.control("POST", "/_sim/ews/quirks", busy)
    raises(ErrorServerBusy, search)
    # The client reads the time from faults only.
    j.control("POST", "/_sim/ews/quirks", {**busy, "fault_status": 500})
    equal(raises(ErrorServerBusy, search).back_off, 297)


@check
def a_busy_server_is_tried_again_after_its_time(j):
    # The client keeps one protocol, with its policy, per login: this one is written differently.
    patient = j.login("EXAMPLE\\soc@example.org", "secret", mailbox=SOC, wait=30)
    equal(patient.inbox.name, "Inbox")
    busy = {"operation": "FindItem", "code": "ErrorServerBusy", "back_off_ms": 1000, "fault_status": 500}
    j.control("POST", "/_sim/ews/quirks", busy)
    assert len(list(patient.inbox.all().only("subject"))) > 0
    equal(j.control("GET", "/_sim/ews/quirks")[-1]["fired"], 1)


def generated(size, seed):
    """The sha256 of a generated attachment, computed by its formula."""
    mask, words = (1 << 64) - 1, []
    for word in range((size + 7) // 8):
        z = ((seed + word) * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        words.append((z ^ (z >> 31)).to_bytes(8, "little"))
    return hashlib.sha256(b"".join(words)[:size]).hexdigest()


def trust(ca):
    """exchangelib takes its TLS settings from an adapter class."""

    class Trusting(requests.adapters.HTTPAdapter):
        def cert_verify(self, conn, url, verify, cert):
            super().cert_verify(conn=conn, url=url, verify=ca, cert=cert)

        def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
            return super().get_connection_with_tls_context(request=request, verify=ca, proxies=proxies, cert=cert)

    BaseProtocol.HTTP_ADAPTER_CLS = Trusting


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    url, ca, wanted = (sys.argv[1:] + ["", ""])[:3]
    if ca:
        trust(ca)
    logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
    judge, failed = Judge(url, ca), []
    checks = [function for function in CHECKS if wanted in function.__name__]
    for function in checks:
        name = function.__name__
        try:
            function(judge)
            print(f"ok    {name}")
        except Exception as error:  # a crash inside the client is a verdict, too
            reason = f"{type(error).__name__}: {error}"
            failed.append({"name": name, "reason": reason})
            print(f"FAIL  {name}: {reason}")
            if not isinstance(error, AssertionError):
                traceback.print_exc(limit=-6, file=sys.stdout)
    report = {
        "judge": "exchangelib",
        "version": importlib.metadata.version("exchangelib"),
        "collected": len(checks),
        "passed": len(checks) - len(failed),
        "excluded": [],
        "failed": failed,
    }
    print(json.dumps(report))
    return 1 if failed or not checks else 0


if __name__ == "__main__":
    sys.exit(main())

//! Does what belongs to cases and alerts come into being once: links, events, shares, files, techniques, pages, texts, jobs?

use serde_json::json;
use synapse_domain::run::How;

use super::doubt_of_new::probed;
use super::removal::removed_once;
use super::{Bytes, Lab, alert, effect, observable};
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::thehive::cortex::{Progress, Subject};
use crate::bindings::synapse::thehive::links::{CaseLink, UrlLink};
use crate::bindings::synapse::thehive::observables::{ObservablePatch, Owner};
use crate::bindings::synapse::thehive::pages::{NewPage, PagePatch};
use crate::bindings::synapse::thehive::procedures::{NewProcedure, ProcedurePatch};
use crate::bindings::synapse::thehive::shares::{Access, NewShare, Rules, Shared};
use crate::bindings::synapse::thehive::tasks::{Action, NewLog};
use crate::bindings::synapse::thehive::timeline::{EventPatch, NewEvent};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write};
use crate::thehive::client::{Client, Options};
use crate::thehive::{
    AddAttachment, AddComment, AddObservable, AddShares, AttachToLog, ChangeOwner, CreateEvent, CreateLog, CreatePage,
    CreateProcedure, DeleteEvent, DeletePage, DeleteProcedure, Download, GetJob, GetObservable, LinkCase, LinkKinds,
    LinkUrl, ListActions, ListAnalyzers, ListAttachments, ListComments, ListCortexActions, ListJobs, ListLinks,
    ListLogs, ListPages, ListProcedures, ListResponders, ListShares, ReadTimeline, RelatedCases, RemoveShares,
    RunAnalyzer, RunResponder, Seen, SetAccess, SetAction, SetShareProfile, SetShares, ShareWith, SimilarObservables,
    UnlinkCase, UnlinkUrl, UpdateComment, UpdateEvent, UpdateLog, UpdateObservable, UpdatePage, UpdateProcedure,
};

/// The id of a new observable of a case.
pub(super) async fn observable_of(lab: &Lab, case: &str, data: &str) -> String {
    let bytes = Bytes::new();
    let call = AddObservable {
        owner: Owner::Case(case.to_owned()),
        observable: observable("ip", data),
        spool: bytes.spool.clone(),
        seen: Seen::default(),
    };
    let name = format!("observable {}", lab.effects());
    lab.send(&call, &effect(&name, false)).await.unwrap().answer.id.unwrap()
}

/// A change that makes an observable an indicator.
pub(super) fn ioc() -> ObservablePatch {
    ObservablePatch {
        message: Some("seen in the wild".to_owned()),
        tlp: None,
        pap: None,
        ioc: Some(true),
        sighted: None,
        ignore_similarity: None,
        add_tags: vec!["ioc".to_owned()],
        remove_tags: Vec::new(),
    }
}

/// Sent, in doubt, found done; and the same twice is no second change.
async fn absorbed<C: Write<Target = Client>>(lab: &Lab, method: &str, path: &str, call: &C) {
    let before = lab.effects();
    lab.fault(method, path, &json!({"lie": "did_it", "status": 500}));
    let unknown = lab.send(call, &effect(path, false)).await.err().unwrap();
    assert_eq!(unknown.certainty, Certainty::Unknown, "{path}");
    let settled = lab.send(call, &effect(path, true)).await.ok().unwrap();
    assert_eq!((settled.how, lab.effects()), (How::Adopted, before + 1), "{path}");
}

fn technique(owner: Owner) -> CreateProcedure {
    CreateProcedure {
        owner,
        procedure: NewProcedure {
            pattern_id: "T1059.006".to_owned(),
            occurred_at: 1_700_000_000_000,
            tactic: Some("execution".to_owned()),
            description: Some("Python".to_owned()),
            dedup_key: None,
        },
    }
}

fn page(case_id: &str) -> CreatePage {
    CreatePage {
        page: NewPage {
            case_id: case_id.to_owned(),
            title: "Findings".to_owned(),
            category: "report".to_owned(),
            content: "# Findings".to_owned(),
            dedup_key: None,
        },
    }
}

fn event(case_id: &str) -> CreateEvent {
    CreateEvent {
        event: NewEvent {
            case_id: case_id.to_owned(),
            title: "First mail".to_owned(),
            date: 1_700_000_000_000,
            end_date: None,
            description: None,
            dedup_key: None,
        },
    }
}

#[tokio::test]
async fn row_66_techniques_pages_and_events_are_found_by_their_marker() {
    let options = Options::default();
    probed("/api/v1/case/*/procedure", &options, async |lab: &Lab| {
        technique(Owner::Case(lab.case().await))
    })
    .await;
    probed("/api/v1/alert/*/procedure", &options, async |lab: &Lab| {
        let made = lab.create(&alert("1"), &effect("alert", false)).await.unwrap();
        technique(Owner::Alert(made.answer.id))
    })
    .await;
    probed("/api/v1/case/*/page", &options, async |lab: &Lab| {
        page(&lab.case().await)
    })
    .await;
    probed("/api/v1/case/*/customEvent", &options, async |lab: &Lab| {
        event(&lab.case().await)
    })
    .await;
}

#[tokio::test]
async fn an_event_is_changed_once_and_still_found_by_its_marker() {
    let lab = Lab::start().await;
    let case_id = lab.case().await;
    let mut call = event(&case_id);
    call.event.description = Some("seen by the gateway".to_owned());
    let made = effect("event", false);
    let id = lab.send(&call, &made).await.unwrap().answer;
    let update = UpdateEvent {
        case_id: case_id.clone(),
        id: id.clone(),
        patch: EventPatch {
            title: Some("First of many mails".to_owned()),
            date: None,
            end_date: Some(1_700_000_060_000),
            description: Some("seen by the proxy".to_owned()),
        },
    };
    absorbed(&lab, "PATCH", "/api/v1/customEvent/*", &update).await;
    assert!(
        call.probe(&lab.client, &made).await.unwrap().is_some(),
        "the marker stays"
    );
    let entries = lab.ask(&ReadTimeline { case_id }).await.unwrap();
    let entry = entries.iter().find(|entry| entry.entity_id == id).unwrap();
    assert_eq!(
        (entry.date, entry.end_date),
        (1_700_000_000_000, Some(1_700_000_060_000))
    );
    let details: serde_json::Value = serde_json::from_str(&entry.details).unwrap();
    assert_eq!(
        (&details["title"], &details["description"]),
        (&json!("First of many mails"), &json!("seen by the proxy"))
    );
    // What TheHive itself put into the timeline is no event that can be changed.
    let own = entries.iter().find(|entry| entry.kind == "CaseCreated").unwrap();
    let wrong = UpdateEvent {
        id: own.entity_id.clone(),
        ..update
    };
    let refused = lab.send(&wrong, &effect("own", false)).await.unwrap_err();
    assert_eq!(refused.error, Error::NotFound);
}

#[tokio::test]
async fn row_40_guests_see_no_marker_and_a_new_text_keeps_it() {
    let lab = Lab::start().await;
    let bytes = Bytes::new();
    let case = lab.case().await;
    let owner = Owner::Case(case.clone());
    let first = effect("1", false);
    let made = lab.send(&technique(owner.clone()), &first).await.unwrap().answer;
    assert_eq!(made.description.as_deref(), Some("Python"));
    let call = UpdateProcedure {
        id: made.id.clone(),
        patch: ProcedurePatch {
            occurred_at: None,
            tactic: None,
            description: Some("Python 3".to_owned()),
        },
    };
    let changed = lab.send(&call, &effect("2", false)).await.unwrap().answer;
    assert_eq!(changed.description.as_deref(), Some("Python 3"));
    assert_eq!(lab.send(&call, &effect("2", true)).await.unwrap().how, How::Adopted);
    let found = technique(owner.clone())
        .probe(&lab.client, &first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        found,
        lab.ask(&ListProcedures { owner: owner.clone() }).await.unwrap()[0]
    );
    removed_once(&lab, "/api/v1/procedure/*", &DeleteProcedure { id: made.id }).await;

    let made = lab.send(&page(&case), &first).await.unwrap().answer;
    assert_eq!(made.content, "# Findings");
    let call = UpdatePage {
        case_id: case.clone(),
        id: made.id.clone(),
        patch: PagePatch {
            title: None,
            category: None,
            content: Some("# More".to_owned()),
        },
    };
    assert_eq!(
        lab.send(&call, &effect("3", false)).await.unwrap().answer.content,
        "# More"
    );
    assert_eq!(lab.send(&call, &effect("3", true)).await.unwrap().how, How::Adopted);
    assert!(page(&case).probe(&lab.client, &first).await.unwrap().is_some());
    let pages = lab.ask(&ListPages { case_id: case.clone() }).await.unwrap();
    assert_eq!((pages.len(), pages[0].content.as_str()), (1, "# More"));
    let gone = DeletePage {
        case_id: case.clone(),
        id: made.id,
    };
    removed_once(&lab, "/api/v1/case/*/page/*", &gone).await;

    let comment = AddComment {
        owner: owner.clone(),
        message: "One".to_owned(),
        dedup_key: None,
    };
    let id = lab.send(&comment, &first).await.unwrap().answer.id;
    let call = UpdateComment {
        id,
        message: "Two".to_owned(),
    };
    lab.send(&call, &effect("4", false)).await.unwrap();
    assert_eq!(lab.send(&call, &effect("4", true)).await.unwrap().how, How::Adopted);
    assert!(comment.probe(&lab.client, &first).await.unwrap().is_some());
    assert_eq!(lab.ask(&ListComments { owner }).await.unwrap()[0].message, "Two");

    let task_id = lab.task().await;
    let log = CreateLog {
        log: NewLog {
            task_id: task_id.clone(),
            message: "One".to_owned(),
            date: None,
            dedup_key: None,
        },
        files: Vec::new(),
        spool: bytes.spool.clone(),
    };
    let id = lab.send(&log, &first).await.unwrap().answer.id;
    let call = UpdateLog {
        id,
        message: "Two".to_owned(),
    };
    assert_eq!(
        lab.send(&call, &effect("5", false)).await.unwrap().answer.message,
        "Two"
    );
    assert_eq!(lab.send(&call, &effect("5", true)).await.unwrap().how, How::Adopted);
    assert!(log.probe(&lab.client, &first).await.unwrap().is_some());
    assert_eq!(lab.ask(&ListLogs { task_id }).await.unwrap()[0].message, "Two");
}

#[tokio::test]
async fn an_event_stands_in_the_timeline_without_its_marker_until_it_is_deleted() {
    let lab = Lab::start().await;
    let case_id = lab.case().await;
    let id = lab.send(&event(&case_id), &effect("1", false)).await.unwrap().answer;
    let entries = lab.ask(&ReadTimeline { case_id }).await.unwrap();
    let ours = entries.iter().find(|entry| entry.entity_id == id).unwrap();
    assert!(entries.len() > 1 && !ours.details.contains(super::MARKER) && ours.details.contains("First mail"));
    removed_once(&lab, "/api/v1/customEvent/*", &DeleteEvent { id }).await;
}

#[tokio::test]
async fn links_are_a_set_and_a_doubt_is_settled_by_reading_it() {
    let lab = Lab::start().await;
    let (case_id, other) = (lab.case().await, lab.case().await);
    let link = CaseLink {
        kind: "duplicate".to_owned(),
        case_id: other,
    };
    let url = UrlLink {
        kind: "ticket".to_owned(),
        url: "https://tickets.test/1".to_owned(),
    };
    let call = LinkCase {
        case_id: case_id.clone(),
        link: link.clone(),
    };
    absorbed(&lab, "POST", "/api/v1/case/*/link/case/add", &call).await;
    let call = LinkUrl {
        case_id: case_id.clone(),
        link: url.clone(),
    };
    absorbed(&lab, "POST", "/api/v1/case/*/link/external/add", &call).await;
    let links = lab
        .ask(&ListLinks {
            case_id: case_id.clone(),
        })
        .await
        .unwrap();
    assert_eq!((links.cases, links.urls), (vec![link.clone()], vec![url.clone()]));
    assert_eq!(lab.ask(&LinkKinds {}).await.unwrap(), ["duplicate", "ticket"]);
    let call = UnlinkCase {
        case_id: case_id.clone(),
        link,
    };
    absorbed(&lab, "POST", "/api/v1/case/*/link/case/remove", &call).await;
    let call = UnlinkUrl {
        case_id: case_id.clone(),
        link: UrlLink { ..url },
    };
    absorbed(&lab, "POST", "/api/v1/case/*/link/external/remove", &call).await;
    for bad in ["javascript:alert(1)", "ftp://x", "https://a\nb", ""] {
        let call = LinkUrl {
            case_id: case_id.clone(),
            link: UrlLink {
                kind: "x".to_owned(),
                url: bad.to_owned(),
            },
        };
        assert!(call.check().is_err(), "{bad}");
    }
}

#[tokio::test]
async fn cases_with_an_observable_in_common_are_related_and_similar() {
    let lab = Lab::start().await;
    let (one, other) = (lab.case().await, lab.case().await);
    let id = observable_of(&lab, &one, "192.0.2.1").await;
    observable_of(&lab, &other, "192.0.2.1").await;
    let mut with = alert("1");
    with.alert.observables = vec![observable("ip", "192.0.2.1")];
    let alert = lab.create(&with, &effect("alert", false)).await.unwrap().answer.id;
    let related = lab
        .ask(&RelatedCases {
            owner: Owner::Case(one.clone()),
        })
        .await
        .unwrap();
    assert_eq!(
        related.iter().map(|row| row.case.id.as_str()).collect::<Vec<_>>(),
        [other.as_str()]
    );
    let of_alert = lab
        .ask(&RelatedCases {
            owner: Owner::Alert(alert),
        })
        .await
        .unwrap();
    let mut ids: Vec<&str> = of_alert.iter().map(|row| row.case.id.as_str()).collect();
    ids.sort_unstable();
    let mut both = [one.as_str(), other.as_str()];
    both.sort_unstable();
    assert_eq!(ids, both);
    let similar = SimilarObservables {
        owner: Owner::Case(one),
        other: Owner::Case(other),
    };
    assert_eq!(lab.ask(&similar).await.unwrap().len(), 1);
    let call = UpdateObservable {
        id: id.clone(),
        patch: ioc(),
    };
    absorbed(&lab, "PATCH", "/api/v1/observable/*", &call).await;
    let read = lab.ask(&GetObservable { id }).await.unwrap();
    assert!(read.ioc && read.tags == ["ioc"] && read.message.as_deref() == Some("seen in the wild"));
}

#[tokio::test]
async fn shares_are_read_before_they_are_made_again() {
    let more = json!({"organisations": ["soc", "partner", "third"]});
    let lab = Lab::with(more, Options::default()).await;
    let case_id = lab.case().await;
    let new = |organisation: &str| NewShare {
        organisation: organisation.to_owned(),
        profile: Some("read-only".to_owned()),
        rules: Rules {
            tasks: None,
            observables: None,
        },
    };
    let shared = Shared::Case(case_id.clone());
    let with = async |lab: &Lab| -> Vec<String> {
        let shares = lab.ask(&ListShares { shared: shared.clone() }).await.unwrap();
        shares
            .into_iter()
            .filter(|share| !share.owner)
            .map(|share| share.organisation)
            .collect()
    };
    let call = AddShares {
        case_id: case_id.clone(),
        shares: vec![new("partner")],
    };
    absorbed(&lab, "POST", "/api/v1/case/*/shares", &call).await;
    assert_eq!(with(&lab).await, ["partner"]);
    let call = SetShares {
        case_id: case_id.clone(),
        shares: vec![new("third")],
    };
    lab.send(&call, &effect("set", false)).await.unwrap();
    assert_eq!(with(&lab).await, ["third"]);
    let call = SetShareProfile {
        case_id: case_id.clone(),
        other: "third".to_owned(),
        profile: "read-only".to_owned(),
    };
    absorbed(&lab, "PATCH", "/api/v1/case/share/*", &call).await;
    let shares = lab.ask(&ListShares { shared: shared.clone() }).await.unwrap();
    let third = shares.iter().find(|share| share.organisation == "third").unwrap();
    assert_eq!(third.profile, "read-only");
    let stranger = SetShareProfile {
        other: "nobody".to_owned(),
        ..call
    };
    let refused = lab.send(&stranger, &effect("profile", false)).await.unwrap_err();
    assert_eq!(
        (refused.error, refused.certainty),
        (Error::NotFound, Certainty::Refused)
    );
    let id = observable_of(&lab, &case_id, "192.0.2.1").await;
    let call = ShareWith {
        shared: Shared::Observable(id),
        organisations: vec!["third".to_owned()],
    };
    lab.send(&call, &effect("with", false)).await.unwrap();
    let call = RemoveShares {
        shared: shared.clone(),
        organisations: vec!["third".to_owned()],
    };
    absorbed(&lab, "DELETE", "/api/v1/case/shares", &call).await;
    let call = SetAccess {
        case_id: case_id.clone(),
        access: Access::Users(vec!["synapse@soc.test".to_owned()]),
    };
    lab.send(&call, &effect("access", false)).await.unwrap();
    let call = ChangeOwner {
        case_id: case_id.clone(),
        owner: "partner".to_owned(),
        keep_profile: None,
    };
    lab.send(&call, &effect("owner", false)).await.unwrap();
    assert_eq!(lab.send(&call, &effect("owner", true)).await.unwrap().how, How::Adopted);
    let wrong = ShareWith {
        shared: Shared::Case(case_id),
        organisations: vec!["third".to_owned()],
    };
    assert!(wrong.check().is_err());
}

#[tokio::test]
async fn files_come_to_the_host_with_name_type_and_the_bytes_that_were_promised() {
    let lab = Lab::start().await;
    let bytes = Bytes::new();
    let case = lab.case().await;
    let file = bytes.keep("evidence.txt", "text/plain", b"evidence").await;
    let attach = AddAttachment {
        owner: Owner::Case(case.clone()),
        file: file.clone(),
        spool: bytes.spool.clone(),
    };
    let id = lab.send(&attach, &effect("1", false)).await.unwrap().answer;
    let holder = Holder::Case(case);
    let listed = lab.ask(&ListAttachments { holder: holder.clone() }).await.unwrap();
    assert_eq!(
        (listed[0].id.as_str(), listed[0].sha256.as_deref()),
        (id.as_str(), Some(file.sha256.as_str()))
    );
    let elsewhere = Bytes::new();
    let download = |id: &str| Download {
        holder: holder.clone(),
        id: id.to_owned(),
        spool: elsewhere.spool.clone(),
    };
    let kept = lab.ask(&download(&id)).await.unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.size, &kept.sha256),
        ("evidence.txt", 8, &file.sha256)
    );
    lab.fault(
        "GET",
        "/api/v1/case/*/attachment/*/download",
        &json!({"status": 200, "raw_body": "evidencf"}),
    );
    let other = lab.ask(&download(&id)).await.unwrap_err();
    assert!(matches!(other, Error::Other(error) if error.code == "upstream-inconsistent"));
    assert_eq!(lab.ask(&download("~999999")).await.unwrap_err(), Error::NotFound);
    assert!(lab.ask(&download("../../user/current")).await.is_err());
}

#[tokio::test]
async fn row_66_a_file_of_a_log_entry_is_found_by_name_and_digest_and_downloaded_again() {
    let bytes = Bytes::new();
    let file = bytes.keep("März.txt", "text/plain", b"evidence").await;
    let make = async |lab: &Lab| {
        let log = CreateLog {
            log: NewLog {
                task_id: lab.task().await,
                message: "From".to_owned(),
                date: None,
                dedup_key: None,
            },
            files: Vec::new(),
            spool: bytes.spool.clone(),
        };
        AttachToLog {
            log_id: lab.send(&log, &effect("log", false)).await.unwrap().answer.id,
            file: file.clone(),
            spool: bytes.spool.clone(),
        }
    };
    let lab = Lab::start().await;
    let call = make(&lab).await;
    lab.fault(
        "POST",
        "/api/v1/log/*/attachments",
        &json!({"lie": "did_it", "drop_response": true}),
    );
    let unknown = lab.send(&call, &effect("1", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    assert_eq!(call.probe(&lab.client, &effect("1", false)).await, Ok(Some(())));
    let holder = Holder::Log(call.log_id.clone());
    let id = lab.ask(&ListAttachments { holder: holder.clone() }).await.unwrap()[0]
        .id
        .clone();
    let download = Download {
        holder,
        id,
        spool: bytes.spool.clone(),
    };
    assert_eq!(lab.ask(&download).await.unwrap().sha256, file.sha256);
    // Asked for again on purpose, it is there twice.
    lab.send(&call, &effect("2", false)).await.unwrap();
    let holder = Holder::Log(call.log_id.clone());
    assert_eq!(lab.ask(&ListAttachments { holder }).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_organisation_is_asked_to_act_and_says_that_it_has() {
    let lab = Lab::start().await;
    let task_id = lab.task().await;
    for required in [true, false] {
        let action = Action {
            organisation: "soc".to_owned(),
            required,
        };
        let call = SetAction {
            task_id: task_id.clone(),
            action: action.clone(),
        };
        lab.send(&call, &effect("action", true)).await.unwrap();
        assert_eq!(
            lab.ask(&ListActions {
                task_id: task_id.clone()
            })
            .await
            .unwrap(),
            [action]
        );
    }
}

#[tokio::test]
async fn row_66_a_job_or_action_that_began_since_is_ours_and_an_earlier_one_is_not() {
    let workers = json!({"cortex": {"responders": [{"id": "Mailer_1"}]}});
    let lab = Lab::with(workers, Options::default()).await;
    let case = lab.case().await;
    let observable_id = observable_of(&lab, &case, "192.0.2.1").await;
    let job = RunAnalyzer {
        observable_id: observable_id.clone(),
        analyzer_id: "Abuse_1".to_owned(),
        server: "cortex".to_owned(),
    };
    assert!(job.probe(&lab.client, &effect("1", false)).await.unwrap().is_none());
    lab.fault(
        "POST",
        "/api/v1/connector/cortex/job",
        &json!({"lie": "did_it", "status": 502}),
    );
    let unknown = lab.send(&job, &effect("1", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    let found = job.probe(&lab.client, &effect("1", false)).await.unwrap().unwrap();
    assert_eq!(
        lab.send(&job, &effect("2", false)).await.unwrap().answer.progress,
        Progress::Waiting
    );
    let later = crate::gate::EffectId {
        since: super::now() + 60_000,
        ..effect("1", true)
    };
    assert!(job.probe(&lab.client, &later).await.unwrap().is_none());
    assert_eq!(lab.ask(&GetJob { id: found.id }).await.unwrap().analyzer_id, "Abuse_1");
    assert_eq!(lab.ask(&ListJobs { observable_id }).await.unwrap().len(), 2);
    for data_type in [None, Some("ip".to_owned())] {
        lab.ask(&ListAnalyzers { data_type }).await.unwrap();
    }
    let subject = Subject::Case(case);
    lab.ask(&ListResponders {
        subject: subject.clone(),
    })
    .await
    .unwrap();
    let action = RunResponder {
        subject: subject.clone(),
        responder_id: "Mailer_1".to_owned(),
        server: Some("cortex".to_owned()),
    };
    lab.fault(
        "POST",
        "/api/v1/connector/cortex/action",
        &json!({"lie": "did_it", "status": 502}),
    );
    let unknown = lab.send(&action, &effect("3", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    assert!(action.probe(&lab.client, &effect("3", false)).await.unwrap().is_some());
    lab.send(&action, &effect("4", false)).await.unwrap();
    assert_eq!(lab.ask(&ListCortexActions { subject }).await.unwrap().len(), 2);
}

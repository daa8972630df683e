//! Does the connector keep the contract? Against a server of canned answers; what it was asked is looked at.

mod answers;
mod bytes;
mod changes;
mod content;
mod folders;
mod lists;
mod scopes;
mod simulated;

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Response, Uri};
use synapse_domain::digest::Digest;
use synapse_domain::permission::Scopes;
use synapse_domain::secret::Secret;

use super::client::{Client, Options};
use super::permission::FOLDER;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Auth, Egress, Settings};
use crate::gate::{Done, EffectId, Failure, Read, Write, observed};

/// The password of the account; nothing may ever show it.
const PASSWORD: &str = "canary-ews-password";
/// Where every inbox of these tests is.
const INBOX: &str = "folder-inbox";

/// A question that reached the server.
#[derive(Debug, Clone)]
struct Asked {
    operation: String,
    peer: SocketAddr,
    path: String,
    anchor: Option<String>,
    body: String,
}

impl Asked {
    /// Values of this attribute, in order.
    fn all(&self, attribute: &str) -> Vec<String> {
        let start = format!(" {attribute}=\"");
        let parts = self.body.split(&start).skip(1);
        parts
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    }

    /// A number in an attribute.
    fn number(&self, attribute: &str) -> usize {
        self.all(attribute)[0].parse().unwrap()
    }

    /// Ids of the items that are asked for.
    fn items(&self) -> Vec<String> {
        let parts = self.body.split("<t:ItemId Id=\"").skip(1);
        parts.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
    }

    /// Is this text in the request?
    fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}

/// What the server says.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

impl From<String> for Answer {
    fn from(body: String) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into_bytes(),
        }
    }
}

type Script = dyn Fn(&Asked, usize) -> Answer + Send + Sync;

/// A server and a client of it.
struct Lab {
    client: Client,
    asked: Arc<Mutex<Vec<Asked>>>,
    spool: crate::blobs::Spool,
    folder: tempfile::TempDir,
}

#[derive(Clone)]
struct Canned {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Lab {
    /// The script answers each question; it also gets how many of the same operation came before.
    async fn start(script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(options(), script).await
    }

    async fn with(options: Options, script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let canned = Canned {
            script: Arc::new(script),
            asked: Arc::clone(&asked),
        };
        let router = Router::new().fallback(answer).with_state(canned);
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        Self {
            client: Client::new(egress(&format!("http://{address}/EWS/Exchange.asmx")), options),
            asked,
            spool: crate::blobs::Spool::for_test(folder.path()),
            folder,
        }
    }

    /// Asks without a scope.
    async fn read<C: Read<Target = Client>>(&self, call: &C) -> Result<C::Answer, Error> {
        call.carry_out(&self.client, &Scopes::new()).await
    }

    async fn write<C: Write<Target = Client>>(&self, call: &C, repeat: bool) -> Result<Done<C::Answer>, Failure> {
        call.check().unwrap();
        observed::during(
            C::OPERATION,
            call.carry_out(&self.client, &Scopes::new(), &effect(repeat)),
        )
        .await
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The operations that were asked for, in order.
    fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }
}

async fn answer(
    State(canned): State<Canned>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response<Body> {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let operation = body.split_once("<soap:Body><m:").unwrap().1;
    let asked = Asked {
        operation: operation.split(['>', ' ']).next().unwrap().to_owned(),
        peer,
        path: uri.path().to_owned(),
        anchor: headers
            .get("x-anchormailbox")
            .map(|value| value.to_str().unwrap().to_owned()),
        body,
    };
    let before = {
        let mut all = canned.asked.lock().unwrap();
        let before = all.iter().filter(|one| one.operation == asked.operation).count();
        all.push(asked.clone());
        before
    };
    let Answer { status, headers, body } = (canned.script)(&asked, before);
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "text/xml; charset=utf-8");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

fn options() -> Options {
    Options {
        mailbox: Some("soc@example.org".to_owned()),
        impersonate: false,
        max_attachment_bytes: 4 << 20,
        max_mime_bytes: 4 << 20,
    }
}

fn egress(url: &str) -> Egress {
    Egress::new(Settings {
        url: url.to_owned(),
        auth: Auth::Basic {
            user: "soc".to_owned(),
            password: Secret::new(PASSWORD),
        },
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        proxy: None,
        allow_http: true,
        connect_timeout: Duration::from_secs(5),
        request_deadline: Duration::from_secs(10),
        max_response_bytes: 8 << 20,
        width: 4,
        requests_per_second: 0,
        read_retries: 0,
        extra_headers: Vec::new(),
    })
    .unwrap()
}

fn effect(repeat: bool) -> EffectId {
    EffectId {
        key: Digest::of(b"one"),
        since: 0,
        repeat,
    }
}

/// A grant's scope of these folders.
fn scope(folders: &[&str]) -> Scopes {
    let folders = folders.iter().map(|name| (*name).to_owned()).collect();
    [(FOLDER.to_owned(), folders)].into()
}

/// An envelope as another server than Exchange spells it: only namespaces count.
fn envelope(body: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">{body}</s:Body></s:Envelope>"#
    )
}

/// The answer of an operation with these response messages.
fn response(operation: &str, messages: &[String]) -> String {
    envelope(&format!(
        "<m:{operation}Response><m:ResponseMessages>{}</m:ResponseMessages></m:{operation}Response>",
        messages.concat()
    ))
}

/// A response message that is fine.
fn fine(operation: &str, content: &str) -> String {
    format!(
        r#"<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{content}</m:{operation}ResponseMessage>"#
    )
}

/// A response message that refuses.
fn refused(operation: &str, code: &str) -> String {
    format!(
        r#"<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>told {PASSWORD} so</m:MessageText><m:ResponseCode>{code}</m:ResponseCode></m:{operation}ResponseMessage>"#
    )
}

/// The same with a pause that is asked for.
fn busy(operation: &str, back_off_ms: u64) -> String {
    format!(
        r#"<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>busy</m:MessageText><m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:MessageXml><t:Value Name="Other">1</t:Value><t:Value Name="BackOffMilliseconds">{back_off_ms}</t:Value></m:MessageXml></m:{operation}ResponseMessage>"#
    )
}

/// A fault under HTTP 500.
fn fault(code: &str) -> Answer {
    let body = envelope(&format!(
        "<s:Fault><faultcode>e:{code}</faultcode><faultstring>it failed</faultstring><detail><e:ResponseCode>{code}</e:ResponseCode></detail></s:Fault>"
    ));
    Answer {
        status: 500,
        ..body.into()
    }
}

/// A page of folders or items: `Folders` or `Items`.
fn page(operation: &str, list: &str, content: &str, next: usize, last: bool) -> String {
    let root = format!(
        r#"<m:RootFolder IndexedPagingOffset="{next}" IncludesLastItemInRange="{last}" TotalItemsInView="9"><t:{list}>{content}</t:{list}></m:RootFolder>"#
    );
    response(operation, &[fine(operation, &root)])
}

fn folder_xml(id: &str, name: &str) -> String {
    format!(
        r#"<t:Folder><t:FolderId Id="{id}" ChangeKey="k"/><t:FolderClass>IPF.Note</t:FolderClass><t:DisplayName>{name}</t:DisplayName><t:TotalCount>7</t:TotalCount><t:UnreadCount>2</t:UnreadCount></t:Folder>"#
    )
}

/// The answer to GetFolder.
fn one_folder(id: &str) -> Answer {
    let folder = format!("<m:Folders>{}</m:Folders>", folder_xml(id, "Posteingang"));
    response("GetFolder", &[fine("GetFolder", &folder)]).into()
}

/// An item with this content.
fn item(id: &str, content: &str) -> String {
    format!(r#"<t:Message><t:ItemId Id="{id}" ChangeKey="key-{id}"/>{content}</t:Message>"#)
}

/// The response message of GetItem with one item.
fn got(id: &str, content: &str) -> String {
    fine("GetItem", &format!("<m:Items>{}</m:Items>", item(id, content)))
}

/// The answer to GetItem, each id by this function.
fn each(asked: &Asked, one: impl Fn(&str) -> String) -> Answer {
    let messages: Vec<String> = asked.items().iter().map(|id| one(id)).collect();
    response("GetItem", &messages).into()
}

fn parent(folder: &str) -> String {
    format!(r#"<t:ParentFolderId Id="{folder}"/>"#)
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

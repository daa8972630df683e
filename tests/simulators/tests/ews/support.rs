//! How do the tests speak EWS? Over HTTP, with hand-written envelopes; answers are looked at as text.

use crate::shared::{Peer, any};
use serde_json::{Value, json};
use synapse_sim::start;

/// The mailbox of most tests.
pub const SOC: &str = "soc@example.org";

/// A running simulator.
pub struct Ews {
    pub peer: Peer,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

/// Who asks, and how.
#[derive(Clone)]
pub struct As<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub version: &'a str,
    pub header: &'a str,
}

/// The owner of the mailbox.
pub const OWNER: As<'static> = As {
    user: SOC,
    password: "secret",
    version: "Exchange2016",
    header: "",
};

/// One mailbox with these messages.
pub fn mailbox(messages: &[Value]) -> Value {
    json!({"mailboxes": [{"address": SOC, "name": "SOC", "password": "secret", "folders": ["Inbox/TheHive"], "messages": messages}]})
}

/// A small text message of the state, received at that minute.
pub fn message(name: &str, minute: u32) -> Value {
    let eml = format!(
        "From: Bob <bob@example.net>\r\nTo: SOC <{SOC}>\r\nSubject: {name}\r\nMessage-ID: <{name}@example.net>\r\n\r\nText of {name}.\r\n"
    );
    json!({"eml": eml, "received_at": format!("2026-11-02T09:{minute:02}:00Z")})
}

/// The same with more fields.
#[expect(clippy::needless_pass_by_value, reason = "called with json! literals")]
pub fn message_with(name: &str, minute: u32, more: Value) -> Value {
    let mut message = message(name, minute);
    for (key, value) in more.as_object().unwrap() {
        message[key] = value.clone();
    }
    message
}

impl Ews {
    pub async fn new(state: Value) -> Self {
        Self {
            peer: Peer::new(start::ews(any(), None, Some(state)).await.unwrap(), None),
        }
    }

    /// The owner's request.
    pub async fn ask(&self, operation: &str) -> Answer {
        self.ask_as(&OWNER, operation).await
    }

    pub async fn ask_as(&self, who: &As<'_>, operation: &str) -> Answer {
        let envelope = format!(
            "<?xml version=\"1.0\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\" \
             xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\"><soap:Header>\
             <t:RequestServerVersion Version=\"{}\"/>{}</soap:Header><soap:Body>{operation}</soap:Body></soap:Envelope>",
            who.version, who.header
        );
        let request = self.peer.request("POST", "/EWS/Exchange.asmx");
        let request = request
            .basic_auth(who.user, Some(who.password))
            .header("content-type", "text/xml; charset=utf-8");
        let response = request.body(envelope).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            text: response.text().await.unwrap(),
        }
    }

    /// The id and change key of the message with that subject, in the inbox or the folder of that id element.
    pub async fn find(&self, subject: &str, folder: &str) -> (String, String) {
        let restriction = format!(
            "<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI=\"item:Subject\"/><t:FieldURIOrConstant>\
             <t:Constant Value=\"{subject}\"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>"
        );
        let answer = self.ask(&find_item(&restriction, "", folder)).await;
        let ids = answer.attributes("t:ItemId", "Id");
        assert_eq!(ids.len(), 1, "{subject}: {}", answer.text);
        (ids[0].clone(), answer.attributes("t:ItemId", "ChangeKey")[0].clone())
    }

    pub async fn inbox(&self, subject: &str) -> (String, String) {
        self.find(subject, INBOX).await
    }

    /// GetItem of one id with these fields beside the id.
    pub async fn get(&self, id: &str, fields: &[&str]) -> Answer {
        self.ask(&get_item(&[id], "", fields)).await
    }

    /// The bodies of the effects of one kind.
    pub async fn effects(&self, effect: &str) -> Vec<Value> {
        let all = self.peer.effects().await.into_iter().map(|found| found["body"].clone());
        all.filter(|body| body["effect"] == effect).collect()
    }
}

pub const INBOX: &str = "<t:DistinguishedFolderId Id=\"inbox\"/>";

pub fn find_item(restriction: &str, view: &str, folder: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"item:Subject\"/></t:AdditionalProperties></m:ItemShape>{view}{restriction}\
         <m:ParentFolderIds>{folder}</m:ParentFolderIds></m:FindItem>"
    )
}

pub fn get_item(ids: &[&str], shape: &str, fields: &[&str]) -> String {
    let fields: String = fields
        .iter()
        .map(|uri| format!("<t:FieldURI FieldURI=\"{uri}\"/>"))
        .collect();
    let ids: String = ids.iter().map(|id| format!("<t:ItemId Id=\"{id}\"/>")).collect();
    let more = if fields.is_empty() {
        String::new()
    } else {
        format!("<t:AdditionalProperties>{fields}</t:AdditionalProperties>")
    };
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{shape}{more}</m:ItemShape><m:ItemIds>{ids}</m:ItemIds></m:GetItem>"
    )
}

pub fn get_attachment(id: &str, shape: &str) -> String {
    format!(
        "<m:GetAttachment>{shape}<m:AttachmentIds><t:AttachmentId Id=\"{id}\"/></m:AttachmentIds></m:GetAttachment>"
    )
}

pub fn update(id: &str, key: Option<&str>, resolution: &str, attributes: &str, updates: &str) -> String {
    let key = key.map_or_else(String::new, |key| format!(" ChangeKey=\"{key}\""));
    format!(
        "<m:UpdateItem ConflictResolution=\"{resolution}\" MessageDisposition=\"SaveOnly\"{attributes}><m:ItemChanges>\
         <t:ItemChange><t:ItemId Id=\"{id}\"{key}/><t:Updates>{updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

pub const READ: &str = "<t:SetItemField><t:FieldURI FieldURI=\"message:IsRead\"/><t:Message><t:IsRead>true</t:IsRead></t:Message></t:SetItemField>";

pub fn categories(names: &[&str]) -> String {
    let names: String = names
        .iter()
        .map(|name| format!("<t:String>{name}</t:String>"))
        .collect();
    format!(
        "<t:SetItemField><t:FieldURI FieldURI=\"item:Categories\"/><t:Message><t:Categories>{names}</t:Categories></t:Message></t:SetItemField>"
    )
}

impl Answer {
    /// The response codes in order; of a fault the one code.
    pub fn codes(&self) -> Vec<String> {
        let mut codes = self.texts("m:ResponseCode");
        codes.extend(
            self.texts("e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\""),
        );
        codes
    }

    /// The one response code.
    pub fn code(&self) -> String {
        let codes = self.codes();
        assert_eq!(codes.len(), 1, "{}", self.text);
        codes[0].clone()
    }

    /// The texts of all elements that open like this.
    pub fn texts(&self, open: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((_, after)) = rest.split_once(&format!("<{open}>")) {
            let (text, more) = after.split_once("</").unwrap();
            found.push(text.to_owned());
            rest = more;
        }
        found
    }

    /// The values of an attribute of all elements of that name.
    pub fn attributes(&self, element: &str, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for part in self.text.split(&format!("<{element}")).skip(1) {
            let head = part.split_once('>').unwrap().0;
            let value = head
                .split_once(&format!(" {name}=\""))
                .and_then(|(_, value)| value.split_once('"'));
            found.extend(value.map(|(value, _)| value.to_owned()));
        }
        found
    }

    pub fn subjects(&self) -> Vec<String> {
        assert_eq!(self.code(), "NoError", "{}", self.text);
        self.texts("t:Subject")
    }
}

//! What do clients ask before they start? exchangelib finds the version with ConvertId; others resolve their own name.

use super::{Call, batch};
use crate::ews::{
    refusal::Refusal,
    xml::{Element, Xml},
};

/// ResolveNames: mailboxes of the simulator whose name or address contains the text.
pub fn resolve(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let wanted = operation.text_of("UnresolvedEntry").unwrap_or_default().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let found: Vec<_> = call
        .site
        .mailboxes
        .iter()
        .filter(|mailbox| fits(&mailbox.name) || fits(&mailbox.address))
        .collect();
    if found.is_empty() {
        return Ok(batch(
            "ResolveNames",
            [Err(Refusal::new(
                "ErrorNameResolutionNoResults",
                "No results were found.",
            ))],
        ));
    }
    let total = found.len().to_string();
    let mut xml = Xml::default();
    let attributes = [
        ("TotalItemsInView", total.as_str()),
        ("IncludesLastItemInRange", "true"),
    ];
    xml.open("m:ResolutionSet", &attributes);
    for mailbox in found {
        xml.within("t:Resolution", |xml| {
            xml.within("t:Mailbox", |xml| {
                xml.leaf("t:Name", &mailbox.name);
                xml.leaf("t:EmailAddress", &mailbox.address);
                xml.leaf("t:RoutingType", "SMTP");
                xml.leaf("t:MailboxType", "Mailbox");
            });
        });
    }
    xml.close("m:ResolutionSet");
    Ok(batch("ResolveNames", [Ok(xml)]))
}

/// ConvertId: no id of the simulator has another form.
pub fn convert(operation: &Element) -> Result<Xml, Refusal> {
    let results = operation
        .list("SourceIds")
        .iter()
        .map(|_| Err(Refusal::of("ErrorInvalidIdMalformed")));
    Ok(batch("ConvertId", results))
}

//! How are SOAP envelopes opened and closed? What a request's header says, and the frame of an answer.

use super::{
    refusal::Refusal,
    store::Settings,
    versions,
    xml::{Element, MESSAGES, Ns, SOAP, TYPES, Xml},
};

/// What a request asks for.
pub struct Envelope<'a> {
    /// `RequestServerVersion`; absent = the oldest.
    pub version: &'a str,
    /// The address in `ExchangeImpersonation`.
    pub impersonate: Option<Result<&'a str, Refusal>>,
    /// The operation.
    pub operation: &'a Element,
}

/// Looks at a request. Errors are faults: it is no envelope, its version is unknown or too high.
pub fn open<'a>(root: &'a Element, settings: &Settings) -> Result<Envelope<'a>, Refusal> {
    let children = |name: &str| {
        let all = root.children.iter();
        all.filter(move |child| child.ns == Ns::Soap)
            .find(|child| child.name == name)
            .map(|found| &found.children)
    };
    if root.ns != Ns::Soap || root.name != "Envelope" {
        return Err(Refusal::schema("The root element is not a SOAP 1.1 envelope."));
    }
    let header = children("Header");
    let in_header = |name: &str| {
        let all = header.into_iter().flatten();
        all.filter(|child| child.ns == Ns::Types)
            .find(|child| child.name == name)
    };
    let version = in_header("RequestServerVersion").map(|found| found.attribute("Version").unwrap_or_default());
    let version = version.unwrap_or("Exchange2007");
    match (versions::rank(version), versions::rank(&settings.highest_version)) {
        (Some(asked), Some(highest)) if asked <= highest => {}
        _ => return Err(Refusal::of("ErrorInvalidServerVersion")),
    }
    let operation = match children("Body").map(Vec::as_slice) {
        Some([operation]) if operation.ns == Ns::Messages => operation,
        _ => return Err(Refusal::schema("The element 'Body' has exactly one operation.")),
    };
    super::xml::check_order(operation).map_err(|violation| Refusal::schema(&violation))?;
    Ok(Envelope {
        version,
        impersonate: in_header("ExchangeImpersonation").map(address),
        operation,
    })
}

fn address(impersonation: &Element) -> Result<&str, Refusal> {
    let sid = impersonation.child("ConnectingSID");
    let mut names = ["PrimarySmtpAddress", "SmtpAddress", "PrincipalName"].into_iter();
    let address = names
        .find_map(|name| sid?.text_of(name))
        .filter(|address| !address.is_empty());
    address.ok_or_else(|| {
        Refusal::new(
            "ErrorInvalidExchangeImpersonationHeaderData",
            "The ExchangeImpersonation header is not valid.",
        )
    })
}

/// The whole answer of an operation.
pub fn answer(operation: &str, inside: Xml, settings: &Settings) -> Xml {
    let mut xml = start();
    xml.open("s:Header", &[]);
    version_info(settings, &mut xml);
    xml.close("s:Header");
    xml.raw(
        "<s:Body xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">",
    );
    let name = format!("m:{operation}Response");
    xml.open(&name, &[("xmlns:m", MESSAGES), ("xmlns:t", TYPES)]);
    xml.append(inside);
    xml.close(&name);
    xml.raw("</s:Body></s:Envelope>");
    xml
}

/// The whole answer that is a fault; Exchange leaves the header out.
pub fn fault(refusal: &Refusal) -> Xml {
    let mut xml = start();
    xml.open("s:Body", &[]);
    refusal.write_fault(&mut xml);
    xml.raw("</s:Body></s:Envelope>");
    xml
}

fn start() -> Xml {
    let mut xml = Xml::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    xml.open("s:Envelope", &[("xmlns:s", SOAP)]);
    xml
}

/// The build that goes with the highest version.
fn version_info(settings: &Settings, xml: &mut Xml) {
    let highest = settings.highest_version.as_str();
    let build = match highest {
        old if !versions::is_2013(old) => ["14", "3", "513", "0"],
        "Exchange2013" | "Exchange2013_SP1" => ["15", "0", "1497", "2"],
        "Exchange2015" | "Exchange2016" => ["15", "1", "2507", "6"],
        _ => ["15", "2", "1544", "4"],
    };
    let [major, minor, major_build, minor_build] = build;
    xml.empty(
        "h:ServerVersionInfo",
        &[
            ("MajorVersion", major),
            ("MinorVersion", minor),
            ("MajorBuildNumber", major_build),
            ("MinorBuildNumber", minor_build),
            ("Version", highest),
            ("xmlns:h", TYPES),
        ],
    );
}

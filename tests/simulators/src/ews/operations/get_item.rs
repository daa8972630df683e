//! How are single items read? Each id for itself; one bad id does not fail the others.

use super::{Call, batch};
use crate::ews::{
    message::{Request, Shape, View, write_message},
    refusal::Refusal,
    xml::{Element, Xml},
};

/// GetItem.
pub fn get(call: &mut Call<'_>, operation: &Element) -> Result<Xml, Refusal> {
    let shape = Shape::read(operation.child("ItemShape"), Request::Get, call.text_body())?;
    let one = |id: &Element| {
        let (at, number) = call.item(id)?;
        let mailbox = call.mailbox(at)?;
        let item = mailbox.item(number)?;
        let mut xml = Xml::default();
        xml.open("m:Items", &[]);
        write_message(&View::of(mailbox, item), &shape, &mut xml)?;
        xml.close("m:Items");
        Ok(xml)
    };
    Ok(batch("GetItem", operation.list("ItemIds").iter().map(one)))
}

//! Does a request carry one of our idempotency markers? For the effects log: tests look for the same marker twice.

use serde_json::Value;

/// Prefix of every marker we write (contract section 7).
const PREFIX: &str = "synapse:";

/// The first marker in a body: a tag, the custom field `synapse-ref`, or a word in a message or description.
pub fn find(body: &Value) -> Option<String> {
    for key in ["tags", "addTags"] {
        let tags = body
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        if let Some(tag) = tags.into_iter().find(|tag| tag.starts_with(PREFIX)) {
            return Some(tag.to_owned());
        }
    }
    if let Some(marker) = custom_field(body.get("customFields")) {
        return Some(marker);
    }
    // Tasks have neither tags nor messages: their marker is in the description.
    let texts = ["message", "description"]
        .into_iter()
        .filter_map(|key| body.get(key).and_then(Value::as_str));
    let mut words = texts.flat_map(str::split_whitespace);
    words.find(|word| word.starts_with(PREFIX)).map(str::to_owned)
}

fn custom_field(fields: Option<&Value>) -> Option<String> {
    let value = match fields? {
        Value::Array(list) => list.iter().find(|field| field["name"] == "synapse-ref")?.get("value")?,
        fields => fields.get("synapse-ref")?,
    };
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_marker_is_found_as_tag_custom_field_or_word() {
        let marker = Some("synapse:ab".to_owned());
        assert_eq!(find(&json!({"tags": ["x", "synapse:ab"]})), marker);
        assert_eq!(find(&json!({"addTags": ["synapse:ab"]})), marker);
        assert_eq!(find(&json!({"customFields": {"synapse-ref": "synapse:ab"}})), marker);
        assert_eq!(
            find(&json!({"customFields": [{"name": "synapse-ref", "value": "synapse:ab"}]})),
            marker
        );
        assert_eq!(find(&json!({"message": "text\n<!-- synapse:ab -->"})), marker);
        assert_eq!(find(&json!({"message": "text", "tags": ["x"]})), None);
    }
}

//! Is what TheHive would refuse refused here, before a byte is sent (D24, threat row 30)?

use super::{Lab, alert, observable};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, CustomField, CustomValue, NewAlert};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Write as _;
use crate::thehive::{CreateAlert, UpdateAlert};

type Set = fn(&mut CreateAlert, String);

/// Every string of a new alert, with the length it may have. The last: may it hold line breaks?
const STRINGS: [(&str, usize, bool, Set); 14] = [
    ("type", 32, false, |call, text| call.alert.type_ = text),
    ("source", 32, false, |call, text| call.source = text),
    ("source-ref", 128, false, |call, text| call.alert.source_ref = text),
    ("title", 512, false, |call, text| call.alert.title = text),
    ("description", 1 << 20, true, |call, text| call.alert.description = text),
    ("tags[1]", 128, false, |call, text| call.alert.tags.push(text)),
    ("external-link", 512, false, |call, text| {
        call.alert.external_link = Some(text);
    }),
    ("case-template", 128, false, |call, text| {
        call.alert.case_template = Some(text);
    }),
    ("dedup-key", 256, false, |call, text| call.alert.dedup_key = Some(text)),
    ("custom-fields[0].name", 64, false, |call, text| {
        call.alert.custom_fields = vec![CustomField {
            name: text,
            value: CustomValue::Integer(1),
        }];
    }),
    ("custom-fields[0].value", 1 << 20, true, |call, text| {
        call.alert.custom_fields = vec![CustomField {
            name: "a".to_owned(),
            value: CustomValue::Text(text),
        }];
    }),
    ("observables[0].data-type", 64, false, |call, text| {
        call.alert.observables = vec![observable(&text, "x")];
    }),
    ("observables[0].data", 4096, true, |call, text| {
        call.alert.observables = vec![observable("ip", &text)];
    }),
    ("observables[0].tags[0]", 128, false, |call, text| {
        let mut one = observable("ip", "x");
        one.tags = vec![text];
        call.alert.observables = vec![one];
    }),
];

fn checked(set: Set, text: String) -> Result<(), String> {
    let mut call = alert("1");
    set(&mut call, text);
    match call.check() {
        Ok(()) => Ok(()),
        Err(Error::Invalid(argument)) => Err(argument.field),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn d24_every_length_is_checked_and_the_field_named() {
    for (field, most, _, set) in STRINGS {
        assert_eq!(checked(set, "x".repeat(most)), Ok(()), "{field}");
        assert_eq!(checked(set, "x".repeat(most + 1)), Err(field.to_owned()));
        // The server counts UTF-16 units: an emoji is two.
        assert_eq!(checked(set, "😀".repeat(most / 2)), Ok(()), "{field}");
        assert_eq!(checked(set, "😀".repeat(most / 2 + 1)), Err(field.to_owned()));
        if !matches!(field, "description" | "custom-fields[0].value") {
            assert_eq!(checked(set, String::new()), Err(field.to_owned()));
        }
    }
}

#[test]
fn row_30_no_control_character_passes_where_the_server_has_one_line_and_nul_passes_nowhere() {
    for (field, _, several_lines, set) in STRINGS {
        for bad in ["\r", "\n", "\0", "a\r\nb", "\u{1b}[31m", "\u{7f}", "\u{85}"] {
            let allowed = several_lines && !bad.contains('\0');
            let expected = if allowed { Ok(()) } else { Err(field.to_owned()) };
            assert_eq!(checked(set, bad.to_owned()), expected, "{field} {bad:?}");
        }
    }
}

#[test]
fn rows_40_41_a_guest_cannot_write_the_platforms_own_tags() {
    for forged in ["synapse:0123456789abcdef", "Synapse:x", " synapse:x"] {
        let mut call = alert("1");
        call.alert.tags = vec![forged.to_owned()];
        assert!(call.check().is_err(), "{forged}");
        for patch in [
            AlertPatch {
                add_tags: vec![forged.to_owned()],
                ..nothing()
            },
            AlertPatch {
                remove_tags: vec![forged.to_owned()],
                ..nothing()
            },
        ] {
            assert!(
                UpdateAlert {
                    id: "~1".to_owned(),
                    patch
                }
                .check()
                .is_err(),
                "{forged}"
            );
        }
    }
}

#[test]
fn a_change_must_change_something_and_not_contradict_itself() {
    let check = |patch: AlertPatch| {
        UpdateAlert {
            id: "~1".to_owned(),
            patch,
        }
        .check()
    };
    assert!(check(nothing()).is_err());
    assert!(
        check(AlertPatch {
            title: Some(String::new()),
            ..nothing()
        })
        .is_err()
    );
    assert!(
        check(AlertPatch {
            title: Some("a".to_owned()),
            ..nothing()
        })
        .is_ok()
    );
    let both = AlertPatch {
        add_tags: vec!["a".to_owned()],
        remove_tags: vec!["a".to_owned()],
        ..nothing()
    };
    assert!(check(both).is_err());
    let twice = vec![
        CustomField {
            name: "a".to_owned(),
            value: CustomValue::Integer(1)
        };
        2
    ];
    assert!(
        check(AlertPatch {
            custom_fields: twice,
            ..nothing()
        })
        .is_err()
    );
    let endless = vec![CustomField {
        name: "a".to_owned(),
        value: CustomValue::Number(f64::NAN),
    }];
    assert!(
        check(AlertPatch {
            custom_fields: endless,
            ..nothing()
        })
        .is_err()
    );
    assert!(
        UpdateAlert {
            id: "a;b;c".to_owned(),
            patch: AlertPatch {
                title: Some("a".to_owned()),
                ..nothing()
            }
        }
        .check()
        .is_err()
    );
}

pub(super) fn nothing() -> AlertPatch {
    AlertPatch {
        title: None,
        description: None,
        severity: None,
        tlp: None,
        pap: None,
        status: None,
        summary: None,
        assignee: None,
        external_link: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        custom_fields: Vec::new(),
    }
}

#[tokio::test]
async fn the_longest_arguments_are_accepted_by_the_server_too() {
    let lab = Lab::start().await;
    let mut call = alert(&"r".repeat(128));
    call.source = "s".repeat(32);
    call.alert = NewAlert {
        type_: "t".repeat(32),
        title: "x".repeat(512),
        tags: vec!["g".repeat(128)],
        external_link: Some(format!("https://{}", "l".repeat(504))),
        observables: vec![observable("other", &"d".repeat(4096))],
        ..call.alert
    };
    lab.create(&call, &super::effect("one", false)).await.unwrap();
    assert_eq!(lab.effects(), 1);
}

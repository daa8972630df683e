//! What can a hostile challenge do?

use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use proptest::prelude::*;
use synapse_domain::secret::Secret;

use crate::egress::ntlm::login::{Identity, Login, Scheme, challenge};

fn identity() -> Identity {
    Identity::new("svc-mail", Some("CORP"), Secret::new("canary-password"))
}

/// A challenge as targets send it: domain, flags, nonce, and a list of names with a time.
fn real() -> Vec<u8> {
    let domain: Vec<u8> = "CORP".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pair = |id: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap();
        [&id.to_le_bytes()[..], &length.to_le_bytes(), value].concat()
    };
    let info = [
        pair(2, &domain),
        pair(1, &domain),
        pair(7, &[1, 2, 3, 4, 5, 6, 7, 1]),
        pair(0, &[]),
    ]
    .concat();
    let field = |length: usize, offset: usize| {
        let length = u16::try_from(length).unwrap().to_le_bytes();
        [&length[..], &length, &u32::try_from(offset).unwrap().to_le_bytes()].concat()
    };
    let mut message = b"NTLMSSP\0\x02\0\0\0".to_vec();
    message.extend(field(domain.len(), 56));
    message.extend(0xa288_8205_u32.to_le_bytes());
    message.extend([9; 8]);
    message.extend([0; 8]);
    message.extend(field(info.len(), 56 + domain.len()));
    message.extend([10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    message.extend(domain);
    message.extend(info);
    message
}

fn answer(challenge: Vec<u8>) -> Option<Vec<u8>> {
    let mut login = Login::new(&identity(), Some(b"tls-server-end-point:x"));
    assert!(login.begin().unwrap().starts_with(b"NTLMSSP\0\x01"));
    login.answer(challenge).ok()
}

#[test]
fn an_answer_names_user_and_domain_and_not_the_password() {
    let message = answer(real()).unwrap();
    assert!(message.starts_with(b"NTLMSSP\0\x03"));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let holds = |part: &[u8]| message.windows(part.len()).any(|window| window == part);
    assert!(holds(&utf16("svc-mail")) && holds(&utf16("CORP")));
    assert!(!holds(&utf16("canary")) && !holds(b"canary"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_challenge_makes_a_login_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        length in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut message = real();
        for (place, byte) in edits {
            let place = place.index(message.len());
            message[place] = byte;
        }
        if !whole {
            message.truncate(length.index(message.len()));
        }
        answer(message);
    }

    #[test]
    fn no_bytes_make_a_login_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        answer([b"NTLMSSP\0\x02\0\0\0".to_vec(), bytes].concat());
    }
}

fn offers(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn a_challenge_is_found_under_either_name_and_among_other_offers() {
    let found = |values: &[&str]| challenge(&offers(values));
    assert_eq!(
        found(&["Basic realm=\"a, b\"", "ntlm TlRMTQ=="]),
        Some((Scheme::Ntlm, b"NTLM".to_vec()))
    );
    assert_eq!(
        found(&["Basic realm=x, NEGOTIATE TlRMTQ=="]),
        Some((Scheme::Negotiate, b"NTLM".to_vec()))
    );
    for none in [
        &["NTLM"][..],
        &["Negotiate, NTLM"],
        &["NTLM ???"],
        &["NTLM "],
        &[],
        &["Bearer TlRMTQ=="],
    ] {
        assert_eq!(found(none), None, "{none:?}");
    }
    assert_eq!(found(&[&format!("NTLM {}", "A".repeat(32 << 10))]), None);
    assert!(Scheme::Negotiate.is_offered(&offers(&["Basic realm=x, Negotiate"])));
    assert!(!Scheme::Ntlm.is_offered(&offers(&["Negotiate"])));
}

#[test]
fn a_login_is_never_shown() {
    let value = Scheme::Ntlm.authorization(b"message").unwrap();
    assert!(value.is_sensitive() && !format!("{value:?}").contains("bWVzc2FnZQ"));
}

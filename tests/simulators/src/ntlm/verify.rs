//! Is the answer to a challenge right (MS-NLMP 3.2.5.1.2 and 3.3.2, RFC 5929)? NTLMv2 only, always with an integrity code.

use std::fmt;

use md4::Md4;
use md5::Md5;
use md5::digest::Digest as _;
use sha2::Digest as _;

use super::message::{self, AUTHENTICATE, CHALLENGE, pair};

/// Unicode, target asked for and is a domain, NTLM, always sign, extended security, target info, version, 128 and 56 bits. Keys are not
/// exchanged, so the integrity code's key is the one that the password gives.
const FLAGS: u32 = 0xa289_8205;
/// The key exchange that was not offered.
const KEY_EXCHANGE: u32 = 0x4000_0000;
/// The integrity code's place in an answer.
const CODE: std::ops::Range<usize> = 72..88;
/// Where the list stands in the answer's proof, after the proof itself.
const LIST: usize = 28;
/// When every challenge was made, in the form that MS-NLMP wants: the time of day plays no part here.
const TIME: u64 = 0x01dc_5e00_0000_0000;

/// Somebody who may log in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The login, without a domain.
    pub user: String,
    /// The domain.
    pub domain: String,
    /// The password.
    pub password: String,
}

/// Why a login was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An answer without a challenge.
    OutOfOrder,
    /// Not a message, or one without what NTLMv2 needs.
    Malformed,
    /// No such user, or another password.
    Password,
    /// The integrity code is missing or wrong: somebody changed the messages.
    Integrity,
    /// The login is meant for another channel, or for none.
    Bindings,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfOrder => "out of order",
            Self::Malformed => "malformed",
            Self::Password => "password",
            Self::Integrity => "integrity",
            Self::Bindings => "bindings",
        })
    }
}

/// A challenge, with the message that asked for it.
pub struct Challenge {
    asked: Vec<u8>,
    nonce: [u8; 8],
    message: Vec<u8>,
}

impl Challenge {
    /// A fresh challenge.
    pub fn new(asked: Vec<u8>) -> Self {
        let mut nonce = [0; 8];
        // The second half of such an id is random.
        let id = uuid::Uuid::now_v7();
        nonce.copy_from_slice(id.as_bytes().last_chunk::<8>().unwrap_or(&[0; 8]));
        let domain = message::utf16("SIM");
        let mut list = Vec::new();
        message::put_pair(&mut list, pair::DOMAIN, &domain);
        message::put_pair(&mut list, pair::COMPUTER, &message::utf16("MAIL"));
        message::put_pair(&mut list, pair::DNS_DOMAIN, &message::utf16("sim.test"));
        message::put_pair(&mut list, pair::DNS_COMPUTER, &message::utf16("mail.sim.test"));
        message::put_pair(&mut list, pair::TIME, &TIME.to_le_bytes());
        message::put_pair(&mut list, pair::END, &[]);
        let mut text = message::start(CHALLENGE);
        message::put_field(&mut text, domain.len(), 56);
        text.extend(FLAGS.to_le_bytes());
        text.extend(nonce);
        text.extend([0; 8]);
        message::put_field(&mut text, list.len(), 56 + domain.len());
        text.extend([10, 0, 0x63, 0x45, 0, 0, 0, 15]);
        text.extend(domain);
        text.extend(list);
        Self {
            asked,
            nonce,
            message: text,
        }
    }

    /// The message for the client.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Who answers it? `DOMAIN\user`.
    pub fn verify(self, answer: &[u8], accounts: &[Account], bindings: Option<&[u8]>) -> Result<String, Refusal> {
        let malformed = Refusal::Malformed;
        let flags = message::number(answer, 60).ok_or(malformed)?;
        if message::kind(answer) != Some(AUTHENTICATE) || flags & KEY_EXCHANGE != 0 {
            return Err(malformed);
        }
        let [response, domain, user] = [20, 28, 36].map(|at| message::field(answer, at));
        let (proof, rest) = response.and_then(<[u8]>::split_first_chunk::<16>).ok_or(malformed)?;
        let list = rest.get(LIST..).ok_or(malformed)?;
        let (domain, user) = (
            message::text(domain.ok_or(malformed)?),
            message::text(user.ok_or(malformed)?),
        );
        let key = accounts
            .iter()
            .filter(|account| account.is(&domain, &user))
            .map(|account| secret(&account.password, &user, &domain))
            .find(|key| hmac(key, &[&self.nonce, rest]) == *proof)
            .ok_or(Refusal::Password)?;
        // The challenge had a time, so the answer must repeat it and have an integrity code.
        let time = message::find(list, pair::TIME).ok_or(malformed)?;
        let bits = message::find(list, pair::FLAGS).and_then(|bits| message::number(bits, 0));
        if time != TIME.to_le_bytes() || bits.unwrap_or(0) & 2 == 0 {
            return Err(Refusal::Integrity);
        }
        let mut blank = answer.to_vec();
        let code = blank.get_mut(CODE).ok_or(malformed)?;
        let claimed = code.to_vec();
        code.fill(0);
        if hmac(&hmac(&key, &[proof]), &[&self.asked, &self.message, &blank])[..] != claimed {
            return Err(Refusal::Integrity);
        }
        if let Some(bindings) = bindings
            && message::find(list, pair::BINDINGS) != Some(&channel(bindings)[..])
        {
            return Err(Refusal::Bindings);
        }
        Ok(format!("{}\\{}", domain.to_uppercase(), user.to_lowercase()))
    }
}

impl Account {
    fn is(&self, domain: &str, user: &str) -> bool {
        let same = |one: &str, two: &str| one.to_lowercase() == two.to_lowercase();
        // `name@domain` comes as a user without a domain.
        let principal = format!("{}@{}", self.user, self.domain);
        same(&self.user, user) && same(&self.domain, domain) || domain.is_empty() && same(&principal, user)
    }
}

/// The key that the password gives (NTOWFv2).
fn secret(password: &str, user: &str, domain: &str) -> [u8; 16] {
    let hash: [u8; 16] = Md4::digest(message::utf16(password)).into();
    hmac(&hash, &[&message::utf16(&user.to_uppercase()), &message::utf16(domain)])
}

/// MD5 of the channel's description: no addresses, only the application's data (RFC 2744 3.11, MS-NLMP 2.2.2.1).
fn channel(bindings: &[u8]) -> [u8; 16] {
    let length = u32::try_from(bindings.len()).unwrap_or(u32::MAX).to_le_bytes();
    Md5::digest([&[0; 16][..], &length, bindings].concat()).into()
}

/// HMAC with MD5 (RFC 2104); keys have 16 bytes here.
fn hmac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = parts
        .iter()
        .fold(Md5::new_with_prefix(pad(0x36)), |inner, part| inner.chain_update(part));
    Md5::new_with_prefix(pad(0x5c))
        .chain_update(inner.finalize())
        .finalize()
        .into()
}

/// The name of the channel whose server has this certificate. The simulators sign with SHA-256.
pub fn server_end_point(certificate: &[u8]) -> Vec<u8> {
    [&b"tls-server-end-point:"[..], &sha2::Sha256::digest(certificate)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of MS-NLMP 4.2.4: User, Domain, Password.
    #[test]
    fn the_key_is_that_of_the_specification_s_example() {
        assert_eq!(
            hex::encode(secret("Password", "User", "Domain")),
            "0c868a403bfd7a93a3001ef22ef02e3f"
        );
    }

    #[test]
    fn a_field_that_leads_outside_is_no_field() {
        let mut text = message::start(AUTHENTICATE);
        message::put_field(&mut text, 4, 20);
        assert_eq!(message::field(&text, 12), None);
        text.extend(*b"four");
        assert_eq!(message::field(&text, 12), Some(&b"four"[..]));
        assert_eq!(message::field(&text, 13), None);
        assert_eq!(message::find(&[1, 0, 9, 0, 1], 1), None);
    }
}

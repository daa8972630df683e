//! Which TLS channel is a login meant for (RFC 5929, `tls-server-end-point`)? A login that somebody relays through a TLS channel of
//! their own names the wrong certificate, and the target refuses it (Extended Protection).

use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::egress::issuer::{OID, SEQUENCE, take};

/// RSA with a hash, 1.2.840.113549.1.1.*; the last arc says which.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// ECDSA with a hash, 1.2.840.10045.4.3.*
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
/// A hash on its own, 2.16.840.1.101.3.4.2.*: what RSA-PSS names in its parameters.
const HASH: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const RSA_PSS: u8 = 10;
/// The first of RSA-PSS' parameters.
const PSS_HASH: u8 = 0xa0;

/// The channel's name: the hash of the certificate, with the certificate's own hash function, or SHA-256 where that is MD5, SHA-1 or none.
pub(super) fn server_end_point(certificate: &[u8]) -> Vec<u8> {
    let hash = match signature_hash(certificate) {
        Some(Hash::Sha224) => Sha224::digest(certificate).to_vec(),
        Some(Hash::Sha384) => Sha384::digest(certificate).to_vec(),
        Some(Hash::Sha512) => Sha512::digest(certificate).to_vec(),
        None => Sha256::digest(certificate).to_vec(),
    };
    [&b"tls-server-end-point:"[..], &hash].concat()
}

/// Hash functions other than the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha224,
    Sha384,
    Sha512,
}

fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    let (certificate, _) = take(certificate, SEQUENCE)?;
    let (_signed, rest) = take(certificate, SEQUENCE)?;
    let (algorithm, _) = take(rest, SEQUENCE)?;
    let (oid, parameters) = take(algorithm, OID)?;
    let (&last, family) = oid.split_last()?;
    match (family, last) {
        (RSA, RSA_PSS) => {
            let (parameters, _) = take(parameters, SEQUENCE)?;
            let (hash, _) = take(parameters, PSS_HASH)?;
            let (hash, _) = take(hash, SEQUENCE)?;
            let (oid, _) = take(hash, OID)?;
            match oid.split_last()? {
                (2, HASH) => Some(Hash::Sha384),
                (3, HASH) => Some(Hash::Sha512),
                (4, HASH) => Some(Hash::Sha224),
                _ => None,
            }
        }
        (RSA, 12) | (ECDSA, 3) => Some(Hash::Sha384),
        (RSA, 13) | (ECDSA, 4) => Some(Hash::Sha512),
        (RSA, 14) | (ECDSA, 1) => Some(Hash::Sha224),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate's outline around a signature algorithm.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let element = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
        let signed = element(SEQUENCE, &[]);
        element(SEQUENCE, &[signed, element(SEQUENCE, algorithm)].concat())
    }

    fn oid(family: &[u8], last: u8) -> Vec<u8> {
        let length = u8::try_from(family.len() + 1).unwrap();
        [&[OID, length], family, &[last]].concat()
    }

    #[test]
    fn the_hash_is_the_certificates_own_and_never_weaker_than_sha_256() {
        let expected = [
            (oid(RSA, 4), None),
            (oid(RSA, 5), None),
            (oid(RSA, 11), None),
            (oid(RSA, 12), Some(Hash::Sha384)),
            (oid(RSA, 13), Some(Hash::Sha512)),
            (oid(ECDSA, 2), None),
            (oid(ECDSA, 3), Some(Hash::Sha384)),
            (oid(ECDSA, 4), Some(Hash::Sha512)),
            (oid(&[0x2b, 0x65], 0x70), None),
        ];
        for (algorithm, hash) in expected {
            assert_eq!(signature_hash(&certificate(&algorithm)), hash);
        }
        let name = server_end_point(&certificate(&oid(RSA, 12)));
        assert_eq!(name.len(), "tls-server-end-point:".len() + 48);
        assert_eq!(
            server_end_point(b"no certificate").len(),
            "tls-server-end-point:".len() + 32
        );
    }

    #[test]
    fn rsa_pss_names_its_hash_in_its_parameters() {
        let element = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
        for (last, hash) in [(1, None), (2, Some(Hash::Sha384)), (3, Some(Hash::Sha512))] {
            let parameters = element(SEQUENCE, &element(PSS_HASH, &element(SEQUENCE, &oid(HASH, last))));
            let algorithm = [oid(RSA, RSA_PSS), parameters].concat();
            assert_eq!(signature_hash(&certificate(&algorithm)), hash);
        }
    }
}

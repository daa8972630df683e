//! Whose certificates are trusted? The bundle's issuers where there is one, else the system's; never "any".

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use synapse_domain::manifest::Refused;

use super::issuer;

/// The TLS side of a client. Without TLS (`http://` in a laboratory) nothing is trusted, and nothing is asked for.
pub(super) fn config(ca_bundle: Option<&[u8]>, tls: bool) -> Result<ClientConfig, Refused> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let refuse = |error: &dyn std::fmt::Display| Refused::new("tls", error.to_string());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| refuse(&error))?;
    let roots = match ca_bundle {
        Some(pem) => bundle(pem)?,
        None if tls => system()?,
        None => {
            return Ok(builder
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth());
        }
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let inner = verifier.map_err(|error| refuse(&error))?;
    // "dangerous" is rustls' word for any verifier of one's own: this one asks webpki and only words its refusal better.
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Explaining { inner, provider }));
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn bundle(pem: &[u8]) -> Result<RootCertStore, Refused> {
    let refuse = |problem: String| Refused::new("ca_bundle", problem);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| refuse(format!("not PEM: {error}")))?;
        roots.add(certificate).map_err(|error| {
            refuse(format!(
                "certificate {} cannot be used: {error}",
                roots.len().saturating_add(1)
            ))
        })?;
    }
    if roots.is_empty() {
        return Err(refuse(
            "holds no certificate; it needs the issuing certificates in PEM (`-----BEGIN CERTIFICATE-----`)".to_owned(),
        ));
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, Refused> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Refused::new(
            "ca_bundle",
            "this machine has no root certificates; install `ca-certificates` or give the connection a CA bundle",
        ));
    }
    Ok(roots)
}

/// webpki's verdict, with the missing issuer named.
#[derive(Debug)]
struct Explaining {
    inner: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

/// The chain ends in an issuer that is not trusted.
#[derive(Debug, thiserror::Error)]
#[error(
    "the certificate's issuer `{0}` is neither in the CA bundle nor sent by the target; add the certificate of `{0}` to the connection's CA bundle"
)]
struct MissingIssuer(String);

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self
            .inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        if matches!(verdict, Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))) {
            let presented: Vec<&[u8]> = intermediates.iter().map(AsRef::as_ref).collect();
            if let Some(name) = issuer::missing(end_entity, &presented) {
                let why = CertificateError::Other(OtherError(Arc::new(MissingIssuer(name))));
                return Err(Error::InvalidCertificate(why));
            }
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

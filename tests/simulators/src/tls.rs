//! Which certificates does a simulated console present? The odd PKI that QRadar consoles and private CAs really have.
//!
//! root -> intermediate -> leaf, where the server sends **only the leaf** and the leaf carries no Authority Key Identifier
//! (contracts/qradar.md, TLS): a client must be given the intermediate too. `root.pem` alone must therefore fail and
//! `chain.pem` must work; tests use both.

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::{net::IpAddr, path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// Which names the leaf carries and what the server sends.
#[derive(Clone, Debug)]
pub struct PkiOptions {
    /// IP subject alternative names.
    pub ips: Vec<IpAddr>,
    /// DNS subject alternative names.
    pub dns: Vec<String>,
    /// Send the intermediate with the leaf (the healthy set-up). Consoles do not: default false.
    pub send_intermediate: bool,
    /// Put an Authority Key Identifier into the leaf. Consoles do not: default false.
    pub leaf_authority_key_id: bool,
}

impl Default for PkiOptions {
    fn default() -> Self {
        Self {
            ips: vec![IpAddr::from([127, 0, 0, 1])],
            dns: vec!["console.sim.test".to_owned()],
            send_intermediate: false,
            leaf_authority_key_id: false,
        }
    }
}

/// A server's TLS set-up, with the PEM texts a client may trust. Cheap to clone.
#[derive(Clone)]
pub struct TlsSetup {
    acceptor: TlsAcceptor,
    root_pem: Arc<str>,
    chain_pem: Arc<str>,
    leaf: CertificateDer<'static>,
}

impl TlsSetup {
    /// Makes a fresh PKI. Errors: only if key generation fails.
    pub fn generate(options: &PkiOptions) -> anyhow::Result<Self> {
        let root_key = KeyPair::generate().context("root key")?;
        let root_params = authority("Simulated Root CA", false)?;
        let root = root_params.self_signed(&root_key).context("root certificate")?;
        let root_issuer = Issuer::new(root_params, root_key);

        let intermediate_key = KeyPair::generate().context("intermediate key")?;
        let intermediate_params = authority("Simulated Intermediate CA", true)?;
        let intermediate = intermediate_params
            .signed_by(&intermediate_key, &root_issuer)
            .context("intermediate certificate")?;
        let intermediate_issuer = Issuer::new(intermediate_params, intermediate_key);

        let leaf_key = KeyPair::generate().context("leaf key")?;
        let leaf = leaf(options)?
            .signed_by(&leaf_key, &intermediate_issuer)
            .context("leaf certificate")?;

        let mut sent: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
        if options.send_intermediate {
            sent.push(intermediate.der().clone());
        }
        let key = PrivateKeyDer::try_from(leaf_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS versions")?
            .with_no_client_auth()
            .with_single_cert(sent, key)
            .context("server certificate")?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            root_pem: root.pem().into(),
            chain_pem: format!("{}{}", root.pem(), intermediate.pem()).into(),
            leaf: leaf.der().clone(),
        })
    }

    /// Makes a fresh PKI and writes `root.pem` and `chain.pem` (root and intermediate) into `dir`, for other processes.
    pub fn generate_into(dir: &Path, options: &PkiOptions) -> anyhow::Result<Self> {
        let setup = Self::generate(options)?;
        std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        for (name, pem) in [("root.pem", &setup.root_pem), ("chain.pem", &setup.chain_pem)] {
            let path = dir.join(name);
            std::fs::write(&path, pem.as_bytes()).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(setup)
    }

    /// The root alone: not enough for a client when the server does not send the intermediate.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// Root and intermediate: what a client must trust.
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The server's certificate (DER): what names its channel in a login.
    pub fn leaf_der(&self) -> &[u8] {
        &self.leaf
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

fn authority(name: &str, with_key_id: bool) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).context("CA parameters")?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = with_key_id;
    Ok(params)
}

fn leaf(options: &PkiOptions) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(options.dns.clone()).context("leaf names")?;
    params
        .subject_alt_names
        .extend(options.ips.iter().copied().map(SanType::IpAddress));
    params.distinguished_name.push(DnType::CommonName, "Simulated console");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ServerAuth);
    params.use_authority_key_identifier_extension = options.leaf_authority_key_id;
    Ok(params)
}

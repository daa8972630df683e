//! Does a secret appear anywhere it must not? (threat row 81, G10)

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;

/// Searches every file below a folder for the secrets, plain and in the usual disguises.
pub fn scan(folder: &Path, secrets: &[String]) -> anyhow::Result<()> {
    let needles: Vec<(String, Vec<u8>)> = secrets.iter().flat_map(|secret| disguises(secret)).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                // Gone since the folder was listed, as SQLite's side files go with their last reader: it keeps nothing.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
            };
            for (name, needle) in &needles {
                let found = bytes.windows(needle.len()).any(|window| window == needle.as_slice());
                anyhow::ensure!(!found, "{name} of a secret is in {}", path.display());
            }
        }
    }
    Ok(())
}

fn disguises(secret: &str) -> Vec<(String, Vec<u8>)> {
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
    vec![
        ("the plain text".to_owned(), secret.as_bytes().to_vec()),
        ("the base64 form".to_owned(), base64.into_bytes()),
        ("the hexadecimal form".to_owned(), hex::encode(secret).into_bytes()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_secret_is_found_in_each_disguise() {
        let secret = "canary-0123456789".to_owned();
        for (_, disguise) in disguises(&secret) {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("log"), [b"xx".as_slice(), &disguise, b"yy"].concat()).unwrap();
            assert!(scan(folder.path(), std::slice::from_ref(&secret)).is_err());
        }
    }
}

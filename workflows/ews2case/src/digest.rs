//! By which names are mails and conversations remembered?

use sha2::{Digest as _, Sha256};

/// 16 hexadecimal digits of the SHA-256 of the parts. Each part is preceded by its length, so that no two lists of parts look alike.
pub fn short(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn parts_cannot_be_moved_from_one_to_the_next() {
        assert_eq!(short(&["a", "b"]).len(), 16);
        assert_ne!(short(&["ab", "c"]), short(&["a", "bc"]));
        assert_ne!(short(&["a"]), short(&["a", ""]));
    }
}

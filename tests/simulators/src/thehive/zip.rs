//! How does the product hand out dangerous files? In an archive with one stored member, protected by the legacy cipher of
//! PKWARE's APPNOTE (section 6.1) and the password `malware` (contract 5).

/// `datastore.attachment.password` of a stock server.
const PASSWORD: &[u8] = b"malware";
/// Bit 0: encrypted; bit 11: names are UTF-8.
const FLAGS: u16 = 0x0801;
/// MS-DOS date of 1 January 1980, the earliest there is.
const DATE: u16 = 0x0021;
/// Random bytes before the content. Fixed: the password is public anyway, and equal files give equal archives.
const HEADER: [u8; 11] = *b"synapse-sim";

/// An archive with one file.
pub fn encrypted(name: &str, content: &[u8]) -> Vec<u8> {
    let checksum = crc32(content);
    let mut cipher = Cipher::new(PASSWORD);
    let mut data: Vec<u8> = HEADER.iter().map(|byte| cipher.encrypt(*byte)).collect();
    // The last byte of the header lets the reader check the password.
    data.push(cipher.encrypt(checksum.to_be_bytes()[0]));
    data.extend(content.iter().map(|byte| cipher.encrypt(*byte)));

    let name = name.as_bytes().get(..usize::from(u16::MAX)).unwrap_or(name.as_bytes());
    let common = |out: &mut Vec<u8>| {
        for word in [20, FLAGS, 0, 0, DATE] {
            out.extend(u16::to_le_bytes(word));
        }
        for long in [checksum, size(data.len()), size(content.len())] {
            out.extend(long.to_le_bytes());
        }
        out.extend(short(name.len()).to_le_bytes());
        out.extend(0_u16.to_le_bytes());
    };
    let mut archive = b"PK\x03\x04".to_vec();
    common(&mut archive);
    archive.extend(name);
    archive.extend(&data);

    let directory = archive.len();
    archive.extend(b"PK\x01\x02\x14\x00");
    common(&mut archive);
    // No comment, disk 0, no attributes, the local header at the beginning.
    archive.extend([0; 14]);
    archive.extend(name);

    let length = archive.len() - directory;
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    archive.extend(size(length).to_le_bytes());
    archive.extend(size(directory).to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// Uploads are far below 4 GiB.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// The three keys of the cipher.
struct Cipher([u32; 3]);

impl Cipher {
    fn new(password: &[u8]) -> Self {
        let mut cipher = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in password {
            cipher.update(*byte);
        }
        cipher
    }

    fn encrypt(&mut self, plain: u8) -> u8 {
        let word = (self.0[2] | 2) & 0xffff;
        let [_, key, ..] = word.wrapping_mul(word ^ 1).to_le_bytes();
        self.update(plain);
        plain ^ key
    }

    fn update(&mut self, plain: u8) {
        let [one, two, three] = &mut self.0;
        *one = crc_step(*one, plain);
        *two = two.wrapping_add(*one & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        let [.., high] = two.to_le_bytes();
        *three = crc_step(*three, high);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| crc_step(crc, *byte))
}

fn crc_step(crc: u32, byte: u8) -> u32 {
    let [low, ..] = (crc ^ u32::from(byte)).to_le_bytes();
    (crc >> 8) ^ TABLE[usize::from(low)]
}

/// The CRC of every byte, polynomial 0xEDB88320.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_archive_names_its_member_and_shows_nothing_of_its_content() {
        let archive = encrypted("sample.txt", b"plain text");
        assert!(archive.windows(10).any(|window| window == b"sample.txt"));
        assert!(!archive.windows(5).any(|window| window == b"plain"));
    }
}

//! Is an address in a network?

use std::net::IpAddr;

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    /// Reads `10.0.0.0/8` or `fc00::/7`.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, bits) = text
            .split_once('/')
            .ok_or("has no `/`; write a network like 10.0.0.0/8")?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| "does not begin with an address; write 10.0.0.0/8".to_owned())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|bits| *bits <= most);
        Ok(Self {
            address,
            bits: bits.ok_or_else(|| format!("must end in /0 to /{most}"))?,
        })
    }

    /// Is the address in it? IPv4 addresses are only in IPv4 networks; give IPv4-mapped ones in their IPv4 form.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                same(net.to_bits().into(), address.to_bits().into(), 32 - self.bits)
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => same(net.to_bits(), address.to_bits(), 128 - self.bits),
            _ => false,
        }
    }
}

/// Are two addresses equal but for the last `free` bits?
fn same(left: u128, right: u128, free: u32) -> bool {
    (left ^ right).checked_shr(free).unwrap_or(0) == 0
}

/// An address in its usual form, if the text is one that means something: not `0.0.0.0` or `::`, which QRadar writes for none.
pub fn address(text: &str) -> Option<IpAddr> {
    let address = text.trim().parse::<IpAddr>().ok()?.to_canonical();
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(net: &str, address: &str) -> bool {
        Cidr::parse(net).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn membership_is_decided_by_the_leading_bits() {
        assert!(check("10.0.0.0/8", "10.255.0.1") && !check("10.0.0.0/8", "11.0.0.0"));
        assert!(check("172.16.0.0/12", "172.31.255.255") && !check("172.16.0.0/12", "172.32.0.0"));
        assert!(check("fc00::/7", "fd00::1") && !check("fc00::/7", "fe80::1"));
        assert!(check("0.0.0.0/0", "255.255.255.255") && check("::/0", "::1") && check("1.2.3.4/32", "1.2.3.4"));
        assert!(!check("0.0.0.0/0", "::1"));
    }

    #[test]
    fn what_qradar_writes_for_no_address_is_none() {
        for none in ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "", "null", "host"] {
            assert_eq!(address(none), None, "{none}");
        }
        assert_eq!(address("::ffff:10.0.0.1").unwrap().to_string(), "10.0.0.1");
        assert_eq!(address("2001:DB8:0::1").unwrap().to_string(), "2001:db8::1");
    }
}

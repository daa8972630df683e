//! May this address be connected to? The rule of security.md 2.1, threat rows 44 and 45.
//!
//! An address that carries another one (IPv4-mapped, NAT64, 6to4, Teredo) is judged by the one it leads to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 4], tail: [u16; 4], prefix: u8) -> Ipv6Net {
    let address = Ipv6Addr::new(head[0], head[1], head[2], head[3], tail[0], tail[1], tail[2], tail[3]);
    Ipv6Net::new_assert(address, prefix)
}

/// Permitted only by a network wholly inside the range: `0.0.0.0/0` in a list does not open the metadata service.
const EXPLICIT_V4: [Ipv4Net; 8] = [
    v4(0, 0, 0, 0, 8),          // this host
    v4(127, 0, 0, 0, 8),        // loopback
    v4(169, 254, 0, 0, 16),     // link-local, metadata services
    v4(100, 100, 100, 200, 32), // a metadata service inside the shared range
    v4(168, 63, 129, 16, 32),   // a platform service with a public-looking address
    v4(192, 0, 0, 192, 32),     // a metadata service
    v4(224, 0, 0, 0, 4),        // multicast
    v4(240, 0, 0, 0, 4),        // reserved and broadcast
];
const EXPLICIT_V6: [Ipv6Net; 6] = [
    v6([0; 4], [0; 4], 96),                           // unspecified, loopback and IPv4-compatible
    v6([0xfe80, 0, 0, 0], [0; 4], 10),                // link-local
    v6([0xfec0, 0, 0, 0], [0; 4], 10),                // site-local
    v6([0xff00, 0, 0, 0], [0; 4], 8),                 // multicast
    v6([0xfd00, 0xec2, 0, 0], [0, 0, 0, 0x254], 128), // metadata services
    v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254], 128),
];

/// Not public: permitted by any network of the list that holds it.
const PRIVATE_V4: [Ipv4Net; 10] = [
    v4(10, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(100, 64, 0, 0, 10),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
];
/// What is public in IPv6, apart from the exceptions below.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0, 0, 0], [0; 4], 3);
const PRIVATE_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0xdb8, 0, 0], [0; 4], 32),
    v6([0x2001, 0, 0, 0], [0; 4], 23),
    v6([0x3fff, 0, 0, 0], [0; 4], 20),
    v6([0x5f00, 0, 0, 0], [0; 4], 16),
];

const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], [0; 4], 96);
const NAT64_LOCAL: Ipv6Net = v6([0x64, 0xff9b, 1, 0], [0; 4], 48);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], [0; 4], 16);
const TEREDO: Ipv6Net = v6([0x2001, 0, 0, 0], [0; 4], 32);

/// Names that stand for such addresses on common platforms; resolved or not, they are refused where the address is.
const NAMES: [(&str, IpAddr); 7] = [
    ("localhost", IpAddr::V4(Ipv4Addr::LOCALHOST)),
    ("localhost.localdomain", IpAddr::V4(Ipv4Addr::LOCALHOST)),
    ("ip6-localhost", IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ("metadata", METADATA),
    ("metadata.google.internal", METADATA),
    ("metadata.azure.internal", METADATA),
    ("instance-data", METADATA),
];
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// The addresses a connection may use.
#[derive(Debug, Clone, Default)]
pub struct Allow(Vec<IpNet>);

impl Allow {
    /// The operator's list; empty: public addresses.
    pub fn new(nets: Vec<IpNet>) -> Self {
        Self(nets)
    }

    /// May this address be connected to?
    pub fn permits(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.permits_v4(v4),
            IpAddr::V6(v6) => match leads_to(v6) {
                Some(v4) => self.permits_v4(v4),
                None => self.permits_v6(v6),
            },
        }
    }

    /// May this name be looked up at all?
    pub fn permits_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let local = name.ends_with(".localhost").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let known = NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, address)| *address);
        known.or(local).is_none_or(|address| self.permits(address))
    }

    fn permits_v4(&self, address: Ipv4Addr) -> bool {
        if let Some(range) = EXPLICIT_V4.iter().find(|range| range.contains(&address)) {
            return self
                .0
                .iter()
                .any(|net| matches!(net, IpNet::V4(net) if range.contains(net) && net.contains(&address)));
        }
        if self.0.is_empty() {
            return !PRIVATE_V4.iter().any(|range| range.contains(&address));
        }
        self.lists(IpAddr::V4(address))
    }

    fn permits_v6(&self, address: Ipv6Addr) -> bool {
        if let Some(range) = EXPLICIT_V6.iter().find(|range| range.contains(&address)) {
            return self
                .0
                .iter()
                .any(|net| matches!(net, IpNet::V6(net) if range.contains(net) && net.contains(&address)));
        }
        if self.0.is_empty() {
            return PUBLIC_V6.contains(&address) && !PRIVATE_V6.iter().any(|range| range.contains(&address));
        }
        self.lists(IpAddr::V6(address))
    }

    fn lists(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// The IPv4 address that an IPv6 address carries.
fn leads_to(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [_, b, c, _, _, _, g, h] = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    if NAT64.contains(&address) || NAT64_LOCAL.contains(&address) {
        return Some(join(g, h));
    }
    if SIX_TO_FOUR.contains(&address) {
        return Some(join(b, c));
    }
    TEREDO.contains(&address).then(|| join(!g, !h))
}

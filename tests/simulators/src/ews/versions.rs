//! Which `RequestServerVersion` values are there, and which comes after which? (contract section 1)

/// All values in order.
const VERSIONS: [&str; 21] = [
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2009",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2012",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
    "V2015_10_05",
    "V2016_01_06",
    "V2016_04_13",
    "V2016_07_13",
    "V2016_10_10",
    "V2017_01_07",
    "V2017_04_14",
    "V2017_07_11",
    "V2017_10_09",
    "V2018_01_08",
];

/// The place of a version in time.
pub fn rank(version: &str) -> Option<usize> {
    VERSIONS.iter().position(|known| *known == version)
}

/// Whether a version knows `item:TextBody` and conversations as we use them (2013 and later).
pub fn is_2013(version: &str) -> bool {
    rank(version) >= rank("Exchange2013")
}

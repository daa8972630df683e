//! Which outside judges are there, and what does each need?

use std::path::PathBuf;

/// One judge: a program with pinned packages that is run against a simulator of its own, or that is a target itself.
pub struct Judge {
    /// The name of its environment.
    pub name: &'static str,
    /// The script, below `tests/judges`.
    pub script: &'static str,
    /// What pip installs, below `tests/judges`.
    pub requirements: &'static str,
    /// The source distribution whose own suite it runs, as a requirement with its digest, below `tests/judges`.
    pub suite: Option<&'static str>,
    /// A module whose import needs a library of the system, and the Debian package that has it.
    pub library: Option<(&'static str, &'static str)>,
    /// What it judges.
    pub simulator: Simulator,
}

/// A simulator in the state that a judge expects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Simulator {
    /// TheHive as it is after its installation. The script is given the URL.
    Thehive,
    /// QRadar with the recorded state. The script is given the URL and an authorised service token.
    Qradar,
    /// The same behind the console's own certificate authority. The script is also given the authority's file.
    QradarTls,
    /// Exchange with the mail of the judge's own state, behind a certificate authority of its own. The script is given the URL
    /// and the authority's file.
    Ews,
    /// None: the script is the target, and is given a program that sends requests as the platform does.
    Client,
}

/// Every judge. `cargo xtask test` fails when a script in `tests/judges` is missing here.
pub const JUDGES: [Judge; 7] = [
    Judge {
        name: "thehive4py",
        script: "thehive4py/run.py",
        requirements: "thehive4py/requirements.txt",
        suite: Some("thehive4py/suite.txt"),
        library: None,
        simulator: Simulator::Thehive,
    },
    Judge {
        name: "thehive4py1",
        script: "thehive4py1/run.py",
        requirements: "thehive4py1/requirements.txt",
        suite: None,
        library: Some(("magic", "libmagic1")),
        simulator: Simulator::Thehive,
    },
    Judge {
        name: "qradar4py",
        script: "qradar/run.py",
        requirements: "qradar/requirements.txt",
        suite: None,
        library: None,
        simulator: Simulator::Qradar,
    },
    Judge {
        name: "qradar-client",
        script: "qradar/client_judge.py",
        requirements: "qradar/requirements-client.txt",
        suite: None,
        library: None,
        simulator: Simulator::Qradar,
    },
    Judge {
        name: "stix-shifter",
        script: "qradar/stix_shifter_judge.py",
        requirements: "qradar/requirements-stix-shifter.txt",
        suite: None,
        library: None,
        simulator: Simulator::QradarTls,
    },
    Judge {
        name: "exchangelib",
        script: "exchangelib/run.py",
        requirements: "exchangelib/requirements.txt",
        suite: None,
        library: None,
        simulator: Simulator::Ews,
    },
    Judge {
        name: "pyspnego",
        script: "ntlm/run.py",
        requirements: "ntlm/requirements.txt",
        suite: None,
        library: None,
        simulator: Simulator::Client,
    },
];

/// The folder of all judges.
pub fn dir() -> PathBuf {
    crate::paths::root().join("tests/judges")
}

//! Is nothing lost and nothing doubled when the process dies anywhere?

//! Are the files small enough to be read in one sitting?

use super::{Finding, source::Tree};

/// No hand-written file is longer.
const MAX: usize = 600;
/// Nine of ten files are no longer.
const MAX_P90: usize = 400;
/// Half of the files are no longer.
const MAX_MEDIAN: usize = 150;

/// Checks the three limits over all non-test files and writes the numbers into `numbers`.
pub fn check(tree: &Tree, numbers: &mut String) -> Vec<Finding> {
    let files: Vec<_> = tree
        .rust()
        .filter(|(file, _)| !file.is_test() && !file.is_generated())
        .collect();
    let mut sizes: Vec<(usize, _)> = files
        .iter()
        .map(|(file, _)| (file.text.lines().count(), &file.path))
        .collect();
    sizes.sort();
    let rank = |percent: usize| sizes.get((sizes.len() * percent).div_ceil(100).saturating_sub(1));
    let mut findings = Vec::new();
    for (lines, path) in sizes.iter().filter(|(lines, _)| *lines > MAX) {
        findings.push(Finding {
            file: (*path).clone(),
            line: MAX + 1,
            message: format!("{lines} lines; the limit is {MAX}. Split it by question"),
        });
    }
    let (Some(median), Some(p90), Some(largest)) = (rank(50), rank(90), sizes.last()) else {
        return findings;
    };
    *numbers = format!(
        "{} non-test files, lines: median {} (limit {MAX_MEDIAN}), 90th percentile {} (limit {MAX_P90}), largest {} ({})",
        sizes.len(),
        median.0,
        p90.0,
        largest.0,
        largest.1.display()
    );
    for (name, (lines, path), limit) in [("median", median, MAX_MEDIAN), ("90th percentile", p90, MAX_P90)] {
        if *lines > limit {
            findings.push(Finding {
                file: (*path).clone(),
                line: 1,
                message: format!("the {name} file has {lines} lines; the limit is {limit}. Split the files above it"),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::File;
    use super::*;

    fn tree(sizes: &[(&str, usize)]) -> Tree {
        Tree {
            files: sizes
                .iter()
                .map(|(path, lines)| File::new(path, &"x\n".repeat(*lines)))
                .collect(),
        }
    }

    fn messages(sizes: &[(&str, usize)]) -> Vec<String> {
        check(&tree(sizes), &mut String::new())
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn a_file_over_the_limit_is_reported_unless_it_is_a_test() {
        let found = messages(&[("a.rs", 601), ("b.rs", 1), ("c.rs", 1)]);
        assert!(
            found.iter().any(|message| message.starts_with("601 lines")),
            "{found:?}"
        );
    }

    #[test]
    fn median_and_ninetieth_percentile_are_limited() {
        let ten = |size| (0..10).map(|i| (["a.rs", "b.rs"][i % 2], size)).collect::<Vec<_>>();
        assert!(messages(&ten(150)).is_empty());
        assert!(messages(&ten(151)).iter().any(|message| message.contains("median")));
        assert!(messages(&ten(401)).iter().any(|message| message.contains("90th")));
    }

    #[test]
    fn the_numbers_name_the_largest_file() {
        let mut numbers = String::new();
        check(&tree(&[("a.rs", 3), ("b.rs", 7)]), &mut numbers);
        assert!(
            numbers.contains("median 3") && numbers.contains("largest 7 (b.rs)"),
            "{numbers}"
        );
    }
}

//! Does a text match a LIKE pattern? (`%` any run, `_` one character, `\` escapes; the whole text must match)

/// One step of a pattern.
#[derive(PartialEq, Eq)]
enum Step {
    Any,
    One,
    Char(char),
}

/// LIKE (case-sensitive) or ILIKE. Linear in memory, at worst text length × pattern length in time.
pub fn like(text: &str, pattern: &str, insensitive: bool) -> bool {
    let fold = |s: &str| if insensitive { s.to_lowercase() } else { s.to_owned() };
    let text: Vec<char> = fold(text).chars().collect();
    let steps = steps(&fold(pattern));
    // Greedy matching with one restart point: after the last `%`, try one character further on each failure.
    let (mut t, mut p) = (0, 0);
    let mut restart: Option<(usize, usize)> = None;
    while t < text.len() {
        let fits = match steps.get(p) {
            Some(Step::Any) => {
                restart = Some((t, p));
                p += 1;
                continue;
            }
            Some(Step::One) => true,
            Some(Step::Char(c)) => text.get(t) == Some(c),
            None => false,
        };
        if fits {
            t += 1;
            p += 1;
        } else if let Some((from, any)) = restart {
            restart = Some((from + 1, any));
            t = from + 1;
            p = any + 1;
        } else {
            return false;
        }
    }
    steps.iter().skip(p).all(|step| *step == Step::Any)
}

fn steps(pattern: &str) -> Vec<Step> {
    let mut found = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        found.push(match c {
            '%' => Step::Any,
            '_' => Step::One,
            '\\' => Step::Char(chars.next().unwrap_or('\\')),
            other => Step::Char(other),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn like_matches_the_whole_text_and_honours_escapes() {
        assert!(like("Login Failure", "Login%", false));
        assert!(!like("Login Failure", "Failure", false));
        assert!(like("Login Failure", "%failure", true));
        assert!(!like("Login Failure", "%failure", false));
        assert!(like("a_b", "a\\_b", false) && !like("axb", "a\\_b", false));
        assert!(like("abcabc", "%abc", false) && like("", "%", false) && !like("", "_", false));
        assert!(like("grün", "gr_n", false));
    }
}

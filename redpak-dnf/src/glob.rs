//! Shell patterns as in fnmatch(3), which is what libdnf5 uses for repository ids.

/// Whether `text` matches `pattern`: `*`, `?` and `[…]`, no special character in brackets but `-` and a leading `!`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    matches_from(&pattern, &text)
}

fn matches_from(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&'*') {
            retry = Some((p + 1, t));
            p += 1;
            continue;
        }
        if p == pattern.len() && t == text.len() {
            return true;
        }
        if let Some(length) = text.get(t).and_then(|c| match_one(&pattern[p..], *c)) {
            p += length;
            t += 1;
            continue;
        }
        match retry {
            Some((after_star, from)) if from < text.len() => {
                retry = Some((after_star, from + 1));
                (p, t) = (after_star, from + 1);
            }
            _ => return false,
        }
    }
}

/// Length of the pattern's first element when it matches `c`.
fn match_one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match_set(pattern, c),
        first => (*first == c).then_some(1),
    }
}

fn match_set(pattern: &[char], c: char) -> Option<usize> {
    let Some(end) = pattern.iter().skip(2).position(|c| *c == ']').map(|end| end + 2) else {
        return (c == '[').then_some(1);
    };
    let inverted = pattern[1] == '!';
    let set = &pattern[1 + usize::from(inverted)..end];
    let in_range = set
        .windows(3)
        .any(|range| range[1] == '-' && (range[0]..=range[2]).contains(&c));
    ((set.contains(&c) || in_range) != inverted).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let cases = [
            ("a", "a", true),
            ("a", "b", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*-debug*", "x-debuginfo", true),
            ("?", "", false),
            ("a?", "ab", true),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[0-9]", "5", true),
            ("[x", "[x", true),
            ("", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}

//! How far two words are apart, for suggestions.

/// Number of single-character edits between two words (Levenshtein), words longer than any key being far away.
pub fn edits(one: &str, two: &str) -> usize {
    const LONGEST: usize = 64;
    if one.len().max(two.len()) > LONGEST {
        return usize::MAX;
    }
    let columns: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=columns.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in columns.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[columns.len()]
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn counts_edits() {
        for (one, two, distance) in [
            ("", "", 0),
            ("mount", "mount", 0),
            ("muont", "mount", 2),
            ("mode", "modes", 1),
            ("", "abc", 3),
        ] {
            assert_eq!(edits(one, two), distance, "{one} {two}");
        }
        assert_eq!(edits(&"a".repeat(65), "a"), usize::MAX);
    }
}

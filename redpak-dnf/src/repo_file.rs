//! The text of a `.repo` file, changed line by line: what a command does not touch stays as the user wrote it.

/// A `.repo` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoFile {
    lines: Vec<String>,
}

impl RepoFile {
    /// From the content of a file.
    pub fn parse(text: &str) -> Self {
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// The content to write.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Ids of the repositories, in order.
    pub fn ids(&self) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|line| section(line))
            .filter(|id| *id != "main")
            .collect()
    }

    /// Nothing is left in it but comments and empty lines.
    pub fn is_empty(&self) -> bool {
        self.ids().is_empty()
    }

    /// Adds a repository at the end.
    pub fn add(&mut self, id: &str, options: &[(String, String)]) {
        if self.lines.last().is_some_and(|line| !line.trim().is_empty()) {
            self.lines.push(String::new());
        }
        self.lines.push(format!("[{id}]"));
        self.lines
            .extend(options.iter().map(|(key, value)| line_of(key, value)));
    }

    /// Adds a section at the end, with nothing in it, unless it is there.
    pub fn add_section(&mut self, id: &str) {
        if self.range(id).is_none() {
            self.lines.push(format!("[{id}]"));
        }
    }

    /// Names and values of the options of a section, in order.
    pub fn options(&self, id: &str) -> Vec<(String, String)> {
        let Some(range) = self.range(id) else { return Vec::new() };
        let mut options: Vec<(String, String)> = Vec::new();
        for line in &self.lines[range.start + 1..range.end] {
            if let Some(name) = option_name(line) {
                let value = line.split_once('=').map_or("", |(_, value)| value.trim());
                options.push((name.to_owned(), value.to_owned()));
            } else if let Some((_, value)) = options.last_mut().filter(|_| continues(line)) {
                value.push('\n');
                value.push_str(line.trim());
            }
        }
        options
    }

    /// Removes an option of a section; `false` when it is not there.
    pub fn unset(&mut self, id: &str, key: &str) -> bool {
        let mut found = false;
        while let Some(lines) = self.lines_of(id, key) {
            self.lines.drain(lines);
            found = true;
        }
        found
    }

    /// Removes a repository; `false` when it is not there.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(range) = self.range(id) else { return false };
        self.lines.drain(range);
        while self.lines.last().is_some_and(|line| line.trim().is_empty()) {
            self.lines.pop();
        }
        true
    }

    /// Sets an option of a repository, in its place when the file has it; `false` when there is no such repository.
    pub fn set(&mut self, id: &str, key: &str, value: &str) -> bool {
        let Some(range) = self.range(id) else { return false };
        match self.lines_of(id, key) {
            Some(lines) => {
                self.lines.splice(lines, [line_of(key, value)]);
            }
            None => self.lines.insert(range.end, line_of(key, value)),
        }
        true
    }

    /// The line of an option with those that continue its value. The last one counts for libdnf5 too.
    fn lines_of(&self, id: &str, key: &str) -> Option<std::ops::Range<usize>> {
        let range = self.range(id)?;
        let start = (range.start..range.end)
            .rev()
            .find(|&index| option_name(&self.lines[index]) == Some(key))?;
        let end = (start + 1..range.end)
            .find(|&next| !continues(&self.lines[next]))
            .unwrap_or(range.end);
        Some(start..end)
    }

    /// From the header of a repository to the line before the next header.
    fn range(&self, id: &str) -> Option<std::ops::Range<usize>> {
        let start = self.lines.iter().position(|line| section(line) == Some(id))?;
        let after = &self.lines[start + 1..];
        let length = after
            .iter()
            .position(|line| section(line).is_some())
            .unwrap_or(after.len());
        Some(start..start + 1 + length)
    }
}

fn section(line: &str) -> Option<&str> {
    let (id, _comment) = line.strip_prefix('[')?.split_once(']')?;
    Some(id.trim())
}

fn option_name(line: &str) -> Option<&str> {
    if line.starts_with(['#', ';', ' ', '\t']) {
        return None;
    }
    line.split_once('=').map(|(key, _)| key.trim())
}

/// A line that starts with white space belongs to the value above.
fn continues(line: &str) -> bool {
    line.starts_with([' ', '\t']) && !line.trim().is_empty()
}

fn line_of(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# ours\n[a]\nname=A\nenabled = 1\nbaseurl=http://x/\n  http://y/\n\n[b] # other\nname=B\n";

    #[test]
    fn what_is_not_touched_stays() {
        let file = RepoFile::parse(TEXT);
        assert_eq!(file.text(), TEXT);
        assert_eq!(file.ids(), ["a", "b"]);
    }

    #[test]
    fn options_are_set_in_place_or_added() {
        let mut file = RepoFile::parse(TEXT);
        assert!(file.set("a", "enabled", "0"));
        assert!(file.set("b", "enabled", "0"));
        assert!(file.set("a", "baseurl", "file:///z"));
        assert!(!file.set("c", "enabled", "0"));
        let expected = "# ours\n[a]\nname=A\nenabled=0\nbaseurl=file:///z\n\n[b] # other\nname=B\nenabled=0\n";
        assert_eq!(file.text(), expected);
    }

    #[test]
    fn options_are_read_and_removed_with_what_continues_them() {
        let mut file = RepoFile::parse(TEXT);
        let options = file.options("a");
        assert_eq!(options[2], ("baseurl".to_owned(), "http://x/\nhttp://y/".to_owned()));
        assert!(file.unset("a", "baseurl") && !file.unset("a", "baseurl") && !file.unset("c", "name"));
        assert_eq!(file.text(), "# ours\n[a]\nname=A\nenabled = 1\n\n[b] # other\nname=B\n");
        file.add_section("c");
        file.add_section("c");
        assert!(file.options("c").is_empty() && file.text().ends_with("name=B\n[c]\n"));
    }

    #[test]
    fn repositories_come_and_go() {
        let mut file = RepoFile::parse(TEXT);
        assert!(file.remove("a"));
        assert!(!file.remove("a"));
        file.add("c", &[("name".into(), "C".into())]);
        assert_eq!(file.text(), "# ours\n[b] # other\nname=B\n\n[c]\nname=C\n");
        assert!(file.remove("b") && file.remove("c") && file.is_empty());
        assert_eq!(file.text(), "# ours\n");
    }
}

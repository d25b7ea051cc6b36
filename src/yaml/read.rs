//! Text to tree, within limits.

use std::collections::BTreeMap;
use std::path::Path;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::display;
use crate::location::Location;
use crate::yaml::{Entry, Kind, Problem, Tree};

/// Longest document read, in bytes. The largest real config seen has some 20 KiB.
pub const MAX_SIZE: usize = 1 << 20;
/// Deepest nesting; the schema itself needs five levels.
pub const MAX_DEPTH: usize = 32;
/// Most nodes in a document, each use of an alias counted with all that it repeats.
pub const MAX_NODES: usize = 50_000;

/// Reads one document from bytes; what is not UTF-8 is an error at its place.
///
/// # Errors
/// The first thing that makes the document unreadable.
pub fn read_bytes(bytes: &[u8], file: &Path) -> Result<Tree, Problem> {
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text, file),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let byte = bytes[error.valid_up_to()];
            let message = format!("byte 0x{byte:02x} is not UTF-8");
            Err(Problem::new(file, end_of(&before), message).help("save the file as UTF-8"))
        }
    }
}

/// Reads one document.
///
/// # Errors
/// The first thing that makes the document unreadable.
pub fn read(text: &str, file: &Path) -> Result<Tree, Problem> {
    if text.len() > MAX_SIZE {
        let message = format!("the file has {} bytes, more than the limit of {MAX_SIZE}", text.len());
        return Err(Problem::new(file, Location::START, message));
    }
    refuse_characters(text, file)?;
    Reader::new(text, file).document()
}

/// Characters that make a file read differently than it looks, or that no config needs.
fn refuse_characters(text: &str, file: &Path) -> Result<(), Problem> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some((offset, character)) = first_refused(body) else {
        return Ok(());
    };
    let problem = Problem::new(
        file,
        end_of(&body[..offset]),
        format!("{} is not allowed", name_of(character)),
    );
    Err(if character == '\r' {
        problem.help("end lines with a line feed alone")
    } else {
        problem
    })
}

/// The first of these characters and where it stands. Nearly every text is mostly printable ASCII, and that is told without
/// decoding it.
fn first_refused(text: &str) -> Option<(usize, char)> {
    const CHUNK: usize = 64;
    let refused = |character: char| display::is_deceptive(character) && !matches!(character, '\n' | '\t');
    let mut at = 0;
    while at < text.len() {
        let chunk = &text.as_bytes()[at..text.len().min(at + CHUNK)];
        if is_plain(chunk) {
            at += chunk.len();
            continue;
        }
        // A chunk may end within a character, which is looked at as a whole.
        let start = at;
        for (offset, character) in text[start..].char_indices().take_while(|(offset, _)| *offset < CHUNK) {
            if refused(character) {
                return Some((start + offset, character));
            }
            at = start + offset + character.len_utf8();
        }
    }
    None
}

/// Whether all of it is printable ASCII, line feeds and tabs.
fn is_plain(chunk: &[u8]) -> bool {
    // Numbers instead of an early end: so the compiler looks at many bytes at a time.
    let odd =
        |byte: u8| u8::from(byte.wrapping_sub(b' ') > b'~' - b' ') & u8::from(byte != b'\n') & u8::from(byte != b'\t');
    chunk.iter().fold(0, |found, byte| found | odd(*byte)) == 0
}

fn name_of(character: char) -> String {
    let code = u32::from(character);
    match character {
        '\0' => "a NUL character".into(),
        '\r' => "a carriage return".into(),
        _ if character.is_control() => format!("the control character U+{code:04X}"),
        _ => format!("the invisible character U+{code:04X}, which changes how text is shown,"),
    }
}

fn end_of(text: &str) -> Location {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    Location { line, column }
}

fn location(marker: Marker) -> Location {
    Location {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    file: &'text Path,
    /// Finished nodes that an alias may repeat, with their number of nodes.
    anchors: BTreeMap<usize, (Tree, usize)>,
    nodes: usize,
}

impl<'text> Reader<'text> {
    fn new(text: &'text str, file: &'text Path) -> Self {
        let mut options = granit_parser::options! { disallow_directives: true };
        options.set_emit_comments(false);
        let parser = Parser::new_from_str_with_options(text, options);
        Self {
            parser,
            file,
            anchors: BTreeMap::new(),
            nodes: 0,
        }
    }

    fn document(mut self) -> Result<Tree, Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, span) => {
                    return Ok(Tree {
                        at: location(span.start),
                        kind: Kind::Null,
                    });
                }
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (event, span) => {
                    let tree = self.node(event, span, 0)?;
                    return self.end().map(|()| tree);
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), span) => {
                    return Err(self
                        .problem(span, "a second document starts here")
                        .help("keep one document a file"));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Problem> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(self.scan_error(&error)),
            None => Err(Problem::new(self.file, Location::START, "the document ends too early")),
        }
    }

    fn scan_error(&self, error: &ScanError) -> Problem {
        Problem::new(self.file, location(*error.marker()), display::text(&error.info()))
    }

    fn problem(&self, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(self.file, location(span.start), message)
    }

    fn node(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Tree, Problem> {
        let before = self.nodes;
        self.count(1, span)?;
        if depth > MAX_DEPTH {
            return Err(self.problem(span, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let anchor = event.anchor_id();
        let at = location(span.start);
        self.check_tag(&event, span)?;
        let kind = match event {
            Event::Alias(id) => return self.alias(id, span),
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span)?,
            Event::SequenceStart(..) => self.sequence(depth)?,
            Event::MappingStart(..) => self.mapping(depth)?,
            _ => return Err(self.problem(span, "a value is missing here")),
        };
        let tree = Tree { at, kind };
        if let Some(id) = anchor {
            self.anchors.insert(id, (tree.clone(), self.nodes - before));
        }
        Ok(tree)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Problem> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(self.problem(
                span,
                format!("more than {MAX_NODES} nodes, those repeated by aliases included"),
            ));
        }
        Ok(())
    }

    /// Custom tags would ask for types that no entry has.
    fn check_tag(&self, event: &Event<'text>, span: Span) -> Result<(), Problem> {
        match event.tag() {
            Some(tag) if !tag.is_yaml_core_schema() && !tag.original().eq("!") => Err(self.problem(
                span,
                format!("the tag '{}' is not supported", display::text(&tag.original())),
            )),
            _ => Ok(()),
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Tree, Problem> {
        match self.anchors.get(&id).map(|(tree, nodes)| (tree.clone(), *nodes)) {
            Some((tree, nodes)) => self.count(nodes, span).map(|()| tree),
            None => Err(self.problem(span, "an alias repeats a node that contains it")),
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Result<Kind, Problem> {
        if style == ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Ok(Kind::Null);
        }
        // Escapes can make what the text of the file, which was looked at, may not hold.
        let escaped = (style == ScalarStyle::DoubleQuoted)
            .then(|| first_refused(text))
            .flatten();
        match escaped {
            Some((_, character)) => {
                Err(self.problem(span, format!("{} is not allowed in a value", name_of(character))))
            }
            None => Ok(Kind::Scalar(text.to_owned())),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Kind, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::Sequence(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Kind, Problem> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Kind::Mapping(entries));
            }
            let key = self.node(event, span, depth + 1)?;
            let Kind::Scalar(name) = key.kind else {
                return Err(self.problem(span, format!("a key must be a word, this is {}", key.noun())));
            };
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            entries.push(Entry {
                at: key.at,
                key: name,
                value,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_character_is_found_wherever_it_stands() {
        for before in ["", "x", "ä", "€", "𝄞"] {
            for length in 0..70 {
                let before = before.repeat(length) + "\t\n~";
                for refused in ['\0', '\r', '\u{7f}', '\u{202e}'] {
                    let text = format!("{before}{refused}ä\0");
                    assert_eq!(first_refused(&text), Some((before.len(), refused)), "{length}");
                }
                assert_eq!(first_refused(&before), None);
            }
        }
    }
}

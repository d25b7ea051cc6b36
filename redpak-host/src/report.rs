//! Error chains as text, the way all programs print them.

use std::error::Error;
use std::io;

/// An error and its causes on one line, each told once: `outer: inner: innermost`.
///
/// Texts of the operating system lose the `(os error N)` that Rust adds; a cause that its parent's text already
/// tells is left out.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = text(error);
    let mut cause = error.source();
    while let Some(inner) = cause {
        let told = text(inner);
        if !line.contains(&told) {
            line.push_str(": ");
            line.push_str(&told);
        }
        cause = inner.source();
    }
    line
}

/// Whether the error, or a cause of it, is a reader that went away: no failure of ours, and nobody is left to tell.
pub fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let pipe = error.downcast_ref::<io::Error>();
    pipe.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) || error.source().is_some_and(is_broken_pipe)
}

fn text(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<io::Error>() {
        Some(error) => os(error),
        None => error.to_string(),
    }
}

/// The text of an operating system error, in the style of our own: without number, lower case.
pub fn os(error: &io::Error) -> String {
    let text = error.to_string();
    let Some((message, _)) = text.split_once(" (os error ") else {
        return text;
    };
    let mut letters = message.chars();
    match letters.next() {
        Some(first) if letters.clone().next().is_none_or(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read /x")]
    struct Outer(#[source] io::Error);

    #[test]
    fn causes_stand_on_one_line_without_numbers() {
        let error = Outer(io::Error::from_raw_os_error(2));
        assert_eq!(chain(&error), "cannot read /x: no such file or directory");
    }

    #[test]
    fn a_cause_that_was_told_is_not_repeated() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Told(#[source] Outer);
        let error = Told(Outer(io::Error::other("why")));
        assert_eq!(chain(&error), "outer: cannot read /x: why");
    }

    #[test]
    fn a_broken_pipe_is_found_below() {
        assert!(is_broken_pipe(&Outer(io::ErrorKind::BrokenPipe.into())));
        assert!(!is_broken_pipe(&Outer(io::ErrorKind::NotFound.into())));
    }
}

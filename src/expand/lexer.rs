//! Cutting a text into what stands for itself, variables and commands.

use crate::expand::ExpandError;

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'text> {
    /// Bytes that stand for themselves.
    Plain(&'text [u8]),
    /// A variable.
    Variable(&'text str),
    /// A command line, not yet expanded.
    Command(&'text [u8]),
}

/// Takes the first piece off a text that is not empty.
pub fn piece(text: &[u8]) -> Result<(Piece<'_>, &[u8]), ExpandError> {
    match text {
        [b'\\', b'$', rest @ ..] => Ok((Piece::Plain(&text[1..2]), rest)),
        [b'$', b'{', rest @ ..] => braced(rest),
        [b'$', b'(', rest @ ..] => command(rest),
        [b'$', rest @ ..] => Ok(bare(text, rest)),
        _ => {
            let end = text
                .iter()
                .skip(1)
                .position(|byte| matches!(byte, b'$' | b'\\'))
                .map_or(text.len(), |at| at + 1);
            Ok((Piece::Plain(&text[..end]), &text[end..]))
        }
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The name, if all bytes may be part of one; such bytes are ASCII.
fn name(bytes: &[u8]) -> Option<&str> {
    let valid = !bytes.is_empty() && bytes.iter().copied().all(is_name);
    if valid { std::str::from_utf8(bytes).ok() } else { None }
}

fn bare<'text>(text: &'text [u8], rest: &'text [u8]) -> (Piece<'text>, &'text [u8]) {
    let end = rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
    match name(&rest[..end]) {
        Some(name) => (Piece::Variable(name), &rest[end..]),
        // A dollar sign that nothing follows.
        None => (Piece::Plain(&text[..1]), rest),
    }
}

fn braced(rest: &[u8]) -> Result<(Piece<'_>, &[u8]), ExpandError> {
    let end = rest
        .iter()
        .position(|byte| *byte == b'}')
        .ok_or(ExpandError::Unclosed("${", '}'))?;
    match name(&rest[..end]) {
        Some(name) => Ok((Piece::Variable(name), &rest[end + 1..])),
        None => Err(ExpandError::BadName(String::from_utf8_lossy(&rest[..end]).into_owned())),
    }
}

/// A command ends at its closing parenthesis; those in quotes or in pairs belong to it.
fn command(rest: &[u8]) -> Result<(Piece<'_>, &[u8]), ExpandError> {
    let mut open = 1_usize;
    let mut quote = None;
    let mut bytes = rest.iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => {
                bytes.next();
            }
            (Some(end), byte) if end == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => open += 1,
            (None, b')') => open -= 1,
            (None, _) => {}
        }
        if open == 0 {
            return Ok((Piece::Command(&rest[..at]), &rest[at + 1..]));
        }
    }
    Err(ExpandError::Unclosed("$(", ')'))
}

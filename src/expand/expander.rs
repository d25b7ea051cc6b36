//! The expansion itself.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::rc::Rc;

use crate::expand::builtins::Found;
use crate::expand::lexer::{Piece, piece};
use crate::expand::{Builtins, Command, ExpandError, NodeVariables, Runner, VARIABLES};

/// Longest result: no argument and no environment entry of Linux can be longer (`MAX_ARG_STRLEN`).
pub const MAX_LENGTH: usize = 128 * 1024;

/// Most bytes in all expansions of a family: a small text can ask for a long value very often.
pub const MAX_TOTAL: usize = 8 * 1024 * 1024;

/// Deepest chain of variables that stand for variables.
const MAX_DEPTH: usize = 64;

/// Most pieces in one expansion: variables that double each other and end in nothing would never grow too long.
const MAX_PIECES: usize = 100_000;

/// An environment, by name.
pub type Environment = BTreeMap<OsString, OsString>;

/// Expands texts with the facts, the environment and the runner that it was given.
pub struct Expander<'a> {
    builtins: &'a Builtins,
    environment: &'a Environment,
    leaf: Rc<NodeVariables>,
    runner: &'a mut dyn Runner,
    spent: usize,
}

impl std::fmt::Debug for Expander<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expander")
            .field("builtins", self.builtins)
            .field("leaf", &self.leaf)
            .finish_non_exhaustive()
    }
}

/// Where a text comes from: commands of a config are run, those that a variable's value happens to hold are not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Config,
    Environment,
}

/// The variables on the way to here, and the work done so far.
#[derive(Default)]
struct Walk {
    names: Vec<String>,
    pieces: usize,
}

impl Walk {
    fn enter(&mut self, name: &str) -> Result<(), ExpandError> {
        if let Some(first) = self.names.iter().position(|known| known == name) {
            let mut circle = self.names[first..].to_vec();
            circle.push(name.to_owned());
            return Err(ExpandError::Cycle(circle));
        }
        if self.names.len() == MAX_DEPTH {
            return Err(ExpandError::TooDeep(name.to_owned()));
        }
        self.names.push(name.to_owned());
        Ok(())
    }

    fn count(&mut self) -> Result<(), ExpandError> {
        self.pieces += 1;
        if self.pieces > MAX_PIECES {
            Err(ExpandError::TooLong)
        } else {
            Ok(())
        }
    }
}

impl<'a> Expander<'a> {
    /// An expander for the family of this leaf.
    pub fn new(
        builtins: &'a Builtins,
        environment: &'a Environment,
        leaf: NodeVariables,
        runner: &'a mut dyn Runner,
    ) -> Self {
        let leaf = Rc::new(leaf);
        Self {
            builtins,
            environment,
            leaf,
            runner,
            spent: 0,
        }
    }

    /// Expands a text that is written in a config of `node`.
    ///
    /// # Errors
    /// Cycles, unclosed brackets, failing commands, a result that is too long.
    pub fn expand(&mut self, text: &str, node: &NodeVariables) -> Result<OsString, ExpandError> {
        let mut out = Vec::new();
        self.append(&mut out, text.as_bytes(), node, From::Config, &mut Walk::default())?;
        self.spend(out.len())?;
        Ok(OsString::from_vec(out))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ExpandError> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > MAX_TOTAL {
            Err(ExpandError::TooMuch)
        } else {
            Ok(())
        }
    }

    /// Expands the variables of a command line and adds the environment that it is to run with.
    ///
    /// # Errors
    /// As [`Self::expand`].
    pub fn command(&mut self, text: &str, node: &NodeVariables) -> Result<Command, ExpandError> {
        let text = self.expand(text, node)?;
        self.with_environment(text, node)
    }

    fn with_environment(&mut self, text: OsString, node: &NodeVariables) -> Result<Command, ExpandError> {
        let mut environment = Vec::new();
        for name in VARIABLES {
            // A header that cannot be expanded must not fail commands that have no use for it.
            let value = self.builtin(name, node).unwrap_or_default();
            self.spend(value.len())?;
            environment.push((name.into(), value));
        }
        Ok(Command { text, environment })
    }

    /// The value of a built-in as a command sees it: headers as they are written.
    fn builtin(&self, name: &str, node: &NodeVariables) -> Option<OsString> {
        Some(match self.builtins.find(name, node, &self.leaf)? {
            Found::Fact(value) => value,
            Found::Header(text, _) => text.to_owned(),
        })
    }

    fn append(
        &mut self,
        out: &mut Vec<u8>,
        mut text: &[u8],
        node: &NodeVariables,
        from: From,
        walk: &mut Walk,
    ) -> Result<(), ExpandError> {
        while !text.is_empty() {
            walk.count()?;
            let (found, rest) = match piece(text) {
                Ok(found) => found,
                // The value of a variable is no text of ours: a bracket left open in it is just a bracket.
                Err(_) if from == From::Environment => (Piece::Plain(text), &[][..]),
                Err(error) => return Err(error),
            };
            match found {
                Piece::Plain(bytes) => out.extend_from_slice(bytes),
                Piece::Variable(name) => self.variable(out, name, node, walk)?,
                Piece::Command(_) if from == From::Environment => {
                    out.extend_from_slice(&text[..text.len() - rest.len()]);
                }
                Piece::Command(line) => self.substitute(out, line, node, walk)?,
            }
            if out.len() > MAX_LENGTH {
                return Err(ExpandError::TooLong);
            }
            text = rest;
        }
        Ok(())
    }

    fn variable(
        &mut self,
        out: &mut Vec<u8>,
        name: &str,
        node: &NodeVariables,
        walk: &mut Walk,
    ) -> Result<(), ExpandError> {
        walk.enter(name)?;
        let leaf = Rc::clone(&self.leaf);
        match self.builtins.find(name, node, &leaf) {
            Some(Found::Fact(value)) => out.extend_from_slice(value.as_bytes()),
            Some(Found::Header(text, whose)) => self.append(out, text.as_bytes(), whose, From::Config, walk)?,
            None => {
                if let Some(value) = self.environment.get(OsStr::new(name)) {
                    self.append(out, value.as_bytes(), node, From::Environment, walk)?;
                }
            }
        }
        walk.names.pop();
        Ok(())
    }

    fn substitute(
        &mut self,
        out: &mut Vec<u8>,
        line: &[u8],
        node: &NodeVariables,
        walk: &mut Walk,
    ) -> Result<(), ExpandError> {
        let mut expanded = Vec::new();
        self.append(&mut expanded, line, node, From::Config, walk)?;
        let command = self.with_environment(OsString::from_vec(expanded), node)?;
        let output = self.runner.run(&command).map_err(|reason| ExpandError::Command {
            command: command.text.clone(),
            reason,
        })?;
        if output.contains(&0) {
            return Err(ExpandError::Nul(command.text));
        }
        // As in a shell, the line ends at the end are not part of the value.
        let end = output
            .iter()
            .rposition(|byte| *byte != b'\n')
            .map_or(0, |last| last + 1);
        out.extend_from_slice(&output[..end]);
        Ok(())
    }
}

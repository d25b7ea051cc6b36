//! `environ`: keyed by the variable's name, with the precedence of exports.

use crate::config::{EnvironMode, Variable};
use crate::display;
use crate::location::{Located, Location};
use crate::merge::accumulate::{Keyed, accumulate};
use crate::merge::layer::Layer;
use crate::merge::{Context, Entry, Finding, MergedVariable, VariableValue};

/// Applies the rule; oldest node first, file order within a node.
pub fn merge(layers: &[Layer<'_>], context: &mut Context<'_>) -> Vec<Entry<MergedVariable>> {
    let all = layers
        .iter()
        .flat_map(|layer| layer.config.environ.iter().map(move |variable| key(layer, variable)));
    let winners = accumulate(all.collect(), context);
    winners
        .into_iter()
        .filter_map(|winner| finish(winner, context))
        .collect()
}

fn key<'l>(layer: &'l Layer<'l>, variable: &'l Located<Variable>) -> Keyed<'l, &'l Variable> {
    let name = &variable.key.value;
    let (key, shown) = (name.as_bytes().to_vec(), display::text(name));
    Keyed {
        key,
        shown,
        layer,
        origin: layer.origin(variable.at),
        value: &variable.value,
        overrides: Vec::new(),
    }
}

/// Only what counts is expanded: commands of a variable that was replaced are never run.
fn finish(winner: Keyed<'_, &Variable>, context: &mut Context<'_>) -> Option<Entry<MergedVariable>> {
    let Keyed {
        shown,
        layer,
        origin,
        value: written,
        overrides,
        ..
    } = winner;
    let value = value(written, &shown, layer, context)?;
    if let Some(warn) = &written.warn {
        context
            .warnings
            .push(Finding::new(&shown, display::text(warn), origin.clone()));
    }
    let text = written
        .value
        .as_ref()
        .map(|value| value.value.clone())
        .unwrap_or_default();
    let value = MergedVariable {
        key: written.key.value.clone(),
        value,
        written: written.clone(),
    };
    Some(Entry {
        value,
        written: text,
        origin,
        overrides,
    })
}

fn value(variable: &Variable, shown: &str, layer: &Layer<'_>, context: &mut Context<'_>) -> Option<VariableValue> {
    let empty = Located::new(String::new(), Location::START);
    let text = variable.value.as_ref().unwrap_or(&empty);
    match variable.mode() {
        EnvironMode::Default => context.expand(shown, text, layer).map(VariableValue::Text),
        EnvironMode::Static => Some(VariableValue::Text(text.value.clone().into())),
        EnvironMode::Execfd => {
            let command = context.expander.command(text, &layer.variables);
            context
                .noted(shown, command, text.at, layer)
                .map(VariableValue::Command)
        }
        EnvironMode::Inherit => Some(VariableValue::Inherit),
        EnvironMode::Remove => Some(VariableValue::Remove),
    }
}

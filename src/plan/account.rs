//! Who the program runs as, outside: before bubblewrap is started.

use crate::merge::{Entry, Finding};
use crate::plan::build::Builder;

/// User, group and SMACK label.
pub fn prepare(builder: &mut Builder<'_>) {
    let facts = builder.facts;
    if let Some(user) = &facts.user {
        builder.preparation.user = resolved(builder, "set-user", user.clone());
    }
    if let Some(group) = &facts.group {
        builder.preparation.group = resolved(builder, "set-group", group.clone());
    }
    smack(builder);
}

fn resolved<T>(builder: &mut Builder<'_>, key: &str, answer: Result<T, String>) -> Option<T> {
    let accounts = &builder.merged.tags.accounts;
    let tag = if key == "set-user" {
        &accounts.user
    } else {
        &accounts.group
    };
    let places = tag.iter().map(|entry| entry.origin.clone()).collect();
    answer
        .map_err(|message| {
            builder.errors.push(Finding {
                key: key.into(),
                message,
                places,
            })
        })
        .ok()
}

fn smack(builder: &mut Builder<'_>) {
    let tag = &builder.merged.tags.smack;
    let label = builder
        .request
        .smack
        .clone()
        .or_else(|| tag.as_ref().map(|entry: &Entry<_>| entry.value.clone()));
    if label.is_some() && !builder.facts.smack {
        let places = tag.iter().map(|entry| entry.origin.clone()).collect();
        let message = "the kernel does not enforce SMACK labels, the label is left out".into();
        builder.warnings.push(Finding {
            key: "smack".into(),
            message,
            places,
        });
        return;
    }
    builder.preparation.smack = label;
}

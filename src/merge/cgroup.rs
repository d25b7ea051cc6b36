//! `cgroups`: never merged, one control group per node; an admin config's limits stand in for its node's normal ones.

use crate::config::{Cgroups, Cpu, Cpuset, Io, Memory, Pids};
use crate::location::Located;
use crate::merge::column::{Cell, Column};
use crate::merge::{Context, Finding, MergedCgroup};

type Text = Option<Located<String>>;

/// Applies the rule.
pub fn per_node(column: &Column<'_, Cgroups>, context: &mut Context<'_>) -> Vec<MergedCgroup> {
    let mut groups: Vec<MergedCgroup> = Vec::new();
    for cell in column {
        let Some(node) = cell.layer.node else {
            let message = "limits of the main config are ignored, a control group belongs to a node";
            context.warnings.push(Finding::new("cgroups", message, cell.origin()));
            continue;
        };
        // In a node the admin layer follows the normal one.
        groups.retain(|group| group.node != node);
        groups.push(MergedCgroup {
            node,
            limits: expand(cell, context),
            origin: cell.origin(),
        });
    }
    groups
}

fn expand(cell: &Cell<'_, Cgroups>, context: &mut Context<'_>) -> Cgroups {
    let mut text = |text: Text| -> Text {
        let text = text?;
        let expanded = context.expand("cgroups", &text, cell.layer)?;
        // The kernel takes numbers, lists and words here, all of them ASCII.
        Some(Located::new(expanded.to_string_lossy().into_owned(), text.at))
    };
    let Cgroups {
        cpuset,
        cpu,
        mem,
        io,
        pids,
    } = cell.value.value.clone();
    Cgroups {
        cpuset: cpuset.map(|group| {
            group.map(
                |Cpuset {
                     cpus,
                     mems,
                     cpus_partition,
                 }| {
                    Cpuset {
                        cpus: text(cpus),
                        mems: text(mems),
                        cpus_partition: text(cpus_partition),
                    }
                },
            )
        }),
        cpu: cpu.map(|group| {
            group.map(
                |Cpu {
                     max,
                     weight,
                     weight_nice,
                 }| {
                    Cpu {
                        max: text(max),
                        weight: text(weight),
                        weight_nice: text(weight_nice),
                    }
                },
            )
        }),
        mem: mem.map(|group| {
            group.map(
                |Memory {
                     min,
                     low,
                     high,
                     max,
                     oom_group,
                     swap_high,
                     swap_max,
                 }| Memory {
                    min: text(min),
                    low: text(low),
                    high: text(high),
                    max: text(max),
                    oom_group: text(oom_group),
                    swap_high: text(swap_high),
                    swap_max: text(swap_max),
                },
            )
        }),
        io: io.map(|group| {
            group.map(
                |Io {
                     weight,
                     max,
                     cost_qos,
                     cost_model,
                 }| {
                    Io {
                        weight: text(weight),
                        max: text(max),
                        cost_qos: text(cost_qos),
                        cost_model: text(cost_model),
                    }
                },
            )
        }),
        pids: pids.map(|group| group.map(|Pids { max }| Pids { max: text(max) })),
    }
}

//! Control groups: one per node of the family, nested.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::config::{Cgroups, Cpu, Cpuset, Io, Memory, Pids};
use crate::display;
use crate::location::Located;
use crate::merge::{MergedCgroup, Origin};
use crate::plan::ControlGroup;
use crate::plan::build::Builder;

/// Group that the launcher moves into, with whoever is in its own group, when the nodes' groups are made there.
pub const CALLERS: &str = "redwrap-callers";

/// Longest name given to a control group: NAME_MAX, less room for a suffix.
const MAX_NAME: usize = 240;

/// Plans the groups, if any node sets limits: then every node has its group, so that the kernel nests them.
pub fn prepare(builder: &mut Builder<'_>) {
    let merged = builder.merged;
    let Some(first) = merged.tags.cgroups.first() else {
        return;
    };
    let Some(mut directory) = root(builder, &first.origin) else {
        return;
    };
    for (index, node) in merged.nodes.iter().enumerate() {
        directory.push(name(&node.path, merged.admin));
        let limits = merged.tags.cgroups.iter().find(|group| group.node == index);
        let values = limits.map(|group| values(builder, group)).unwrap_or_default();
        builder.preparation.control_groups.push(ControlGroup {
            directory: directory.clone(),
            values,
        });
    }
}

fn root(builder: &mut Builder<'_>, origin: &Origin) -> Option<PathBuf> {
    if let Some(entry) = &builder.merged.tags.cgrouproot {
        return Some(entry.value.clone());
    }
    match &builder.facts.own_cgroup {
        Some(Ok(directory)) => return Some(directory.clone()),
        Some(Err(reason)) => builder.error("cgroups", reason.clone(), origin),
        None => builder.error("cgroups", "the launcher's own control group was not looked up", origin),
    }
    None
}

/// The node's path with `/` turned into `-`; a path that is too long keeps its end and gets a digest.
pub fn name(path: &Path, admin: bool) -> OsString {
    let mut name: Vec<u8> = path
        .as_os_str()
        .as_bytes()
        .iter()
        .map(|byte| if *byte == b'/' { b'-' } else { *byte })
        .collect();
    if name.len() > MAX_NAME {
        let digest = format!("{:016x}", fnv(&name));
        name = [digest.as_bytes(), &name[name.len() - MAX_NAME + digest.len()..]].concat();
    }
    if admin {
        name.extend_from_slice(b".admin");
    }
    OsString::from_vec(name)
}

/// FNV-1a, 64 bits: keeps names of long paths apart, nothing rests on it for safety.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

type Values = Vec<(&'static str, String)>;

fn values(builder: &mut Builder<'_>, group: &MergedCgroup) -> Values {
    let Cgroups {
        cpuset,
        cpu,
        mem,
        io,
        pids,
    } = &group.limits;
    let mut values = Values::new();
    let mut put = |file: &'static str, text: &Option<Located<String>>| {
        values.extend(text.as_ref().map(|text| (file, text.value.clone())));
    };
    if let Some(Located {
        value: Cpuset {
            cpus,
            mems,
            cpus_partition,
        },
        ..
    }) = cpuset
    {
        put("cpuset.cpus", cpus);
        put("cpuset.mems", mems);
        put("cpuset.cpus.partition", cpus_partition);
    }
    if let Some(Located {
        value: Cpu {
            max,
            weight,
            weight_nice,
        },
        ..
    }) = cpu
    {
        put("cpu.max", max);
        put("cpu.weight", weight);
        put("cpu.weight.nice", weight_nice);
    }
    if let Some(Located {
        value:
            Memory {
                min,
                low,
                high,
                max,
                oom_group,
                swap_high,
                swap_max,
            },
        ..
    }) = mem
    {
        put("memory.min", min);
        put("memory.low", low);
        put("memory.high", high);
        put("memory.max", max);
        put("memory.oom.group", &oom_flag(builder, group, oom_group));
        put("memory.swap.high", swap_high);
        put("memory.swap.max", swap_max);
    }
    if let Some(Located {
        value: Io {
            weight,
            max,
            cost_qos,
            cost_model,
        },
        ..
    }) = io
    {
        put("io.weight", weight);
        put("io.max", &max.clone().map(|max| max.map(|text| plain_bytes(&text))));
        put("io.cost.qos", cost_qos);
        put("io.cost.model", cost_model);
    }
    if let Some(Located {
        value: Pids { max }, ..
    }) = pids
    {
        put("pids.max", max);
    }
    values
}

/// The kernel takes 0 or 1 here and refuses other numbers, which older configs have.
fn oom_flag(
    builder: &mut Builder<'_>,
    group: &MergedCgroup,
    text: &Option<Located<String>>,
) -> Option<Located<String>> {
    let text = text.clone()?;
    match text.parse::<u64>() {
        Ok(number) if number > 1 => {
            let origin = Origin {
                at: text.at,
                ..group.origin.clone()
            };
            builder.warning(
                "oom_group",
                format!("{} is taken as 1, the kernel knows 0 and 1", display::text(&text)),
                &origin,
            );
            Some(text.map(|_| "1".to_owned()))
        }
        _ => Some(text),
    }
}

/// `io.max` is the one file for bytes that knows no K, M and G.
fn plain_bytes(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(plain_limit).collect();
    words.join(" ")
}

fn plain_limit(word: &str) -> String {
    let Some((key @ ("rbps" | "wbps"), amount)) = word.split_once('=') else {
        return word.to_owned();
    };
    let digits = amount.trim_end_matches(|last: char| last.is_ascii_alphabetic());
    let shift = match &amount[digits.len()..] {
        "K" | "k" => 10,
        "M" | "m" => 20,
        "G" | "g" => 30,
        _ => return word.to_owned(),
    };
    let bytes = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift));
    bytes.map_or_else(|| word.to_owned(), |bytes| format!("{key}={bytes}"))
}

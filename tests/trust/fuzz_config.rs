//! Random configs: whatever an attacker writes, the loader, the expander and the merger answer at once, within their memory,
//! and never panic.
//!
//! Runs for a few seconds with every other test. `REDPAK_FUZZ_SECONDS=600` makes it a long run, `REDPAK_FUZZ_SEED=N` repeats
//! one; the seed is printed, and the inputs at which it fails are too.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redpak::config::{Config, Source, parse_bytes};
use redpak::expand::{Builtins, Command, Environment};
use redpak::merge::{Surroundings, merge};
use redpak::node::{Family, Node, State, Status};
use redpak::plan::{Facts, Request, build, questions};

/// Longest that one family may take, also on a busy machine.
const LONGEST: Duration = Duration::from_secs(2);
/// Most memory that all of it may take, beyond what the test program had before.
const MOST_MEMORY: u64 = 64 << 20;

/// What mutations put in: the schema's words, YAML's marks, and what expansion looks for.
const PIECES: &[&str] = &[
    "headers:",
    "alias:",
    "config:",
    "exports:",
    "environ:",
    "mode:",
    "mount:",
    "path:",
    "key:",
    "value:",
    "cgroups:",
    "mem:",
    "max:",
    "capabilities:",
    "cap:",
    "add:",
    "share_all:",
    "share_net:",
    "export_roots:",
    "umask:",
    "gpgcheck:",
    "Enabled",
    "Disabled",
    "Unset",
    "Restricted",
    "Public",
    "Symlink",
    "Execfd",
    "Internal",
    "Remove",
    "Inherit",
    "Static",
    "ALL",
    "CAP_SYS_ADMIN",
    "$NODE_PATH",
    "${LEAF_ALIAS}",
    "$(echo hi)",
    "$($(echo x))",
    "${A}",
    "$A",
    "\\$",
    "$(",
    "${",
    "$",
    "\n",
    "\n  ",
    "\n- ",
    "\n  - ",
    ": ",
    " #",
    "|",
    ">",
    "|+\n ",
    "'",
    "\"",
    "\\u202e",
    "\\x00",
    "&a ",
    "*a",
    "&a [*a]",
    "<<: *a",
    "!!str ",
    "!x ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{202e}",
    "~",
    "null",
    "yes",
    "0x10",
    "1e999",
    "-1",
    "99999999999999999999",
    "0777",
    "é",
    "\u{85}",
    "\u{2028}",
];

/// A small generator (xorshift64*, Vigna 2016): the same numbers for the same seed on every machine.
struct Random(Cell<u64>);

impl Random {
    fn next(&self) -> u64 {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&self, from: &'a [&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// The shipped templates, and documents that are meant to hurt.
fn corpus() -> Vec<Vec<u8>> {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates.d");
    let mut texts: Vec<Vec<u8>> = fs::read_dir(templates)
        .expect("the templates")
        .map(|entry| fs::read(entry.expect("readable").path()).expect("a template"))
        .collect();
    texts.sort();
    let bomb: String = (1..9).fold("a0: &a0 [x,x]\n".to_owned(), |text, level| {
        let below = format!("*a{},", level - 1).repeat(9);
        text + &format!("a{level}: &a{level} [{below}]\n")
    });
    let cycle = "headers: {alias: x}\nenviron:\n- {key: A, value: $B}\n- {key: B, value: $A}\nconfig: {path: $PATH:$A:${A}$B}\n";
    let many: String = (0..3000)
        .map(|n| format!("- {{mode: Anonymous, mount: /m{n}}}\n"))
        .collect();
    texts.extend([
        bomb.into_bytes(),
        cycle.into(),
        format!("headers: {{alias: x}}\nexports:\n{many}").into_bytes(),
        "[".repeat(4000).into_bytes(),
        format!("headers: {{alias: x, info: '{}'}}\n", "$(".repeat(500)).into_bytes(),
        format!("headers: {{alias: x}}\nconfig: {{path: '{}'}}\n", "$A".repeat(5000)).into_bytes(),
    ]);
    texts
}

fn mutate(random: &Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut text = corpus[random.below(corpus.len())].clone();
    for _ in 0..random.below(12) {
        let at = random.below(text.len() + 1);
        let end = (at + random.below(80)).min(text.len());
        match random.below(7) {
            0 | 1 => drop(text.splice(at..at, random.pick(PIECES).bytes())),
            2 => drop(text.drain(at..end)),
            3 => {
                let piece = text[at..end].repeat(1 + random.below(40));
                drop(text.splice(at..at, piece));
            }
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                let piece = other[from..(from + random.below(400)).min(other.len())].to_vec();
                drop(text.splice(at..end, piece));
            }
            5 if at < text.len() => text[at] ^= 1 << random.below(8),
            _ => drop(text.splice(at..end, random.pick(PIECES).bytes())),
        }
    }
    text
}

/// Reads, prints and reads again, merges with its ancestors, expands and plans.
fn put_through(texts: &[Vec<u8>], answer: &[u8]) {
    let read = |(index, text): (usize, &Vec<u8>)| parse_bytes(text, Path::new(&format!("/pool/{index}.yaml"))).ok();
    let sources: Vec<Source> = texts.iter().enumerate().filter_map(read).collect();
    for source in &sources {
        let printed = source.config.to_yaml();
        let again = parse_bytes(printed.as_bytes(), Path::new("/printed")).map(|source| source.config);
        assert!(again.as_ref() == Ok(&source.config), "{again:?} of\n{printed}");
    }
    if sources.is_empty() {
        return;
    }
    let family = family(sources);
    let builtins = Builtins::default();
    let environment: Environment = [("A".into(), "$B".into()), ("B".into(), "b".into())].into();
    for admin in [false, true] {
        let mut runner = |_: &Command| Ok(answer.to_vec());
        let surroundings = Surroundings {
            builtins: &builtins,
            environment: &environment,
            runner: &mut runner,
        };
        let Ok(merged) = merge(&family, admin, surroundings) else {
            continue;
        };
        let _: Config = merged.to_config(true);
        let request = Request {
            program: vec!["true".into()],
            ..Request::default()
        };
        let asked = questions(&merged, &request);
        let outputs = asked.commands.into_iter().map(|command| (command, Ok(answer.to_vec())));
        let facts = Facts {
            outputs: outputs.collect(),
            ..Facts::default()
        };
        let _ = build(&merged, &facts, &request);
    }
}

fn family(sources: Vec<Source>) -> Family {
    let mut path = PathBuf::from("/pool");
    let nodes = sources.into_iter().enumerate().map(|(index, config)| {
        path.push(format!("n{index}"));
        Node {
            path: path.clone(),
            status: Status::new(State::Enable, &path, 0, ""),
            admin: (index == 1).then(|| config.clone()),
            config,
        }
    });
    Family {
        nodes: nodes.collect(),
        system: false,
        main: None,
        main_admin: None,
    }
}

/// The most memory that this process has had, in bytes: `VmHWM` of proc_pid_status(5).
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("VmHWM");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn no_config_makes_the_loader_expander_or_merger_panic_hang_or_eat_memory() {
    let time = Duration::from_secs(number("REDPAK_FUZZ_SECONDS").unwrap_or(5));
    let seed = number("REDPAK_FUZZ_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970");
        now.as_nanos() as u64 | 1
    });
    // Past the test runner's capture: a long run is to be repeatable even when it is killed.
    let tell = |line: String| {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "{line}");
    };
    tell(format!("fuzz: REDPAK_FUZZ_SEED={seed}"));
    let random = Random(Cell::new(seed | 1));
    let corpus = corpus();
    let (start, before) = (Instant::now(), peak());
    let (mut families, mut longest) = (0_u64, Duration::ZERO);
    while start.elapsed() < time {
        let texts: Vec<Vec<u8>> = (0..=random.below(3)).map(|_| mutate(&random, &corpus)).collect();
        let answer = mutate(&random, &corpus);
        let began = Instant::now();
        let result = std::panic::catch_unwind(|| put_through(&texts, &answer));
        let took = began.elapsed();
        longest = longest.max(took);
        families += 1;
        let used = peak().saturating_sub(before);
        if result.is_err() || took > LONGEST || used > MOST_MEMORY {
            let texts: Vec<_> = texts.iter().map(|text| String::from_utf8_lossy(text)).collect();
            panic!(
                "seed {seed}, family {families}: {took:?}, {used} bytes:\n{}",
                texts.join("\n=====\n")
            );
        }
    }
    let used = peak().saturating_sub(before) >> 10;
    tell(format!(
        "fuzz: {families} families, the slowest in {longest:?}, {used} KiB of memory at most"
    ));
}

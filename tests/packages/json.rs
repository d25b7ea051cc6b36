//! `--json` of the queries for which dnf5 has none, held against what docs/json.md says.

use redpak_testing::{Outcome, Package, Pool, Repository, User};
use serde_json::{Value, json};

const NODE: &str = "alone";

const COMPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<comps>
<group><id>office</id><name>Office</name><description>Office things</description><uservisible>true</uservisible><packagelist>
<packagereq type="mandatory">editor</packagereq><packagereq type="default">lib</packagereq>
<packagereq type="optional">painter</packagereq></packagelist></group>
<environment><id>desktop</id><name>Desktop</name><description>A desktop</description>
<grouplist><groupid>office</groupid></grouplist></environment>
</comps>
"#;

const ADVISORIES: &str = r#"<updates>
<update from="x" status="final" type="security" version="1"><id>A-1</id><title>Lib</title><severity>Important</severity>
<issued date="2023-11-14 22:13:20"/><description>d</description><pkglist><collection short="c"><name>c</name>
<package name="lib" version="2" release="1" epoch="1" arch="noarch"><filename>lib-2-1.noarch.rpm</filename></package>
</collection></pkglist></update>
<update from="x" status="final" type="newpackage" version="1"><id>A-2</id><title>Lib</title><severity>None</severity>
<issued date="2023-11-14 22:13:20"/><description>d</description><pkglist><collection short="c"><name>c</name>
<package name="lib" version="2" release="1" epoch="1" arch="noarch"><filename>lib-2-1.noarch.rpm</filename></package>
</collection></pkglist></update>
</updates>
"#;

/// A repository of all sorts, and a node that has some of it.
struct Shop {
    pool: Pool,
    repository: Repository,
}

impl Shop {
    fn new() -> Self {
        let old = "* Mon Nov 13 2023 A <a@b.c> - 1-1\n- first\n";
        let new = format!("* Tue Nov 14 2023 A <a@b.c> - 2-1\n- second\n\n{old}");
        let lib = |evr: &str, changelog: &str| Package::new("lib", evr).section("changelog", changelog);
        let repository = Repository::new(&[
            lib("1:1-1", old).provides("libx = 1"),
            lib("1:2-1", &new).provides("libx = 2"),
            Package::new("editor", "1-1")
                .requires("libx")
                .summary("Edits \u{202e}text")
                .tag("URL", "https://example.invalid/editor")
                .file("/usr/bin/editor", "e"),
        ]);
        repository.comps(COMPS);
        repository.advisories(ADVISORIES);
        repository.modules(&module());
        let pool = Pool::new(&User::current());
        pool.create(NODE);
        pool.repository(NODE, "made", &repository.repo_file("made"));
        pool.install(NODE, &["editor", "lib-1:1-1"]);
        Self { pool, repository }
    }

    fn run(&self, words: &str) -> Outcome {
        self.pool.dnf(NODE).args(words.split(' ')).run()
    }

    /// What a command that succeeds says in JSON.
    #[track_caller]
    fn says(&self, words: &str) -> Value {
        parsed(&self.run(words).success())
    }
}

fn module() -> String {
    format!(
        "---\ndocument: modulemd\nversion: 2\ndata:\n  name: mod\n  stream: one\n  version: 1\n  context: abcd1234\n  arch: {}\n  \
         summary: A module\n  description: A module of a test\n  license: {{module: [MIT]}}\n  profiles:\n    default: \
         {{rpms: [inside]}}\n  artifacts: {{rpms: [\"inside-0:1-1.noarch\"]}}\n...\n---\ndocument: \
         modulemd-defaults\nversion: 1\ndata:\n  module: mod\n  stream: one\n  profiles: {{one: [default]}}\n...\n",
        std::env::consts::ARCH
    )
}

/// All of the standard output is one value.
#[track_caller]
fn parsed(outcome: &Outcome) -> Value {
    let text = outcome.out();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{}", outcome.report()))
}

/// A package, with fields of the command's own.
fn package(name: &str, evr: &str, is_installed: bool, more: Value) -> Value {
    let (epoch, rest) = evr.split_once(':').unwrap_or(("0", evr));
    let (version, release) = rest.split_once('-').expect("a version and a release");
    let mut package = json!({
        "name": name, "epoch": epoch, "version": version, "release": release, "arch": "noarch", "evr": evr,
        "nevra": format!("{name}-{evr}.noarch"), "repository": "made", "is_installed": is_installed,
    });
    let fields = package.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    package
}

#[test]
fn packages() {
    let shop = Shop::new();
    let editor = |more| package("editor", "1-1", true, more);
    let lib = |more| package("lib", "1:1-1", true, more);

    assert_eq!(
        shop.says("repoquery --installed --json"),
        json!([editor(json!({})), lib(json!({}))])
    );
    let required = shop.says("repoquery --installed --requires --json editor");
    let requires = required[0]["requires"].as_array().expect("a list");
    assert!(requires.contains(&json!("libx")), "{required}");
    assert_eq!(
        shop.says("repoquery --files --json editor"),
        json!([package("editor", "1-1", false, json!({"files": ["/usr/bin/editor"]}))])
    );
    let info = shop.says("repoquery --installed --info --json editor");
    assert_eq!(info[0]["url"], "https://example.invalid/editor");
    assert_eq!(info[0]["summary"], "Edits \u{202e}text");
    assert!(
        info[0]["installsize"].is_u64() && info[0]["buildtime"].is_u64(),
        "{info}"
    );
    shop.run("repoquery --json --queryformat=%{name}")
        .check(|outcome| outcome.code() == 2, "exit status 2");

    let found = shop.says("search --json edit");
    let matched = json!([{"field": "name", "exact": false}, {"field": "summary", "exact": false}]);
    let summary = "Edits \u{202e}text";
    let any = found.as_array().expect("a list").iter();
    assert!(
        any.clone()
            .all(|found| found["matched"] == matched && found["summary"] == summary && found["name"] == "editor"),
        "{found}"
    );
    assert!(any.len() > 0, "{found}");
    let raw = shop.run("search --json edit").out();
    assert!(raw.contains("Edits \\u202etext"), "{raw}");

    let provided = shop.says("provides --json libx");
    let expected = json!({"spec": "libx", "matched_by": "provides"});
    for is in [lib(expected.clone()), package("lib", "1:2-1", false, expected)] {
        assert!(provided.as_array().expect("a list").contains(&is), "{is} in {provided}");
    }
    assert_eq!(shop.says("provides --json editor")[0]["matched_by"], "provides");
    assert_eq!(
        shop.says("provides --json /usr/bin/editor")[0]["matched_by"],
        "filename"
    );

    assert_eq!(shop.says("leaves --json"), json!([[editor(json!({}))]]));
}

#[test]
fn changelogs() {
    let shop = Shop::new();
    let [first, second] = [("1-1", "- first", 1_699_876_800), ("2-1", "- second", 1_699_963_200)]
        .map(|(version, text, timestamp)| json!({"timestamp": timestamp, "author": format!("A <a@b.c> - {version}"), "text": text}));
    let new = |entries| package("lib", "1:2-1", false, json!({"changelogs": entries}));
    assert_eq!(
        shop.says("changelog --json lib-1:2-1"),
        json!([new(json!([second, first]))])
    );
    assert_eq!(
        shop.says("changelog --json --count=1 lib-1:2-1"),
        json!([new(json!([second]))])
    );
    assert_eq!(shop.says("changelog --json --upgrades"), json!([new(json!([second]))]));
    // As many entries as the text has.
    for words in [
        "",
        " --count=1",
        " --count=-1",
        " --since=2023-11-14",
        " --since=2023-11-15",
        " --upgrades",
    ] {
        let text = shop.run(&format!("changelog{words}")).success().out();
        let all = shop.says(&format!("changelog --json{words}"));
        let packages = all.as_array().expect("a list").iter();
        let entries: usize = packages
            .map(|package| package["changelogs"].as_array().map_or(0, Vec::len))
            .sum();
        assert_eq!(
            entries,
            text.lines().filter(|line| line.starts_with("* ")).count(),
            "{words}: {text}{all}"
        );
    }
    let asked = shop.says("repoquery --changelogs --json lib-1:2-1");
    assert_eq!(asked, json!([new(json!([second, first]))]));
}

#[test]
fn groups_modules_advisories_and_numbers() {
    let shop = Shop::new();
    let office = json!({"id": "office", "name": "Office", "is_installed": false, "is_uservisible": true});
    assert_eq!(shop.says("group list --json"), json!([office]));
    let info = shop.says("group info --json office");
    assert_eq!(info[0]["description"], "Office things");
    assert_eq!(info[0]["mandatory_packages"], json!(["editor"]));
    assert_eq!(info[0]["default_packages"], json!(["lib"]));
    assert_eq!(info[0]["optional_packages"], json!(["painter"]));
    assert_eq!(info[0]["conditional_packages"], json!([]));

    let desktop = json!({"id": "desktop", "name": "Desktop", "is_installed": false});
    assert_eq!(shop.says("environment list --json"), json!([desktop]));
    let info = shop.says("environment info --json");
    assert_eq!(info[0]["groups"], json!(["office"]));
    assert_eq!(info[0]["description"], "A desktop");

    let listed = json!([{
        "name": "mod", "stream": "one", "version": "1", "context": "abcd1234", "arch": std::env::consts::ARCH,
        "repository": "made", "status": "available", "summary": "A module",
        "profiles": [{"name": "default", "is_default": true}],
    }]);
    assert_eq!(shop.says("module list --json"), listed);
    let info = shop.says("module info --json mod:one");
    assert_eq!(info[0]["description"], "A module of a test");
    assert_eq!(info[0]["profiles"][0]["packages"], json!(["inside"]));
    shop.run("-y module enable mod:one").success();
    assert_eq!(shop.says("module list --json --enabled")[0]["status"], "enabled");

    let security = json!({"total": 1, "critical": 0, "important": 1, "moderate": 0, "low": 0, "other": 0});
    let summary = json!({"security": security, "bugfix": 0, "enhancement": 0, "other": 1});
    assert_eq!(shop.says("advisory summary --json"), summary);

    let status = shop.says("status --json");
    assert_eq!(status["groups"], json!({"installed": 0, "available": 1}));
    assert_eq!(status["environments"], json!({"installed": 0, "available": 1}));
    assert_eq!(status["packages"], json!({"installed": 2, "available": 3}));
    assert_eq!(status["user_installed_packages"], 2);
    assert_eq!(status["installed_size"], 1);
    assert_eq!(status["enabled_repositories"], 1);
    assert!(status["last_transaction"].is_i64(), "{status}");
}

#[test]
fn what_the_node_keeps() {
    let shop = Shop::new();
    assert_eq!(shop.says("check --json"), json!([]));
    shop.run("versionlock add lib").success();
    let locks = shop.says("versionlock list --json");
    let condition = json!([{"key": "evr", "comparator": "=", "value": "1:1-1"}]);
    assert_eq!(
        (&locks[0]["name"], &locks[0]["conditions"]),
        (&json!("lib"), &condition)
    );
    assert!(
        locks[0]["comment"]
            .as_str()
            .is_some_and(|comment| comment.starts_with("Added by")),
        "{locks}"
    );

    shop.run("versionlock clear").success();
    shop.run("-y upgrade --offline lib").success();
    let stored = shop.says("offline status --json");
    assert_eq!(stored[0]["is_valid"], true, "{stored}");
    assert!(
        stored[0]["command_line"]
            .as_str()
            .is_some_and(|line| line.contains("upgrade")),
        "{stored}"
    );
    assert_eq!(stored[0]["status"], "download-complete", "{stored}");

    let path = shop.repository.path().display().to_string();
    let newest = shop.says(&format!("repomanage --json {path}"));
    assert_eq!(
        newest,
        json!([
            format!("{path}/editor-1-1.noarch.rpm"),
            format!("{path}/lib-2-1.noarch.rpm")
        ])
    );
}

#[test]
fn a_problem_is_told_with_its_exit_status() {
    let shop = Shop::new();
    let broken = Repository::new(&[Package::new("broken", "1-1").requires("nowhere")]);
    let file = broken.file(&Package::new("broken", "1-1"));
    redpak_testing::register_with_rpm(&shop.pool.node(NODE), &[file]);
    let outcome = shop
        .run("check --json")
        .exits(1)
        .complains("Check discovered 1 problem(s) in 1 package(s)");
    let problem = json!({"type": "missing_require", "dependency": "nowhere"});
    assert_eq!(
        parsed(&outcome),
        json!([{"package": "broken-0:1-1.noarch", "problems": [problem]}])
    );
}

#[test]
fn nothing_is_an_empty_list() {
    let pool = Pool::new(&User::current());
    pool.create(NODE);
    let commands = [
        ("repoquery --json nosuch", 0),
        ("search --json nosuch", 0),
        ("provides --json nosuch", 1),
        ("leaves --json", 0),
        ("changelog --json", 0),
        ("check --json", 0),
        ("group list --json", 0),
        ("group info --json nosuch", 0),
        ("environment list --json", 0),
        ("environment info --json", 0),
        ("module list --json", 0),
        ("module info --json nosuch", 0),
        ("versionlock list --json", 0),
        ("offline status --json", 0),
    ];
    for (words, status) in commands {
        let outcome = pool.dnf(NODE).args(words.split(' ')).run().exits(status);
        assert_eq!(outcome.out(), "[]\n", "{words}: {}", outcome.report());
    }
    let status = parsed(&pool.dnf(NODE).args(["status", "--json"]).run().success());
    assert_eq!(status["last_transaction"], Value::Null);
    let summary = parsed(&pool.dnf(NODE).args(["advisory", "summary", "--json"]).run().success());
    assert_eq!(summary["security"]["total"], 0);
}

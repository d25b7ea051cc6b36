//! `redwrap-dnf sbom`: bills of materials, held against the official schemas.

use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::{Registry, Validator};
use redpak_testing::{Package, Pool, Repository, User, skip};
use serde_json::Value;

/// Where the Debian package python3-cyclonedx-lib, and its namesakes elsewhere, install the schemas.
const CYCLONEDX: [&str; 2] = [
    "/usr/lib/python3/dist-packages/cyclonedx/schema/_res",
    "/usr/share/cyclonedx/schema",
];

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The schema of SPDX 2.3, as the crate serde-spdx carries it.
fn spdx_schema() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Crates of other platforms need not be there.
    let platform = format!("--filter-platform={}-unknown-linux-gnu", std::env::consts::ARCH);
    let out = Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            &platform,
            "--manifest-path",
        ])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .expect("run cargo");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let carrier = packages
        .iter()
        .find(|package| package["name"] == "serde-spdx")
        .expect("a dependency");
    let manifest = Path::new(carrier["manifest_path"].as_str().expect("a path"));
    read(&manifest.with_file_name("schemas").join("spdx_2_3.json"))
}

fn cyclonedx_schema() -> Option<Validator> {
    let folder = CYCLONEDX
        .map(PathBuf::from)
        .into_iter()
        .find(|folder| folder.is_dir())?;
    let part = |name: &str| read(&folder.join(format!("{name}.SNAPSHOT.schema.json")));
    let registry = Registry::new()
        .add("http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json", part("spdx"))
        .and_then(|registry| {
            registry.add(
                "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json",
                part("jsf-0.82"),
            )
        })
        .and_then(|registry| registry.prepare())
        .expect("official schemas");
    let schema = part("bom-1.6");
    Some(
        jsonschema::options()
            .with_registry(&registry)
            .build(&schema)
            .expect("an official schema"),
    )
}

fn valid(validator: &Validator, bill: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(bill)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// A family whose packages have every kind of licence, address and vendor.
fn family() -> (Pool, Repository) {
    let lib = Package::new("lib", "1:1-1")
        .tag("License", "GPLv2+ and Public Domain")
        .provides("libx = 1")
        .tag("Vendor", "Example \"Vendor\" ÄÖ");
    let app = Package::new("app", "1+git-1")
        .tag("License", "MIT OR Apache-2.0")
        .tag("URL", "https://example.org/app?x=1#top")
        .requires("libx = 1");
    let odd = Package::new("odd_name++", "1~rc1^2-1").tag("URL", "see-the-manual");
    let repository = Repository::new(&[lib, app, odd]);
    let pool = Pool::new(&User::current());
    for node in ["platform", "platform/leaf"] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install("platform", &["lib"]);
    pool.install("platform/leaf", &["app", "odd_name++"]);
    (pool, repository)
}

fn bill(pool: &Pool, arguments: &[&str]) -> (Value, Vec<u8>) {
    let outcome = pool.dnf("platform/leaf").arg("sbom").args(arguments).run().success();
    let bytes = outcome.out().into_bytes();
    (serde_json::from_slice(&bytes).expect("JSON"), bytes)
}

const SCOPES: [&str; 3] = ["--scope=family", "--scope=nodes", "--scope=node"];

#[test]
fn spdx_documents_are_valid_and_the_same_each_time() {
    let (pool, _repository) = family();
    let validator = jsonschema::validator_for(&spdx_schema()).expect("an official schema");
    for scope in SCOPES {
        let (document, bytes) = bill(&pool, &["--format=spdx", scope]);
        valid(&validator, &document);
        assert_eq!(bytes, bill(&pool, &["--format=spdx", scope]).1);
    }
    // A schema that takes everything would prove nothing.
    let (mut document, _) = bill(&pool, &[]);
    document["packages"][0]["primaryPackagePurpose"] = "NODE".into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn cyclonedx_documents_are_valid_and_the_same_each_time() {
    let Some(validator) = cyclonedx_schema() else {
        return skip("the schemas of CycloneDX are not installed (python3-cyclonedx-lib)");
    };
    let (pool, _repository) = family();
    for scope in SCOPES {
        let (document, bytes) = bill(&pool, &["--format=cyclonedx", scope]);
        valid(&validator, &document);
        assert_eq!(bytes, bill(&pool, &["--format=cyclonedx", scope]).1);
    }
    let (mut document, _) = bill(&pool, &["--format=cyclonedx"]);
    document["components"][0]["type"] = "node".into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn a_bill_says_what_the_packages_say() {
    let (pool, _repository) = family();
    let (document, _) = bill(&pool, &["--scope=nodes"]);
    let packages = document["packages"].as_array().expect("a list");
    let of = |name: &str| packages.iter().find(|package| package["name"] == name).expect("listed");
    assert_eq!(of("app")["licenseDeclared"], "MIT OR Apache-2.0");
    assert_eq!(of("app")["homepage"], "https://example.org/app?x=1#top");
    assert_eq!(of("lib")["licenseDeclared"], "LicenseRef-0");
    assert_eq!(of("lib")["versionInfo"], "1:1-1");
    assert_eq!(of("lib")["supplier"], "Organization: Example \"Vendor\" ÄÖ");
    assert_eq!(
        document["hasExtractedLicensingInfos"][0]["extractedText"],
        "GPLv2+ and Public Domain"
    );
    assert!(of("odd_name++").get("homepage").is_none());
    let needed = document["relationships"]
        .as_array()
        .expect("a list")
        .iter()
        .any(|relation| {
            relation["spdxElementId"] == of("app")["SPDXID"]
                && relation["relationshipType"] == "DEPENDS_ON"
                && relation["relatedSpdxElement"] == of("lib")["SPDXID"]
        });
    assert!(needed, "app needs lib");
}

#[test]
fn the_time_can_be_given_and_a_wrong_one_is_refused() {
    let (pool, _repository) = family();
    let at = |time: &str| {
        pool.dnf("platform/leaf")
            .env("SOURCE_DATE_EPOCH", time)
            .arg("sbom")
            .run()
    };
    let document: Value = serde_json::from_str(&at("86400").success().out()).expect("JSON");
    assert_eq!(document["creationInfo"]["created"], "1970-01-02T00:00:00Z");
    at("yesterday").refuses(1, &["SOURCE_DATE_EPOCH", "yesterday"]);
}

#[test]
fn an_rpmdb_that_cannot_be_read_is_no_bill() {
    let (pool, _repository) = family();
    let database = pool.node("platform").join("var/lib/rpm/rpmdb.sqlite");
    std::fs::write(&database, "not a database").expect("writable");
    let outcome = pool.dnf("platform/leaf").arg("sbom").run().refuses(1, &["platform"]);
    assert_eq!(outcome.out(), "");
}

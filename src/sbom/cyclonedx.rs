//! CycloneDX 1.6 as JSON, see <https://cyclonedx.org/docs/1.6/json/>.

use serde_json::{Map, Value, json};

use super::license::License;
use super::spdx::is_web_address;
use super::{Component, Inventory, Node, identity};
use crate::package::DigestAlgorithm;

/// The bill as a CycloneDX document: each node a component, with its packages in it.
pub fn cyclonedx(inventory: &Inventory<'_>) -> Value {
    let mut nodes = Vec::new();
    let mut dependencies = Vec::new();
    let mut older: Option<String> = None;
    for (level, node) in inventory.listed() {
        let id = identity::node(level, node.name);
        let mut depends_on: Vec<_> = older.iter().cloned().collect();
        let mut packages = Vec::new();
        for component in inventory.packages(level) {
            packages.push(package(&component));
            depends_on.push(identity::package(&component));
            dependencies.push(needed(inventory, &component));
        }
        nodes.push(self::node(&id, node, packages));
        dependencies.push(json!({"ref": id, "dependsOn": depends_on}));
        older = Some(id);
    }
    let subject = json!({"type": "container", "bom-ref": "Family", "name": inventory.name()});
    let listed: Vec<_> = inventory
        .listed()
        .map(|(level, node)| identity::node(level, node.name))
        .collect();
    dependencies.push(json!({"ref": "Family", "dependsOn": listed}));
    let (tool, version) = inventory.tool;
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", identity::uuid(&identity::digest(inventory))),
        "version": 1,
        "metadata": {
            "timestamp": inventory.time(),
            "tools": {"components": [{"type": "application", "name": tool, "version": version}]},
            "component": subject,
        },
        "components": nodes,
        "dependencies": dependencies,
    })
}

fn needed(inventory: &Inventory<'_>, component: &Component<'_>) -> Value {
    let needed = inventory
        .needed_by(component.place)
        .into_iter()
        .filter_map(|(level, index)| {
            let provider = inventory.packages(level).nth(index)?;
            Some(identity::package(&provider))
        });
    json!({"ref": identity::package(component), "dependsOn": needed.collect::<Vec<_>>()})
}

fn node(id: &str, node: &Node<'_>, packages: Vec<Value>) -> Value {
    json!({
        "type": if node.level.is_core_os { "operating-system" } else { "container" },
        "bom-ref": id,
        "name": node.name,
        "properties": [property("redpak:root", &node.level.root.to_string_lossy())],
        "components": packages,
    })
}

fn package(component: &Component<'_>) -> Value {
    let (package, details) = (component.package, component.details);
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("type", json!("library"));
    put("bom-ref", json!(identity::package(component)));
    put("name", json!(package.name.to_string_lossy()));
    put("version", json!(package.evr().to_string_lossy()));
    put("purl", json!(identity::package_url(component)));
    match License::of(details.license.as_deref()) {
        Some(License::Expression(expression)) => put("licenses", json!([{"expression": expression}])),
        Some(License::Text(text)) => put("licenses", json!([{"license": {"name": text}}])),
        None => {}
    }
    if let Some(vendor) = said(&details.vendor) {
        put("supplier", json!({"name": vendor}));
    }
    if let Some(summary) = said(&details.summary) {
        put("description", json!(summary));
    }
    if let Some(url) = said(&details.url).filter(|url| is_web_address(url)) {
        put("externalReferences", json!([{"type": "website", "url": url}]));
    }
    let hashes: Vec<_> = details
        .digests
        .iter()
        .filter_map(|(algorithm, digest)| Some(json!({"alg": name(*algorithm)?, "content": digest})))
        .collect();
    if !hashes.is_empty() {
        put("hashes", json!(hashes));
    }
    let mut properties = Vec::new();
    if let Some(digest) = &package.header_digest {
        properties.push(property("redpak:rpm:header-digest", digest));
    }
    if let Some(source) = said(&details.source_package) {
        properties.push(property("redpak:rpm:source", &source));
    }
    if !properties.is_empty() {
        put("properties", json!(properties));
    }
    Value::Object(fields)
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

/// CycloneDX's name of a digest.
const fn name(algorithm: DigestAlgorithm) -> Option<&'static str> {
    Some(match algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA-1",
        DigestAlgorithm::Sha256 => "SHA-256",
        DigestAlgorithm::Sha384 => "SHA-384",
        DigestAlgorithm::Sha512 => "SHA-512",
        DigestAlgorithm::Sha3_256 => "SHA3-256",
        DigestAlgorithm::Sha3_512 => "SHA3-512",
        DigestAlgorithm::Sha224 | DigestAlgorithm::Other(_) => return None,
    })
}

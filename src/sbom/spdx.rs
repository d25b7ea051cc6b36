//! SPDX 2.3 as JSON, see <https://spdx.github.io/spdx-spec/v2.3/>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::license::License;
use super::{Component, Inventory, Node, identity};
use crate::package::DigestAlgorithm;

const NOT_SAID: &str = "NOASSERTION";
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// The bill as an SPDX document.
pub fn spdx(inventory: &Inventory<'_>) -> Value {
    let mut own_licenses = OwnLicenses::default();
    let mut packages = Vec::new();
    let mut relations = Vec::new();
    let mut older: Option<String> = None;
    for (level, node) in inventory.listed() {
        let id = reference(&identity::node(level, node.name));
        packages.push(node_package(&id, node));
        relations.push(relation(DOCUMENT, "DESCRIBES", &id));
        relations.extend(older.iter().map(|older| relation(&id, "DEPENDS_ON", older)));
        for component in inventory.packages(level) {
            let own = reference(&identity::package(&component));
            packages.push(package(&own, &component, &mut own_licenses));
            relations.push(relation(&id, "CONTAINS", &own));
        }
        older = Some(id);
    }
    let by_place: BTreeMap<_, _> = inventory
        .components()
        .map(|component| (component.place, reference(&identity::package(&component))))
        .collect();
    for (place, id) in &by_place {
        let needed = inventory.needed_by(*place);
        relations.extend(
            needed
                .iter()
                .map(|needed| relation(id, "DEPENDS_ON", &by_place[needed])),
        );
    }
    let (tool, version) = inventory.tool;
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": inventory.name(),
        "documentNamespace": format!("https://spdx.org/spdxdocs/redpak-{}", identity::digest(inventory)),
        "creationInfo": {
            "created": inventory.time(),
            "creators": [format!("Tool: {tool}-{version}")],
        },
        "packages": packages,
        "relationships": relations,
    });
    if !own_licenses.0.is_empty() {
        document["hasExtractedLicensingInfos"] = own_licenses.listed();
    }
    document
}

fn reference(id: &str) -> String {
    format!("SPDXRef-{id}")
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}

fn node_package(id: &str, node: &Node<'_>) -> Value {
    json!({
        "SPDXID": id,
        "name": node.name,
        "downloadLocation": NOT_SAID,
        "filesAnalyzed": false,
        "licenseConcluded": NOT_SAID,
        "licenseDeclared": NOT_SAID,
        "copyrightText": NOT_SAID,
        "primaryPackagePurpose": if node.level.is_core_os { "OPERATING_SYSTEM" } else { "CONTAINER" },
        "comment": format!("{} in {}", if node.level.is_core_os { "core OS" } else { "red-pak node" }, node.level.root.display()),
    })
}

fn package(id: &str, component: &Component<'_>, own_licenses: &mut OwnLicenses) -> Value {
    let (package, details) = (component.package, component.details);
    let declared = match License::of(details.license.as_deref()) {
        Some(License::Expression(expression)) => expression,
        Some(License::Text(text)) => own_licenses.reference(&text),
        None => NOT_SAID.to_owned(),
    };
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("SPDXID", json!(id));
    put("name", json!(package.name.to_string_lossy()));
    put("versionInfo", json!(package.evr().to_string_lossy()));
    put("downloadLocation", json!(NOT_SAID));
    put("filesAnalyzed", json!(false));
    put("licenseConcluded", json!(NOT_SAID));
    put("licenseDeclared", json!(declared));
    put("copyrightText", json!(NOT_SAID));
    put(
        "supplier",
        json!(said(&details.vendor).map_or(NOT_SAID.to_owned(), |vendor| format!("Organization: {vendor}"))),
    );
    put(
        "externalRefs",
        json!([{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": identity::package_url(component),
        }]),
    );
    if let Some(summary) = said(&details.summary) {
        put("summary", json!(summary));
    }
    // The field is a URI; what is none would make the document invalid.
    if let Some(url) = said(&details.url).filter(|url| is_web_address(url)) {
        put("homepage", json!(url));
    }
    if let Some(source) = said(&details.source_package) {
        put("sourceInfo", json!(format!("built from {source}")));
    }
    let checksums: Vec<_> = details
        .digests
        .iter()
        .filter_map(|(algorithm, digest)| Some(json!({"algorithm": name(*algorithm)?, "checksumValue": digest})))
        .collect();
    if !checksums.is_empty() {
        put("checksums", json!(checksums));
    }
    if let Some(digest) = &package.header_digest {
        put("comment", json!(format!("digest of the rpm header: {digest}")));
    }
    Value::Object(fields)
}

/// Whether a text is an absolute URL that a URI parser takes.
pub(super) fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}[]%".contains(&byte);
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_allowed))
}

/// SPDX's name of a digest.
const fn name(algorithm: DigestAlgorithm) -> Option<&'static str> {
    Some(match algorithm {
        DigestAlgorithm::Md5 => "MD5",
        DigestAlgorithm::Sha1 => "SHA1",
        DigestAlgorithm::Sha224 => "SHA224",
        DigestAlgorithm::Sha256 => "SHA256",
        DigestAlgorithm::Sha384 => "SHA384",
        DigestAlgorithm::Sha512 => "SHA512",
        DigestAlgorithm::Sha3_256 => "SHA3-256",
        DigestAlgorithm::Sha3_512 => "SHA3-512",
        DigestAlgorithm::Other(_) => return None,
    })
}

/// Licences in the packages' own words, in the order in which they were met.
#[derive(Debug, Default)]
struct OwnLicenses(Vec<String>);

impl OwnLicenses {
    fn reference(&mut self, text: &str) -> String {
        let known = self.0.iter().position(|known| known == text);
        let index = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        format!("LicenseRef-{index}")
    }

    fn listed(&self) -> Value {
        let licenses = self.0.iter().enumerate();
        licenses
            .map(|(index, text)| json!({"licenseId": format!("LicenseRef-{index}"), "extractedText": text, "name": text}))
            .collect()
    }
}

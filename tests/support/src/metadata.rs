//! Metadata of a large repository, without its packages: what `makecache` and `repoquery` need and nobody wants to build with rpmbuild.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::{temporary, tool};

/// Files named in filelists.xml for each package.
const FILES: usize = 12;

/// One metadata file: name, root element and how a package is written into it.
struct Part {
    file: &'static str,
    root: &'static str,
    namespaces: &'static str,
    element: fn(usize) -> String,
}

const PARTS: [Part; 3] = [
    Part {
        file: "primary.xml",
        root: "metadata",
        namespaces: "xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"",
        element: primary,
    },
    Part {
        file: "filelists.xml",
        root: "filelists",
        namespaces: "xmlns=\"http://linux.duke.edu/metadata/filelists\"",
        element: filelists,
    },
    Part {
        file: "other.xml",
        root: "otherdata",
        namespaces: "xmlns=\"http://linux.duke.edu/metadata/other\"",
        element: other,
    },
];

/// Writes `repodata/` for `count` packages `bench-NNNNN` into `directory`: each provides two capabilities, requires up to three packages of lower
/// number and owns twelve files.
///
/// # Panics
/// When createrepo_c's tools fail or the disk is full.
pub fn write_metadata(directory: &Path, count: usize) {
    tool::tool(
        "createrepo_c",
        ["--quiet", directory.to_str().expect("temporary paths are UTF-8")],
    );
    let repodata = directory.join("repodata");
    let work = temporary::directory();
    for Part {
        file,
        root,
        namespaces,
        element,
    } in PARTS
    {
        let file = work.path().join(file);
        let start = format!("{root} {namespaces} packages=\"{count}\"");
        write_part(&file, &start, root, (0..count).map(element)).expect("write metadata");
        tool::tool(
            "modifyrepo_c",
            ["--compress-type=zstd".as_ref(), file.as_os_str(), repodata.as_os_str()],
        );
    }
}

/// Written bit by bit: what memory a caller has bounds what a benchmark can measure in its children.
fn write_part(file: &Path, start: &str, root: &str, elements: impl Iterator<Item = String>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{start}>")?;
    for element in elements {
        out.write_all(element.as_bytes())?;
    }
    writeln!(out, "</{root}>")?;
    out.flush()
}

fn identity(number: usize) -> String {
    format!("{:064x}", number + 1)
}

fn version(number: usize) -> String {
    format!("epoch=\"0\" ver=\"{}.{}\" rel=\"1\"", 1 + number % 7, number % 31)
}

fn primary(number: usize) -> String {
    let mut text = String::new();
    let (id, version) = (identity(number), version(number));
    let size = 2_000 + number % 90_000;
    let _ = write!(
        text,
        "<package type=\"rpm\"><name>bench-{number:05}</name><arch>noarch</arch><version {version}/>\
         <checksum type=\"sha256\" pkgid=\"YES\">{id}</checksum><summary>Package number {number} of a generated repository</summary>\
         <description>A package that exists in metadata alone, number {number}, with a description of usual length so that parsing it costs \
         what parsing a real one does.</description><packager/><url>https://example.invalid/{number}</url>\
         <time file=\"1700000000\" build=\"1700000000\"/><size package=\"{size}\" installed=\"{size}\" archive=\"{size}\"/>\
         <location href=\"bench-{number:05}.noarch.rpm\"/><format><rpm:license>MIT</rpm:license><rpm:vendor/><rpm:group>Unspecified</rpm:group>\
         <rpm:buildhost>bench</rpm:buildhost><rpm:sourcerpm>bench-{number:05}.src.rpm</rpm:sourcerpm>\
         <rpm:header-range start=\"4504\" end=\"9000\"/>\
         <rpm:provides><rpm:entry name=\"bench-{number:05}\" flags=\"EQ\" {version}/><rpm:entry name=\"capability({number})\"/></rpm:provides>"
    );
    if number > 0 {
        text.push_str("<rpm:requires>");
        for required in [number / 2, number / 3, number / 5]
            .iter()
            .filter(|required| **required < number)
        {
            let _ = write!(text, "<rpm:entry name=\"capability({required})\"/>");
        }
        text.push_str("</rpm:requires>");
    }
    let _ = writeln!(text, "<file>/usr/bin/bench-{number:05}</file></format></package>");
    text
}

fn filelists(number: usize) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "<package pkgid=\"{}\" name=\"bench-{number:05}\" arch=\"noarch\"><version {}/>",
        identity(number),
        version(number)
    );
    let _ = write!(text, "<file>/usr/bin/bench-{number:05}</file>");
    for file in 1..FILES {
        let _ = write!(
            text,
            "<file>/usr/share/bench-{number:05}/directory-{}/file-{file:03}.dat</file>",
            file % 3
        );
    }
    text + "</package>\n"
}

fn other(number: usize) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "<package pkgid=\"{}\" name=\"bench-{number:05}\" arch=\"noarch\"><version {}/>",
        identity(number),
        version(number)
    );
    let _ = writeln!(
        text,
        "<changelog author=\"Bench &lt;bench@example.invalid&gt; - 1-1\" date=\"1700000000\">- made</changelog></package>"
    );
    text
}

//! `addrepo`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use redpak_host::read;

use super::assignments::{self, Assignments};
use super::place::Place;
use super::{Missing, Work, options};
use crate::commands::Outcome;
use crate::options::usage::Usage;
use crate::progress::Downloads;
use crate::repo_file::RepoFile;
use crate::temporary::Temporary;

const SUFFIX: &str = ".repo";

/// Adds repositories.
#[derive(Debug, Args)]
pub struct Addrepo {
    /// File with repositories, or its URL
    #[arg(long, value_name = "REPO_CONFIGURATION_FILE_URL", conflicts_with_all = ["id", "set", "add_or_replace"])]
    from_repofile: Option<String>,
    /// Id of the new repository
    #[arg(long, value_name = "REPO_ID")]
    id: Option<String>,
    /// Option of the new repository
    #[arg(long, value_name = "REPO_OPTION=VALUE")]
    set: Vec<String>,
    /// Add the repository to a file that is there, or replace it in it
    #[arg(long)]
    add_or_replace: bool,
    #[command(flatten)]
    missing: Missing,
    /// Overwrite a file that is there
    #[arg(long)]
    overwrite: bool,
    /// Name of the new file
    #[arg(long, value_name = "FILENAME")]
    save_filename: Option<String>,
}

/// Where the new repositories come from, and where they go.
pub struct Source {
    what: What,
    add_or_replace: bool,
    overwrite: bool,
    missing: Missing,
    filename: Option<String>,
}

enum What {
    File(String),
    Options(Option<String>, Assignments),
}

impl Addrepo {
    /// Understands what was typed.
    pub fn parse(self) -> Result<Source> {
        let what = match self.from_repofile {
            Some(file) => What::File(file),
            None => What::Options(self.id, settings(&self.set)?),
        };
        if let Some(name) = &self.save_filename {
            // dnf5 follows such a name out of its directory.
            ensure!(
                !name.is_empty() && !name.contains('/'),
                "\"{name}\" is not the name of a file"
            );
        }
        Ok(Source {
            what,
            add_or_replace: self.add_or_replace,
            overwrite: self.overwrite,
            missing: self.missing,
            filename: self.save_filename,
        })
    }
}

fn settings(words: &[String]) -> Result<Assignments> {
    let mut all = Assignments::new();
    for word in words {
        let (name, value) = assignments::split("set", word)?;
        assignments::add(&mut all, "option", (name, name), value)?;
    }
    match url(&all) {
        Some(_) => Ok(all),
        None => Err(Usage(
            "One of --from-repofile=<URL>, --set=baseurl=<URL>, --set=mirrorlist=<URL>, --set=metalink=<URL> must be set to a \
             non-empty URL."
                .into(),
        )
        .into()),
    }
}

/// Where the metadata comes from.
fn url(options: &Assignments) -> Option<&str> {
    let sources = ["baseurl", "mirrorlist", "metalink"];
    let found = sources.into_iter().filter_map(|name| options.get(name));
    found.map(String::as_str).find(|url| !url.is_empty())
}

/// A new file, and where it goes.
struct New {
    name: String,
    file: RepoFile,
}

impl Source {
    /// Checks and writes.
    pub fn add(&self, work: &Work<'_>) -> Result<Outcome> {
        let directories = work.session.directories("reposdir")?;
        let first = directories.first().context("the option reposdir names no directory")?;
        let place = Place::new(work.node, first)?;
        place.require(self.missing)?;
        let new = match &self.what {
            What::File(source) => self.copied(work, source)?,
            What::Options(id, options) => self.defined(work, id.as_deref(), options)?,
        };
        let ids: Vec<String> = new.file.ids().into_iter().map(str::to_owned).collect();
        let text = match place.read(&new.name)? {
            Some(existing) if !self.overwrite => self.merged(&place, existing, &new)?,
            _ => new.file.text(),
        };
        elsewhere(work, &ids, &place.path(&new.name))?;
        place.write(&new.name, &text)?;
        Ok(Outcome::Done)
    }

    fn file_name(&self, default: &str) -> String {
        let name = self.filename.as_deref().unwrap_or(default);
        match name.ends_with(SUFFIX) {
            true => name.to_owned(),
            false => format!("{name}{SUFFIX}"),
        }
    }

    /// A file of that name is there: it is changed, or nothing is.
    fn merged(&self, place: &Place, mut existing: RepoFile, new: &New) -> Result<String> {
        let allowed = matches!(self.what, What::Options(..));
        ensure!(
            self.add_or_replace,
            "File \"{}\" already exists and configures repositories with IDs \"{}\". Add {}.",
            place.path(&new.name).display(),
            existing.ids().join(" "),
            if allowed {
                "\"--add-or-replace\" or \"--overwrite\""
            } else {
                "\"--overwrite\" to overwrite"
            }
        );
        for id in new.file.ids() {
            existing.remove(id);
            existing.add_section(id);
            for (option, value) in new.file.options(id) {
                existing.set(id, &option, &value);
            }
        }
        Ok(existing.text())
    }

    fn defined(&self, work: &Work<'_>, id: Option<&str>, options: &Assignments) -> Result<New> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => id_of(url(options).unwrap_or_default()),
        };
        crate::repositories::check_id(&id)?;
        let probe = work.session.base.repo_sack().create_repo(options::PROBE)?;
        let name = format!("{id} - Created by dnf5 config-manager");
        let mut file = RepoFile::parse("");
        file.add_section(&id);
        let defaults = [("name", name.as_str()), ("enabled", "1")];
        for (option, default) in defaults {
            let value = options.get(option).map_or(default, String::as_str);
            options::check(&probe, (option, option), value)?;
            file.set(&id, option, value);
        }
        for (option, value) in options
            .iter()
            .filter(|(option, _)| !["name", "enabled"].contains(&option.as_str()))
        {
            ensure!(!value.contains(['\n', '\r']), "the value of {option} has a line break");
            options::check(&probe, (option, option), value)?;
            file.set(&id, option, value);
        }
        Ok(New {
            name: self.file_name(&id),
            file,
        })
    }

    /// The file is copied as it is, once it was seen to be one.
    fn copied(&self, work: &Work<'_>, source: &str) -> Result<New> {
        let (name, bytes) = fetch(work, source)?;
        let text = String::from_utf8(bytes).with_context(|| format!("{source} is not UTF-8"))?;
        let name = self.file_name(&name);
        if let Some((number, _)) = text
            .lines()
            .enumerate()
            .find(|(_, line)| !is_comment(line))
            .filter(|(_, line)| !line.starts_with('['))
        {
            bail!(
                "Error in configuration file \"{source}\"\n Missing section header on line {}",
                number + 1
            );
        }
        let file = RepoFile::parse(&text);
        for (number, id) in file.ids().into_iter().enumerate() {
            crate::repositories::check_id(id)?;
            let probe = work
                .session
                .base
                .repo_sack()
                .create_repo(format!("{}-{number}", options::PROBE))?;
            for (option, value) in file.options(id) {
                options::check(&probe, (&option, &option), &value).map_err(|error| {
                    let text = error.to_string();
                    let text = text.strip_prefix("ConfigManagerError: ").unwrap_or(&text);
                    anyhow::anyhow!("Error in added repository configuration file. {text}")
                })?;
            }
        }
        Ok(New { name, file })
    }
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with(['#', ';'])
}

/// Name and content of a file of the caller's or of the network.
fn fetch(work: &Work<'_>, source: &str) -> Result<(String, Vec<u8>)> {
    let name = |path: &Path| -> Result<String> {
        let name = path
            .file_name()
            .with_context(|| format!("{source} does not end in the name of a file"))?;
        Ok(name.to_string_lossy().into_owned())
    };
    let path = PathBuf::from(source.strip_prefix("file://").unwrap_or(source));
    if !path.to_string_lossy().contains("://") {
        ensure!(
            path.exists(),
            "ConfigManagerError: from-repofile: \"{source}\" file does not exist"
        );
        return Ok((name(&path)?, read::file(&path, read::MAX_CONFIG)?));
    }
    let temporary = Temporary::new()?;
    let file = temporary.path().join("repofile");
    let session = work.session;
    let mut downloads = Downloads::new(session.messages, None);
    session.base.repo_sack().download_file(source, &file, &mut downloads)?;
    let without_query = source.split(['?', '#']).next().unwrap_or(source);
    Ok((name(Path::new(without_query))?, read::file(&file, read::MAX_CONFIG)?))
}

/// A repository of another file may not be defined a second time.
fn elsewhere(work: &Work<'_>, ids: &[String], place: &Path) -> Result<()> {
    for id in ids {
        for repo in work.session.repos_matching(id)? {
            let file = PathBuf::from(repo.repo_file_path()?);
            ensure!(
                file == place,
                "A repository with id \"{id}\" already configured in file: {}",
                file.display()
            );
        }
    }
    Ok(())
}

/// dnf5's id for a repository that has none: its URL without scheme and user, as text that an id may have.
fn id_of(url: &str) -> String {
    let mut id = String::new();
    let mut after_special = false;
    for byte in without_scheme(url).bytes() {
        let special = b"?/:&#|~*[]()'\\".contains(&byte);
        match byte {
            _ if special && after_special => {}
            _ if special => id.push('_'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => id.push(byte.into()),
            other => id.push_str(&format!("_{other:02X}")),
        }
        after_special = special;
    }
    id
}

fn without_scheme(url: &str) -> &str {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let Some((_, rest)) = url.split_once(':').filter(|(scheme, _)| is_word(scheme)) else {
        return url;
    };
    let rest = rest.trim_start_matches('/');
    match rest.split_once(':') {
        Some((user, rest)) if is_word(user) => rest,
        _ => rest.strip_prefix("www.").unwrap_or(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_urls() {
        let cases = [
            ("http://example.com/different/repo", "example.com_different_repo"),
            ("http://e/m/x?y=1", "e_m_x_y_3D1"),
            ("http://u:p@h:80/a%20b/c?x=y&z=w#f", "p_40h_80_a_2520b_c_x_3Dy_z_3Dw_f"),
            ("file:///a/b", "a_b"),
            ("https://x/ü", "x__C3_BC"),
            ("ftp://a/~b/-_.:/", "a_b_-_._"),
            ("http://a//b/", "a_b_"),
            ("http://a/$releasever/$basearch", "a__24releasever__24basearch"),
            ("/abs/path", "_abs_path"),
        ];
        for (url, expected) in cases {
            assert_eq!(id_of(url), expected, "{url}");
        }
    }
}

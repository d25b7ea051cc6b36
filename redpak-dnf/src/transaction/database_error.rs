//! What librpm's database complained of while a transaction ran. rpm goes on after most of it, and tells its log alone.

use librpm::Engine;
use redpak::display;

/// The first complaint, in librpm's words; what came after follows from it.
pub fn first(engine: &Engine) -> Option<String> {
    first_in(&engine.logged_errors())
}

fn first_in(errors: &[String]) -> Option<String> {
    // SQLITE_FULL, SQLITE_IOERR, SQLITE_BUSY, SQLITE_READONLY and SQLITE_CORRUPT.
    const TEXTS: [&str; 5] = [
        "disk is full",
        "disk I/O error",
        "is locked",
        "readonly database",
        "malformed",
    ];
    let mut found = errors
        .iter()
        .filter(|line| TEXTS.iter().any(|text| line.contains(text)));
    Some(format!("librpm says \"{}\"", display::text(found.next()?)))
}

#[cfg(test)]
mod tests {
    use super::first_in;

    #[test]
    fn the_first_error_of_the_database_is_found() {
        let lines = [
            "user x does not exist - using root",
            "sqlite failure: RELEASE 'rwlock': database or disk is full",
            "sqlite failure: PRAGMA wal_checkpoint = TRUNCATE: database table is locked",
        ]
        .map(str::to_owned);
        let expected = "librpm says \"sqlite failure: RELEASE 'rwlock': database or disk is full\"";
        assert_eq!(first_in(&lines).as_deref(), Some(expected));
        assert_eq!(first_in(&lines[..1]), None);
    }
}

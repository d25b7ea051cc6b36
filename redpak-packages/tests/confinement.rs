//! What a confined process cannot do any more. There is no way back, so this is a process of its own with one test.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use redpak_packages::confinement;
use redpak_testing::skip;

#[test]
fn only_reading_and_temporary_files_are_left() {
    let temporary = redpak_testing::directory();
    // It cannot be removed afterwards, so it lies where cargo clean finds it.
    let outside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("confinement");
    fs::write(&outside, "before").expect("can be written before");
    let enforced = confinement::read_only().expect("can be confined");
    let status = fs::read_to_string("/proc/thread-self/status").expect("can still be read");
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    let limits = fs::read_to_string("/proc/self/limits").expect("can still be read");
    assert!(
        limits
            .lines()
            .any(|line| line.starts_with("Max core file size        0 ")),
        "{limits}"
    );
    if !enforced {
        return skip("the kernel has no Landlock");
    }
    let denied =
        |result: std::io::Result<()>| result.err().map(|error| error.kind()) == Some(ErrorKind::PermissionDenied);
    assert_eq!(fs::read_to_string(&outside).expect("can still be read"), "before");
    assert!(denied(fs::write(&outside, "after")) && denied(fs::remove_file(&outside)));
    assert!(denied(File::create(outside.with_extension("new")).map(drop)));
    assert!(denied(Command::new("true").status().map(drop)));
    assert!(denied(TcpStream::connect("127.0.0.1:9").map(drop)));
    fs::write(temporary.path().join("file"), "").expect("temporary files can be written");
    fs::write("/dev/null", "").expect("and /dev/null");
}

//! Sealed files in memory, for what bubblewrap reads from descriptors.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

/// A file in memory that holds `content`, read from its start, that nobody can change any more. Closed on exec.
///
/// # Errors
/// When memory or descriptors run out.
pub fn sealed(name: &str, content: &[u8]) -> io::Result<OwnedFd> {
    let fd = memfd_create(name, MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
    let mut file = File::from(fd);
    file.write_all(content)?;
    file.rewind()?;
    let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn holds_its_content_and_refuses_more() {
        let mut file = File::from(sealed("test", b"a\0\xff").expect("memfd"));
        let mut read = Vec::new();
        file.read_to_end(&mut read).expect("readable");
        assert_eq!(read, b"a\0\xff");
        assert!(file.write_all(b"x").is_err());
    }
}

//! A disk whose power can be cut.
//!
//! The disk is a file that this process serves by FUSE, with a loop device over it. The server sees each write and each flush of the file system above, in order.
//! A cut keeps what was written before the last flush, and any part of what was written after it: that is what a disk with a volatile cache guarantees.

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::mount::{MountFlags, UnmountFlags};
use tempfile::TempDir;

use crate::{Run, fuse_file, temporary, tool};

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;
/// Sectors that a cut keeps or loses together.
const PAGE: usize = 8;

type Sector = [u8; SECTOR];

/// A file system, and how it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileSystem {
    /// ext4 with its defaults.
    Ext4,
    /// ext4 that commits its journal each second.
    Ext4Commit,
    /// ext4 that orders no data before the journal.
    Ext4Writeback,
    /// xfs.
    Xfs,
    /// btrfs.
    Btrfs,
}

impl FileSystem {
    /// Each of them.
    pub const ALL: [Self; 5] = [
        Self::Ext4,
        Self::Ext4Commit,
        Self::Ext4Writeback,
        Self::Xfs,
        Self::Btrfs,
    ];

    /// mkfs(8) of it, its arguments, and the smallest size that it takes without complaint.
    fn maker(self) -> (&'static str, &'static [&'static str], u64) {
        match self {
            Self::Ext4 | Self::Ext4Commit | Self::Ext4Writeback => ("mkfs.ext4", &["-q", "-F"], 64 << 20),
            Self::Xfs => ("mkfs.xfs", &["-q", "-f"], 320 << 20),
            Self::Btrfs => ("mkfs.btrfs", &["-q", "-f"], 128 << 20),
        }
    }

    /// The type and the options of mount(8).
    fn mounting(self) -> (&'static str, &'static str) {
        match self {
            Self::Ext4 => ("ext4", "loop"),
            Self::Ext4Commit => ("ext4", "loop,commit=1"),
            Self::Ext4Writeback => ("ext4", "loop,data=writeback"),
            Self::Xfs => ("xfs", "loop,nouuid"),
            Self::Btrfs => ("btrfs", "loop"),
        }
    }
}

/// What a disk without power holds.
#[derive(Clone)]
pub struct DiskImage {
    system: FileSystem,
    base: Arc<File>,
    size: u64,
    sectors: HashMap<u64, Sector>,
}

impl fmt::Debug for DiskImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {} changed sectors", self.system, self.sectors.len())
    }
}

impl DiskImage {
    /// An empty file system.
    ///
    /// # Panics
    /// When mkfs fails.
    pub fn format(system: FileSystem) -> Self {
        let (program, arguments, size) = system.maker();
        let directory = temporary::directory();
        let path = directory.path().join("disk");
        let base = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let base = base.expect("make the disk's file");
        base.set_len(size).expect("give the disk its size");
        tool::tool(
            program,
            arguments.iter().copied().chain([path.to_str().expect("UTF-8")]),
        );
        Self {
            system,
            base: Arc::new(base),
            size,
            sectors: HashMap::new(),
        }
    }

    /// Mounts it. This image stays as it is.
    ///
    /// # Panics
    /// When FUSE or mount(8) refuses.
    pub fn mount(&self, at: &Path) -> Disk {
        let cache = Arc::new(Mutex::new(Cache {
            image: self.clone(),
            current: self.sectors.clone(),
            pending: Vec::new(),
        }));
        let place = temporary::directory();
        let file = place.path().join("disk");
        File::create(&file).expect("make the disk's place");
        let server = serve(&file, &cache);
        let (kind, options) = self.system.mounting();
        let paths = [&file, at].map(|path| path.to_str().expect("UTF-8").to_owned());
        let mount = ["-t", kind, "-o", options, &paths[0], &paths[1]].map(str::to_owned);
        let disk = Disk {
            cache,
            file,
            at: at.to_owned(),
            server,
            _place: place,
        };
        tool::tool("mount", mount);
        disk
    }

    fn read(&self, sectors: &HashMap<u64, Sector>, offset: u64, bytes: &mut [u8]) {
        // Beyond the end of the base there is nothing to read.
        let _ = self.base.read_at(bytes, offset);
        let mut position = offset;
        let mut rest = bytes;
        while !rest.is_empty() {
            let begin = (position % SECTOR as u64) as usize;
            let (part, later) = rest.split_at_mut(rest.len().min(SECTOR - begin));
            if let Some(sector) = sectors.get(&(position / SECTOR as u64)) {
                part.copy_from_slice(&sector[begin..begin + part.len()]);
            }
            position += part.len() as u64;
            rest = later;
        }
    }
}

/// A mounted disk; its power can be cut at any moment. Unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    cache: Arc<Mutex<Cache>>,
    file: PathBuf,
    at: PathBuf,
    server: JoinHandle<()>,
    _place: TempDir,
}

impl Disk {
    /// What would be on the disk if the power went now. `seed` decides what of the volatile cache has reached the disk: nothing, everything, everything
    /// up to a write, or any of the pages.
    pub fn cut(&self, seed: u32) -> DiskImage {
        lock(&self.cache).cut(seed)
    }

    /// Unmounts it in good order, and returns what it holds then.
    ///
    /// # Panics
    /// When it cannot be synchronised.
    pub fn unmount(self) -> DiskImage {
        let place = File::open(&self.at).expect("open the mounted disk");
        rustix::fs::syncfs(place).expect("synchronise the disk");
        let cache = Arc::clone(&self.cache);
        drop(self);
        let cache = lock(&cache);
        DiskImage {
            sectors: cache.current.clone(),
            ..cache.image.clone()
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Processes that were killed may hold it for a moment.
        let unmounted = || Run::command("umount").arg(&self.at).run().code() == 0;
        let gone = (0..200).any(|_| {
            unmounted() || {
                thread::sleep(Duration::from_millis(20));
                false
            }
        });
        if !gone {
            Run::command("umount").arg("--lazy").arg(&self.at).run();
        }
        let _ = rustix::mount::unmount(&self.file, UnmountFlags::DETACH);
        // Another process may have taken the mount into a mount namespace of its own meanwhile. The server ends when the last one is gone;
        // before that, btrfs would take another image of the same file system for this one.
        for _ in 0..3000 {
            if self.server.is_finished() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        eprintln!("{} is still mounted somewhere", self.at.display());
    }
}

/// What has been flushed, what the file system sees, and the writes between the two.
#[derive(Debug)]
struct Cache {
    image: DiskImage,
    current: HashMap<u64, Sector>,
    pending: Vec<(u64, Vec<Sector>)>,
}

impl Cache {
    fn cut(&self, seed: u32) -> DiskImage {
        let mut image = self.image.clone();
        let mut state = seed | 1;
        let mut random = || {
            // xorshift32
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let way = random() % 4;
        let count = self.pending.len();
        let end = match way {
            0 => 0,
            1 => random() as usize % (count + 1),
            _ => count,
        };
        for (first, sectors) in &self.pending[..end] {
            if way != 3 || random() % 2 == 0 {
                image.sectors.extend((*first..).zip(sectors.iter().copied()));
            }
        }
        image
    }
}

impl fuse_file::Storage for Cache {
    fn size(&self) -> u64 {
        self.image.size
    }

    fn read(&mut self, offset: u64, bytes: &mut [u8]) {
        self.image.read(&self.current, offset, bytes);
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        let first = offset / SECTOR as u64;
        let begin = (offset % SECTOR as u64) as usize;
        let mut whole = vec![0; (begin + bytes.len()).next_multiple_of(SECTOR)];
        self.image.read(&self.current, first * SECTOR as u64, &mut whole);
        whole[begin..begin + bytes.len()].copy_from_slice(bytes);
        let sectors = whole.chunks_exact(SECTOR).map(|part| {
            let mut sector = [0; SECTOR];
            sector.copy_from_slice(part);
            sector
        });
        let sectors: Vec<Sector> = sectors.collect();
        self.current.extend((first..).zip(sectors.iter().copied()));
        let mut number = first as usize;
        let mut rest = &sectors[..];
        while !rest.is_empty() {
            let (page, later) = rest.split_at(rest.len().min(PAGE - number % PAGE));
            self.pending.push((number as u64, page.to_vec()));
            number += page.len();
            rest = later;
        }
    }

    fn flush(&mut self) {
        for (first, sectors) in self.pending.drain(..) {
            self.image.sectors.extend((first..).zip(sectors));
        }
    }
}

fn lock(cache: &Mutex<Cache>) -> std::sync::MutexGuard<'_, Cache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Mounts a file of FUSE over a file, and answers for it in a thread until it is unmounted.
fn serve(file: &Path, cache: &Arc<Mutex<Cache>>) -> JoinHandle<()> {
    let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
    let device = device.expect("open /dev/fuse");
    let options = format!(
        "fd={},rootmode=100000,user_id=0,group_id=0,max_read=131072",
        device.as_raw_fd()
    );
    let options = std::ffi::CString::new(options).expect("no NUL in the options");
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount("redpak-test-disk", file, "fuse", flags, options.as_c_str())
        .expect("mount a file of FUSE, as root");
    let cache = Arc::clone(cache);
    thread::spawn(move || fuse_file::answer(&device, &cache))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuse_file::Storage as _;
    use crate::{User, have, skip};

    /// Below the file system: writes after the last flush are kept by some cuts, lost by some, and kept in part by some.
    #[test]
    fn a_write_is_safe_only_after_a_flush() {
        let base = tempfile::tempfile().expect("a file");
        base.set_len(1 << 20).expect("its size");
        let image = DiskImage {
            system: FileSystem::Ext4,
            base: Arc::new(base),
            size: 1 << 20,
            sectors: HashMap::new(),
        };
        let mut cache = Cache {
            image,
            current: HashMap::new(),
            pending: Vec::new(),
        };
        let kept = |cache: &Cache, seed: u32| {
            let image = cache.cut(seed);
            let mut bytes = vec![0; 64 << 10];
            image.read(&image.sectors, 4096, &mut bytes);
            bytes.iter().filter(|byte| **byte == 7).count()
        };
        cache.write(4096, &[7; 64 << 10]);
        let counts: Vec<usize> = (0..200).map(|seed| kept(&cache, seed)).collect();
        assert!(counts.contains(&0) && counts.contains(&(64 << 10)), "{counts:?}");
        assert!(counts.iter().any(|count| (1..64 << 10).contains(count)), "{counts:?}");
        let mut bytes = [0; 4];
        cache.read(4094, &mut bytes);
        assert_eq!(bytes, [0, 0, 7, 7], "the file system sees what it wrote");
        cache.flush();
        assert!((0..200).all(|seed| kept(&cache, seed) == 64 << 10));
    }

    /// What fsync(2) has confirmed survives each cut; what was never flushed does not survive each.
    #[test]
    fn a_cut_loses_what_was_not_flushed_and_nothing_else() {
        if !User::is_root() || !have("mkfs.ext4") {
            return skip("needs root and mkfs.ext4");
        }
        let image = DiskImage::format(FileSystem::Ext4);
        let place = temporary::directory();
        let disk = image.mount(place.path());
        let kept = File::create(place.path().join("kept")).expect("a file");
        kept.write_all_at(&[7; 10_000], 0).expect("written");
        kept.sync_all().expect("on the disk");
        drop(kept);
        File::open(place.path())
            .and_then(|directory| directory.sync_all())
            .expect("on the disk");
        std::fs::write(place.path().join("lost"), [8; 10_000]).expect("written");
        let cuts: Vec<DiskImage> = (1..20).map(|seed| disk.cut(seed)).collect();
        let whole = disk.unmount();
        let mut lost = 0;
        for cut in &cuts {
            let _disk = cut.mount(place.path());
            let read = std::fs::read(place.path().join("kept")).expect("the file is there");
            assert!(read == [7; 10_000], "its contents are there");
            lost += usize::from(std::fs::read(place.path().join("lost")).map_or(true, |read| read != [8; 10_000]));
        }
        assert_eq!(lost, cuts.len(), "nothing asked for the other file to reach the disk");
        let _disk = whole.mount(place.path());
        assert!(std::fs::read(place.path().join("lost")).expect("the file is there") == [8; 10_000]);
    }
}

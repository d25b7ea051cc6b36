//! Trees on a file system that cannot be written: an erofs in a file, as images of devices are.
//!
//! Written here, uncompressed, since its tools are no part of the root file system; the kernel's documentation (`filesystems/erofs.rst`)
//! has the layout.

use std::fs::{self, Metadata};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::temporary;

const BLOCK: usize = 4096;
const SUPERBLOCK: usize = 1024;
const MAGIC: u32 = 0xe0f5_e1e2;
/// An extended inode; a number of an inode counts in halves of it.
const INODE: usize = 64;
/// An entry of a directory, without its name.
const ENTRY: usize = 12;

/// An image of a tree, mounted over the tree itself until it is dropped. Needs root.
#[derive(Debug)]
pub struct ReadOnlyImage {
    place: PathBuf,
}

impl ReadOnlyImage {
    /// Makes and mounts it. `None` when that is not allowed here, or the kernel has no erofs.
    ///
    /// # Panics
    /// When the tree cannot be read.
    pub fn over(tree: &Path) -> Option<Self> {
        let work = temporary::directory();
        let file = work.path().join("image");
        fs::write(&file, Image::of(tree)).expect("write the image");
        let mut mount = Command::new("mount");
        mount.args(["-t", "erofs", "-o", "loop,ro"]).arg(&file).arg(tree);
        // The loop device keeps the file.
        let place = tree.to_owned();
        mount.output().ok()?.status.success().then_some(Self { place })
    }
}

impl Drop for ReadOnlyImage {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.place).output();
    }
}

/// One file, directory or symbolic link.
struct Node {
    metadata: Metadata,
    content: Vec<u8>,
}

#[derive(Default)]
struct Image {
    nodes: Vec<Node>,
}

impl Image {
    fn of(tree: &Path) -> Vec<u8> {
        let mut image = Self::default();
        image.add(tree, None);
        image.bytes()
    }

    /// Adds a tree; its place among the nodes. Of a directory the content comes last, when its entries have places.
    fn add(&mut self, path: &Path, above: Option<usize>) -> usize {
        let metadata = path.symlink_metadata().expect("a file of the tree");
        let kind = metadata.file_type();
        let place = self.nodes.len();
        let content = if kind.is_symlink() {
            fs::read_link(path).expect("a link").into_os_string().into_vec()
        } else if kind.is_file() {
            fs::read(path).expect("a file")
        } else {
            Vec::new()
        };
        self.nodes.push(Node { metadata, content });
        if kind.is_dir() {
            let mut entries = vec![(b".".to_vec(), place), (b"..".to_vec(), above.unwrap_or(place))];
            let below: Vec<PathBuf> = fs::read_dir(path)
                .expect("a directory")
                .flatten()
                .map(|entry| entry.path())
                .collect();
            for path in below {
                let name = path.file_name().expect("a name").as_bytes().to_vec();
                entries.push((name, self.add(&path, Some(place))));
            }
            entries.sort();
            self.nodes[place].content = self.directory(&entries);
        }
        place
    }

    /// Blocks of entries in the order of their names: first the entries of a block, then the names.
    fn directory(&self, entries: &[(Vec<u8>, usize)]) -> Vec<u8> {
        let mut content = Vec::new();
        let mut rest = entries;
        while !rest.is_empty() {
            let mut size = 0;
            let fits = |(name, _): &&(Vec<u8>, usize)| {
                size += ENTRY + name.len();
                size <= BLOCK
            };
            let (block, later) = rest.split_at(rest.iter().take_while(fits).count());
            let start = content.len();
            let mut name_at = ENTRY * block.len();
            for (name, place) in block {
                content.extend(number(*place).to_le_bytes());
                content.extend(u16::try_from(name_at).expect("within a block").to_le_bytes());
                content.extend([self.file_type(*place), 0]);
                name_at += name.len();
            }
            block.iter().for_each(|(name, _)| content.extend(name));
            if !later.is_empty() {
                content.resize(start + BLOCK, 0);
            }
            rest = later;
        }
        content
    }

    fn file_type(&self, place: usize) -> u8 {
        let kind = self.nodes[place].metadata.file_type();
        match (kind.is_dir(), kind.is_symlink()) {
            (true, _) => 2,
            (_, true) => 7,
            _ => 1,
        }
    }

    /// The superblock's block, the inodes, and the contents, each from a block of its own on.
    fn bytes(&self) -> Vec<u8> {
        let inodes = (INODE * (self.nodes.len() + 1)).next_multiple_of(BLOCK);
        let mut bytes = vec![0; BLOCK + inodes];
        for (place, node) in self.nodes.iter().enumerate() {
            let block = block_number(bytes.len());
            let at = BLOCK + INODE / 2 * number(place) as usize;
            bytes[at..at + INODE].copy_from_slice(&node.inode(place, block));
            bytes.extend(&node.content);
            bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        }
        let blocks = block_number(bytes.len());
        let mut put = |at: usize, field: &[u8]| bytes[SUPERBLOCK + at..][..field.len()].copy_from_slice(field);
        put(0, &MAGIC.to_le_bytes());
        put(12, &[12]); // 2 to the power of it is a block
        put(14, &(number(0) as u16).to_le_bytes());
        put(16, &(self.nodes.len() as u64).to_le_bytes());
        put(36, &blocks.to_le_bytes());
        put(40, &1_u32.to_le_bytes()); // the block of the inodes
        bytes
    }
}

impl Node {
    fn inode(&self, place: usize, block: u32) -> [u8; INODE] {
        let mut inode = [0; INODE];
        let mut put = |at: usize, field: &[u8]| inode[at..][..field.len()].copy_from_slice(field);
        put(0, &1_u16.to_le_bytes()); // extended; contents are not compressed
        put(4, &(self.metadata.mode() as u16).to_le_bytes());
        put(8, &(self.content.len() as u64).to_le_bytes());
        put(16, &block.to_le_bytes());
        put(20, &(place as u32 + 1).to_le_bytes());
        put(24, &self.metadata.uid().to_le_bytes());
        put(28, &self.metadata.gid().to_le_bytes());
        put(32, &self.metadata.mtime().to_le_bytes());
        put(40, &(self.metadata.mtime_nsec() as u32).to_le_bytes());
        put(44, &1_u32.to_le_bytes());
        inode
    }
}

/// The number of the inode at a place; the first is not 0.
fn number(place: usize) -> u64 {
    2 * (place as u64 + 1)
}

fn block_number(offset: usize) -> u32 {
    u32::try_from(offset / BLOCK).expect("a small image")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, skip};

    #[test]
    fn a_tree_is_what_it_was() {
        let tree = temporary::directory();
        for number in 0..300 {
            fs::write(
                tree.path().join(format!("a-file-with-a-long-name-{number}")),
                format!("{number}\n"),
            )
            .expect("a file");
        }
        fs::create_dir_all(tree.path().join("a/b/c")).expect("directories");
        fs::write(tree.path().join("a/large"), vec![7; 3 * BLOCK + 1]).expect("a file");
        std::os::unix::fs::symlink("../large", tree.path().join("a/b/link")).expect("a link");
        let listing = Tree::listing(tree.path());
        let Some(image) = ReadOnlyImage::over(tree.path()) else {
            return skip("an erofs cannot be mounted here");
        };
        fs::write(tree.path().join("new"), "").expect_err("it cannot be written");
        assert_eq!(Tree::listing(tree.path()), listing);
        let read = |file: &str| fs::read(tree.path().join(file)).expect("a file");
        assert_eq!(read("a/large"), vec![7; 3 * BLOCK + 1]);
        assert_eq!(read("a/b/../large"), read("a/large"));
        assert_eq!(read("a-file-with-a-long-name-299"), b"299\n");
        let link = fs::read_link(tree.path().join("a/b/link")).expect("a link");
        assert_eq!(link, Path::new("../large"));
        drop(image);
        fs::write(tree.path().join("new"), "").expect("it can be written again");
    }
}

//! Sections of plain numbers in a file, and the table that says where they are.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use bytemuck::{Pod, Zeroable};

use crate::base::hash::hash64;

const MAGIC: u64 = u64::from_le_bytes(*b"evntglss");

/// Larger sections are none of ours.
const MAX_SECTION_BYTES: u64 = 4 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Section {
    pub offset: u64,
    pub bytes: u64,
    pub hash: u64,
}

/// The file's last bytes.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Footer {
    table: Section,
    head: Section,
    magic: u64,
}

pub(super) struct Out<'a> {
    file: BufWriter<&'a mut File>,
    at: u64,
    sections: Vec<Section>,
}

impl<'a> Out<'a> {
    pub fn new(file: &'a mut File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 20, file), at: 0, sections: Vec::new() }
    }

    pub fn section<T: Pod>(&mut self, values: &[T]) -> io::Result<()> {
        let section = self.bytes(bytemuck::cast_slice(values))?;
        self.sections.push(section);
        Ok(())
    }

    pub fn finish(mut self, head: &[u8]) -> io::Result<()> {
        let head = self.bytes(head)?;
        let sections = std::mem::take(&mut self.sections);
        let table = self.bytes(bytemuck::cast_slice(&sections))?;
        self.file.write_all(bytemuck::bytes_of(&Footer { table, head, magic: MAGIC }))?;
        self.file.flush()
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<Section> {
        self.file.write_all(bytes)?;
        let section = Section { offset: self.at, bytes: bytes.len() as u64, hash: hash64(bytes) };
        self.at += section.bytes;
        Ok(section)
    }
}

/// An index file whose table was read.
pub(super) struct In<'a> {
    file: &'a File,
    sections: Vec<Section>,
    pub head: Vec<u8>,
}

impl<'a> In<'a> {
    pub fn open(file: &'a File) -> Option<Self> {
        let len = file.metadata().ok()?.len();
        let footer_at = len.checked_sub(size_of::<Footer>() as u64)?;
        let mut footer = Footer::zeroed();
        read_at(file, bytemuck::bytes_of_mut(&mut footer), footer_at)?;
        if footer.magic != MAGIC {
            return None;
        }
        let sections = load::<Section>(file, footer.table)?.into_vec();
        let head = load::<u8>(file, footer.head)?.into_vec();
        Some(Self { file, sections, head })
    }

    pub fn count(&self) -> usize {
        self.sections.len()
    }

    /// None where the section is not there, not whole numbers of `T`, or damaged.
    pub fn load<T: Pod>(&self, section: usize) -> Option<Box<[T]>> {
        load(self.file, *self.sections.get(section)?)
    }
}

fn load<T: Pod>(file: &File, section: Section) -> Option<Box<[T]>> {
    let there = file.metadata().ok()?.len();
    let end = section.offset.checked_add(section.bytes)?;
    if end > there || section.bytes > MAX_SECTION_BYTES || section.bytes % size_of::<T>() as u64 != 0 {
        return None;
    }
    let mut values = vec![T::zeroed(); section.bytes as usize / size_of::<T>()];
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
    read_at(file, bytes, section.offset)?;
    (hash64(bytes) == section.hash).then(|| values.into())
}

#[cfg(unix)]
fn read_at(file: &File, buf: &mut [u8], offset: u64) -> Option<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset).ok()
}

#[cfg(not(unix))]
fn read_at(file: &File, buf: &mut [u8], offset: u64) -> Option<()> {
    let mut done = 0;
    while done < buf.len() {
        let read = std::os::windows::fs::FileExt::seek_read(file, &mut buf[done..], offset + done as u64).ok()?;
        if read == 0 {
            return None;
        }
        done += read;
    }
    Some(())
}

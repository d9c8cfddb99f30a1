//! Images of all kinds, in particular PNG with wrong headers but valid checksums, and masks.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use anyhow::Result;
use data::{Column, Columns, Config, File, Split, Task};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use graph::Shape;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::recordings::{Scratch, inputs, open};
use super::{Kind, base};
use crate::corpus::corpus;
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Images {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
}

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let picture = RgbImage::from_fn(20, 13, |x, y| {
        image::Rgb([x, y, x + y].map(|value| u8::try_from(value * 7 % 256).unwrap_or(0)))
    });
    let picture = DynamicImage::ImageRgb8(picture);
    let encode = |picture: &DynamicImage, format| -> Result<Vec<u8>> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format)?;
        Ok(bytes.into_inner())
    };
    let mut bases = vec![
        encode(&picture, ImageFormat::Png)?,
        encode(&picture, ImageFormat::Jpeg)?,
        encode(&DynamicImage::ImageLuma8(picture.to_luma8()), ImageFormat::Jpeg)?,
        encode(&DynamicImage::ImageLuma8(picture.to_luma8()), ImageFormat::Png)?,
        encode(&DynamicImage::ImageLumaA8(picture.to_luma_alpha8()), ImageFormat::Png)?,
        encode(&DynamicImage::ImageRgba16(picture.to_rgba16()), ImageFormat::Png)?,
        encode(&picture, ImageFormat::Bmp)?,
        encode(&picture, ImageFormat::Gif)?,
        encode(&picture, ImageFormat::Tiff)?,
        encode(&picture, ImageFormat::WebP)?,
    ];
    for format in [ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif, ImageFormat::Pnm]
    {
        bases.push(encode(&picture, format)?);
    }
    bases.push(encode(&DynamicImage::ImageLuma16(picture.to_luma16()), ImageFormat::Tiff)?);
    bases.extend(corpus(&[".png"])?);
    Ok(Box::new(Images { scratch: Scratch::new(scratch), bases }))
}

/// Returns the chunks of a PNG file, each with its type and data.
fn chunks(bytes: &[u8]) -> Option<Vec<([u8; 4], Vec<u8>)>> {
    let mut rest = bytes.strip_prefix(&SIGNATURE)?;
    let mut chunks = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(length)?;
        chunks.push((*name, data.to_vec()));
        rest = after.get(4..)?;
    }
    Some(chunks)
}

/// Returns a PNG file with these chunks, with valid lengths and checksums.
fn assemble(chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    for (name, data) in chunks {
        let mut checksum = flate2::Crc::new();
        checksum.update(name);
        checksum.update(data);
        bytes.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(name);
        bytes.extend(data);
        bytes.extend(checksum.sum().to_be_bytes());
    }
    bytes
}

/// Mutates one chunk: a size or a type in the header, a palette, or the pixels before they are compressed.
fn mutated_chunks(random: &mut Random, mut chunks: Vec<([u8; 4], Vec<u8>)>) -> Vec<u8> {
    let index = random.below(chunks.len());
    let (name, data) = &mut chunks[index];
    match random.below(6) {
        0 | 1 if name == b"IHDR" && data.len() >= 13 => {
            let sizes = [0, 1, 2, 7, 255, 4096, 12_000, 65_535, 1 << 20, 1 << 24, u32::MAX >> 1, u32::MAX];
            let size = sizes[random.below(sizes.len())].to_be_bytes();
            let at = 4 * random.below(2);
            data[at..at + 4].copy_from_slice(&size);
            data[8] = [1, 2, 4, 8, 16, 3][random.below(6)];
            data[9] = [0, 2, 3, 4, 6, 5][random.below(6)];
            data[12] = random.next().to_le_bytes()[0] % 3;
        }
        2 if name == b"IDAT" => {
            let mut pixels = Vec::new();
            // Of a damaged stream, the bytes before the damage are used.
            let _ = ZlibDecoder::new(&data[..]).take(1 << 20).read_to_end(&mut pixels);
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            let _ = encoder.write_all(&mutate::binary(random, &pixels, &[]));
            *data = encoder.finish().unwrap_or_default();
        }
        3 => {
            let names: [&[u8; 4]; 9] =
                [b"PLTE", b"tRNS", b"gAMA", b"iCCP", b"sBIT", b"acTL", b"fcTL", b"IEND", b"zTXt"];
            let length = random.length(800);
            let chunk = (*names[random.below(names.len())], random.bytes(length));
            chunks.insert(index, chunk);
        }
        4 => drop(chunks.remove(index)),
        _ => *data = mutate::binary(random, data, &[]),
    }
    assemble(&chunks)
}

impl Kind for Images {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let bytes = base(random, &self.bases);
        match chunks(bytes) {
            Some(chunks) if !chunks.is_empty() && !random.one_in(5) => mutated_chunks(random, chunks),
            _ => mutate::binary(random, bytes, &self.bases),
        }
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let name = match input {
            [0x89, b'P', ..] => "case.png",
            [b'B', b'M', ..] => "case.bmp",
            [b'G', b'I', ..] => "case.gif",
            [b'R', b'I', ..] => "case.webp",
            [b'I', b'I', ..] | [b'M', b'M', ..] => "case.tiff",
            _ => "case.jpg",
        };
        let path = self.scratch.write(name, input);
        for shape in [Shape::new(3, [224, 224]), Shape::new(1, [5, 17])] {
            inputs(&mut outcome, &path, &shape);
        }
        // One folder per class.
        let folder = self.scratch.folder().join("images");
        let class = folder.join("class");
        let is_ready = std::fs::create_dir_all(&class).is_ok();
        if is_ready && std::fs::write(class.join(name), input).is_ok() {
            let mut config = Config::new(Task::Classification);
            config.train = Split::from(folder.to_string_lossy().as_ref());
            open(&mut outcome, config.open(&Shape::new(3, [16, 16]), Path::new("")));
            // As a mask of itself.
            config.task = Task::Segmentation;
            config.train = Split::from(File {
                target: Some(Columns(vec![Column::Name(class.to_string_lossy().into_owned())])),
                ..File::new(&class)
            });
            open(&mut outcome, config.open(&Shape::new(1, [16, 16]), Path::new("")));
            let _ = std::fs::remove_file(class.join(name));
        }
        outcome
    }
}

//! Detection of truncated JPEG files. Their decoder fills the missing part with gray.

const START: u8 = 0xd8;
const END: u8 = 0xd9;

/// Returns whether a JPEG file has its end marker, outside of other segments such as a thumbnail.
pub(super) fn has_end(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        // Compressed pixels, and bytes between segments, are skipped.
        let Some(marker) = rest.iter().position(|&byte| byte == 0xff) else { return false };
        rest = &rest[marker + 1..];
        let Some(&kind) = rest.first() else { return false };
        match kind {
            END => return true,
            // A second image begins before the first one has ended.
            START => return false,
            // Markers without a segment: escaped bytes and restarts among the pixels, and fill bytes.
            0x00 | 0x01 | 0xd0..=0xd7 | 0xff => {}
            _ => {
                let Some(length) = rest.get(1..3) else { return false };
                let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
                let Some(after) = rest.get(1 + length..) else { return false };
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_marker_counts_only_outside_of_segments() {
        let start = b"\xff\xd8";
        let thumbnail = b"\xff\xe1\x00\x06\xff\xd8\xff\xd9";
        let scan = b"\xff\xda\x00\x03\x01pixels\xff\x00\xff\xd0more";
        let end = b"\xff\xd9";
        let file = |parts: &[&[u8]]| parts.concat();
        assert!(has_end(&file(&[start, thumbnail, scan, end])));
        assert!(has_end(&file(&[start, thumbnail, scan, b"\xff", end, b"anything after it"])));
        assert!(!has_end(&file(&[start, thumbnail, scan])));
        assert!(!has_end(&file(&[start, thumbnail])));
        assert!(!has_end(&file(&[start, &thumbnail[..5]])));
        assert!(!has_end(&file(&[start, scan, start, scan, end])));
        assert!(!has_end(start));
        assert!(!has_end(b"\xff"));
    }
}

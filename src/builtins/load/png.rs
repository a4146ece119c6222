use super::{Array, DataError};
use png::{ColorType, Decoder, Transformations};
use std::io::Cursor;

/// Reads a picture as brightness from 0 (black) to 1 (white), rows by columns, the top row first.
///
/// The stored samples are taken as they are; a colour counts as `0.2126 R + 0.7152 G + 0.0722 B`. Transparency is
/// ignored, and of an animation the first frame is read.
pub fn load_png(bytes: &[u8]) -> Result<Array, DataError> {
    let broken = |e: &dyn ToString| DataError::Broken { format: "PNG", detail: e.to_string() };
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(|e| broken(&e))?;
    let size = reader.output_buffer_size().ok_or_else(|| broken(&"it is too large"))?;
    let mut buffer = vec![0; size];
    let info = reader.next_frame(&mut buffer).map_err(|e| broken(&e))?;
    let samples: Vec<f64> = if info.bit_depth == png::BitDepth::Sixteen {
        buffer.chunks_exact(2).map(|b| f64::from(u16::from_be_bytes([b[0], b[1]])) / 65_535.0).collect()
    } else {
        buffer.iter().map(|b| f64::from(*b) / 255.0).collect()
    };
    let channels = info.color_type.samples();
    let colour = matches!(info.color_type, ColorType::Rgb | ColorType::Rgba);
    let (rows, columns) = (info.height as usize, info.width as usize);
    let data: Vec<f64> = samples
        .chunks_exact(channels)
        .take(rows * columns)
        .map(|p| if colour { 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2] } else { p[0] })
        .collect();
    Ok(Array { shape: vec![rows, columns], data })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use png::{BitDepth, Encoder};

    fn picture(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn grey_is_brightness_row_by_row() {
        let a = load_png(&picture(3, 2, ColorType::Grayscale, BitDepth::Eight, &[0, 51, 255, 102, 0, 0]))
            .unwrap();
        assert_eq!(a.shape, [2, 3]);
        assert_eq!(a.data, [0.0, 0.2, 1.0, 0.4, 0.0, 0.0]);
        let a = load_png(&picture(1, 1, ColorType::Grayscale, BitDepth::Sixteen, &[0x80, 0x00])).unwrap();
        assert_eq!(a.data, [32768.0 / 65535.0]);
        let a = load_png(&picture(2, 1, ColorType::Grayscale, BitDepth::One, &[0b0100_0000])).unwrap();
        assert_eq!(a.data, [0.0, 1.0]);
    }

    #[test]
    fn colour_is_weighted() {
        let a = load_png(&picture(2, 1, ColorType::Rgb, BitDepth::Eight, &[255, 0, 0, 0, 255, 0])).unwrap();
        assert_eq!(a.data, [0.2126, 0.7152]);
        let a = load_png(&picture(1, 1, ColorType::Rgba, BitDepth::Eight, &[0, 0, 255, 0])).unwrap();
        assert_eq!(a.data, [0.0722]);
    }

    #[test]
    fn a_damaged_picture_is_refused() {
        let whole = picture(8, 8, ColorType::Grayscale, BitDepth::Eight, &[9; 64]);
        for cut in [0, 7, 20, whole.len() - 20] {
            assert!(matches!(load_png(&whole[..cut]), Err(DataError::Broken { format: "PNG", .. })), "{cut}");
        }
    }
}

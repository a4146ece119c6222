use super::{Array, DataError};
use ndarray::ArrayD;
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement};

/// Reads a NumPy array of floats, integers or truth values, of either byte order, in C or Fortran layout.
pub fn load_npy(bytes: &[u8]) -> Result<Array, DataError> {
    check_length(bytes)?;
    // The reader wants to know the element type beforehand, so each is tried.
    let read = attempt(bytes, |v: f64| v)
        .or_else(|| attempt(bytes, |v: f32| v.into()))
        .or_else(|| attempt(bytes, |v: i64| v as f64))
        .or_else(|| attempt(bytes, |v: i32| v.into()))
        .or_else(|| attempt(bytes, |v: u8| v.into()))
        .or_else(|| attempt(bytes, |v: bool| u8::from(v).into()))
        .or_else(|| attempt(bytes, |v: i16| v.into()))
        .or_else(|| attempt(bytes, |v: i8| v.into()))
        .or_else(|| attempt(bytes, |v: u16| v.into()))
        .or_else(|| attempt(bytes, |v: u32| v.into()))
        .or_else(|| attempt(bytes, |v: u64| v as f64));
    let array = read.unwrap_or_else(|| Err(DataError::ElementType { descriptor: descriptor(bytes) }))?;
    match array.data.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(DataError::ElementNotFinite { index, value: array.data[index] }),
        None => Ok(array),
    }
}

/// `None` if the elements are of another type.
fn attempt<T: ReadableElement + Copy>(
    bytes: &[u8],
    number: impl Fn(T) -> f64,
) -> Option<Result<Array, DataError>> {
    match ArrayD::<T>::read_npy(bytes) {
        // In logical order, whatever the layout of the file.
        Ok(a) => Some(Ok(Array { shape: a.shape().to_vec(), data: a.iter().map(|v| number(*v)).collect() })),
        Err(ReadNpyError::WrongDescriptor(_)) => None,
        Err(e) => Some(Err(broken(e))),
    }
}

/// What the header says behind a key.
fn entry<'a>(bytes: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let head = &bytes[..bytes.len().min(65_536)];
    head.windows(key.len()).position(|w| w == key).map(|start| &head[start + key.len()..])
}

fn descriptor(bytes: &[u8]) -> String {
    let quoted = entry(bytes, b"'descr'").unwrap_or_default().split(|b| *b == b'\'').nth(1);
    String::from_utf8_lossy(quoted.unwrap_or_default()).into_owned()
}

fn broken(detail: impl ToString) -> DataError {
    DataError::Broken { format: ".npy", detail: detail.to_string() }
}

/// Refuses a header that promises more elements than there are bytes, before memory is reserved for them.
fn check_length(bytes: &[u8]) -> Result<(), DataError> {
    let Some(rest) = entry(bytes, b"'shape'") else { return Ok(()) };
    let shape = rest.iter().skip_while(|b| **b != b'(').skip(1).take_while(|b| **b != b')');
    let text: String = shape.map(|b| char::from(*b)).collect();
    let mut elements: usize = 1;
    for length in text.split(',').map(str::trim).filter(|l| !l.is_empty()) {
        let length: usize = length.parse().map_err(|_| broken("its shape is not a list of lengths"))?;
        elements = elements.saturating_mul(length);
    }
    if elements > bytes.len() {
        return Err(broken("it ends before its last element"));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::{Array2, ShapeBuilder};
    use ndarray_npy::WriteNpyExt;

    fn file(descriptor: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
        let order = if fortran { "True" } else { "False" };
        let mut header = format!("{{'descr': '{descriptor}', 'fortran_order': {order}, 'shape': {shape}, }}");
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        let mut out = b"\x93NUMPY\x01\x00".to_vec();
        out.extend((header.len() as u16).to_le_bytes());
        out.extend(header.bytes());
        out.extend(data);
        out
    }

    #[test]
    fn reads_every_real_type_in_both_byte_orders() {
        let le: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let be: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|v| v.to_be_bytes()).collect();
        for (d, data) in [("<f8", le), (">f8", be)] {
            let a = load_npy(&file(d, false, "(2,)", &data)).unwrap();
            assert_eq!((a.shape, a.data), (vec![2], vec![1.5, -2.0]));
        }
        assert_eq!(load_npy(&file("|u1", false, "(2,)", &[7, 255])).unwrap().data, [7.0, 255.0]);
        assert_eq!(load_npy(&file("|b1", false, "(2,)", &[0, 1])).unwrap().data, [0.0, 1.0]);
        assert_eq!(load_npy(&file(">i2", false, "(1,)", &[0xFF, 0xFE])).unwrap().data, [-2.0]);
        assert_eq!(load_npy(&file("<f4", false, "(1,)", &0.5f32.to_le_bytes())).unwrap().data, [0.5]);
        assert_eq!(
            load_npy(&file("<u8", false, "()", &9u64.to_le_bytes())).unwrap().shape,
            Vec::<usize>::new()
        );
    }

    #[test]
    fn fortran_layout_is_read_by_rows() {
        let a = Array2::from_shape_vec((2, 3).f(), vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]).unwrap();
        let mut bytes = Vec::new();
        a.write_npy(&mut bytes).unwrap();
        let read = load_npy(&bytes).unwrap();
        assert_eq!((read.shape, read.data), (vec![2, 3], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(load_npy(&file("|u1", true, "(2, 2)", &[1, 2, 3, 4])).unwrap().data, [1.0, 3.0, 2.0, 4.0]);
    }

    #[test]
    fn refuses_what_is_not_an_array_of_real_numbers() {
        assert_eq!(
            load_npy(&file("<c16", false, "(1,)", &[0; 16])),
            Err(DataError::ElementType { descriptor: "<c16".into() })
        );
        let broken = |b: &[u8]| matches!(load_npy(b), Err(DataError::Broken { .. }));
        assert!(broken(b""));
        assert!(broken(b"PK\x03\x04 not an array"));
        assert!(broken(&file("<f8", false, "(2,)", &[0; 8])));
        assert!(broken(&file("<f8", false, "(99999999999, 99999999999, 9)", &[0; 8])));
    }
}

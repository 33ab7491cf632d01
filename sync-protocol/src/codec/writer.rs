//! CBOR as automerge-repo's decoder reads it: definite lengths, plain byte strings.

use minicbor::Encoder;

const FITS: &str = "a vector takes every byte";

/// Writes one CBOR value after another into a growing vector.
pub struct Writer {
    encoder: Encoder<Vec<u8>>,
}

impl Writer {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { encoder: Encoder::new(Vec::with_capacity(bytes)) }
    }

    pub fn map(&mut self, entries: usize) -> &mut Self {
        self.encoder.map(entries as u64).expect(FITS);
        self
    }

    pub fn list(&mut self, items: usize) -> &mut Self {
        self.encoder.array(items as u64).expect(FITS);
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.encoder.str(text).expect(FITS);
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.encoder.bytes(bytes).expect(FITS);
        self
    }

    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.encoder.bool(value).expect(FITS);
        self
    }

    /// A whole number; above 2^32 as a float, because JavaScript's decoder turns a 64-bit integer
    /// into a `BigInt`, which does not mix with numbers.
    #[expect(clippy::cast_precision_loss, reason = "counts and times are below 2^53")]
    pub fn whole_number(&mut self, number: u64) -> &mut Self {
        match u32::try_from(number) {
            Ok(small) => self.encoder.u32(small).map(|_| ()),
            Err(_) => self.encoder.f64(number as f64).map(|_| ()),
        }
        .expect(FITS);
        self
    }

    /// A value that is CBOR already.
    pub fn raw(&mut self, value: &[u8]) -> &mut Self {
        self.encoder.writer_mut().extend_from_slice(value);
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.encoder.into_writer()
    }
}

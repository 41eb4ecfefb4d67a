//! Small numbers in the narrowest form that holds a segment's values.

/// One number a row. In optional columns the largest value of the width means "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Numbers {
    /// The same for all rows: zero for names, none for optional numbers.
    Absent,
    U8(Box<[u8]>),
    U16(Box<[u16]>),
    U32(Box<[u32]>),
}

impl Numbers {
    /// Numbers of names, of which zero is a name as well.
    pub fn names(values: impl Iterator<Item = u16> + Clone) -> Self {
        match values.clone().max() {
            None | Some(0) => Self::Absent,
            Some(max) if u8::try_from(max).is_ok() => Self::U8(values.map(|v| v as u8).collect()),
            Some(_) => Self::U16(values.collect()),
        }
    }

    /// Numbers that may be absent: `u32::MAX` in `values`.
    pub fn optional(values: &[u32]) -> Self {
        let max = values.iter().copied().filter(|&v| v != u32::MAX).max();
        match max {
            None => Self::Absent,
            Some(max) if max < u32::from(u16::MAX) => {
                Self::U16(values.iter().map(|&v| u16::try_from(v).unwrap_or(u16::MAX)).collect())
            }
            Some(_) => Self::U32(values.into()),
        }
    }

    #[inline]
    pub fn name(&self, row: usize) -> u16 {
        match self {
            Self::Absent | Self::U32(_) => 0,
            Self::U8(values) => values.get(row).copied().map_or(0, u16::from),
            Self::U16(values) => values.get(row).copied().unwrap_or(0),
        }
    }

    #[inline]
    pub fn number(&self, row: usize) -> Option<u32> {
        match self {
            Self::Absent | Self::U8(_) => None,
            Self::U16(values) => values.get(row).filter(|&&v| v != u16::MAX).map(|&v| u32::from(v)),
            Self::U32(values) => values.get(row).copied().filter(|&v| v != u32::MAX),
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len() * 2,
            Self::U32(values) => values.len() * 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_numbers_come_back_in_any_width() {
        for values in [
            vec![],
            vec![u32::MAX, u32::MAX],
            vec![0, 7, u32::MAX, 65_534],
            vec![65_535, 3],
            vec![u32::MAX - 1, u32::MAX],
        ] {
            let column = Numbers::optional(&values);
            for (row, &value) in values.iter().enumerate() {
                assert_eq!(column.number(row), (value != u32::MAX).then_some(value), "{values:?}");
            }
        }
    }

    #[test]
    fn names_come_back_in_any_width() {
        for values in [vec![0, 0], vec![0, 255], vec![256, 1], vec![u16::MAX]] {
            let column = Numbers::names(values.iter().copied());
            for (row, &value) in values.iter().enumerate() {
                assert_eq!(column.name(row), value, "{values:?}");
            }
        }
    }
}

//! egui parts that know no data.

//! The forms in which answers are printed.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InfoFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventsFormat {
    Text,
    Ndjson,
    /// Cells that a spreadsheet would run get a quote in front
    Csv,
    /// Cells as they are
    CsvExact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    Text,
    Json,
    Mermaid,
    Plantuml,
    Svg,
    /// A table with a diagram, for tickets
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    /// Services as life lines, events as messages between them
    Sequence,
    /// A lane for each service, events where their times put them
    Waterfall,
    /// An arrow from each cause to its effects
    Graph,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChainOrder {
    Start,
    Duration,
    Size,
    Missing,
    /// Chains that go a way that few others go
    Rarity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChainsFormat {
    Text,
    /// One chain a line
    Ndjson,
    /// The whole: chains, ways with their frequency, what usually follows, what is left out
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    Table,
    /// An array with an object per row
    Json,
    /// Cells that a spreadsheet would run get a quote in front
    Csv,
    /// Cells as they are
    CsvExact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MapFormat {
    Text,
    Json,
    Mermaid,
    Svg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    Text,
    /// One finding a line
    Json,
    Sarif,
}

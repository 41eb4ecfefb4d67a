//! The filter that all panels share.

/// Changes of the one filter and of the saved ones.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterCommand {
    /// Replaces the filter's text; an empty text shows everything.
    Set(String),
    /// Adds a condition to what is there (`type:OrderPlaced`), joined by "and".
    And(String),
    /// Adds `not (…)`.
    AndNot(String),
    Clear,
    /// Stops a running evaluation; what was shown before stays.
    Cancel,
    /// Keeps the present filter under a name.
    Save(String),
    Forget(String),
    /// Puts the keyboard into the filter bar.
    Focus,
}

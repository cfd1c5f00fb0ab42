//! The token counts of model calls.

/// The tokens that a model call, or a whole trace, used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// The tokens of the prompt.
    pub input_tokens: u64,
    /// The tokens of the answer.
    pub output_tokens: u64,
    /// All tokens, as the provider of the model counts them.
    pub total_tokens: u64,
    /// The prompt tokens read from the provider's cache, if reported.
    pub cache_read_input_tokens: Option<u64>,
    /// The prompt tokens written to the provider's cache, if reported.
    pub cache_creation_input_tokens: Option<u64>,
    /// Of those, the tokens that are cached for an hour, if reported.
    pub cache_creation_input_tokens_above_1h: Option<u64>,
}

impl TokenUsage {
    /// The sum of two usages.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let optional = |one: Option<u64>, two: Option<u64>| match (one, two) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0).saturating_add(two.unwrap_or(0))),
        };
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
            cache_read_input_tokens: optional(self.cache_read_input_tokens, other.cache_read_input_tokens),
            cache_creation_input_tokens: optional(self.cache_creation_input_tokens, other.cache_creation_input_tokens),
            cache_creation_input_tokens_above_1h: optional(
                self.cache_creation_input_tokens_above_1h,
                other.cache_creation_input_tokens_above_1h,
            ),
        }
    }
}

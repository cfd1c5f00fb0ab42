//! The token counts of a model's answer.

use crate::trace::TokenUsage;

/// The counts as one answer reports them; a provider may leave out any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageCounts {
    /// OpenAI's `prompt_tokens`.
    pub input_tokens: Option<u64>,
    /// OpenAI's `completion_tokens`.
    pub output_tokens: Option<u64>,
    /// OpenAI's `total_tokens`.
    pub total_tokens: Option<u64>,
    /// OpenAI's `prompt_tokens_details.cached_tokens`.
    pub cache_read_input_tokens: Option<u64>,
    /// Anthropic's `cache_creation_input_tokens`.
    pub cache_creation_input_tokens: Option<u64>,
    /// Of those, Anthropic's `cache_creation.ephemeral_1h_input_tokens`.
    pub cache_creation_input_tokens_above_1h: Option<u64>,
}

impl UsageCounts {
    /// The counts as MLflow requires them: all of input, output and total, or nothing. A missing total is the sum
    /// of the other two; with only a total, the other two count as 0. Counts that are all 0 count as unknown:
    /// AG2 writes zeros where a stream has no usage (autogen/oai/client.py, `OpenAIClient.create`).
    #[must_use]
    pub fn known(self) -> Option<TokenUsage> {
        let counts = [self.input_tokens, self.output_tokens, self.total_tokens];
        if counts.iter().all(|count| count.unwrap_or(0) == 0) {
            return None;
        }
        let input_tokens = self.input_tokens.unwrap_or(0);
        let output_tokens = self.output_tokens.unwrap_or(0);
        Some(TokenUsage {
            input_tokens,
            output_tokens,
            total_tokens: self.total_tokens.unwrap_or_else(|| input_tokens.saturating_add(output_tokens)),
            cache_read_input_tokens: self.cache_read_input_tokens,
            cache_creation_input_tokens: self.cache_creation_input_tokens,
            cache_creation_input_tokens_above_1h: self.cache_creation_input_tokens_above_1h,
        })
    }
}

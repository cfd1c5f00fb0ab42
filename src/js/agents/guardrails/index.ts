/**
 * `mlflow-ag2/agents/guardrails`: guardrails of agents in group chats by patterns (AG2:
 * agentchat/group/guardrails.py).
 *
 * @module mlflow-ag2/agents/guardrails
 */

export {
  Guardrail,
  type GuardrailOptions,
  type GuardrailResult,
  LLMGuardrail,
  RegexGuardrail,
  registerInputGuardrails,
  registerOutputGuardrails,
} from "./guardrail.js";

import type { TraceContext } from '@millrace/streaming-core/contract';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaInput } from '../decision/inputs.ts';

/** One input for one saga. */
export interface Incoming {
  readonly name: string;
  readonly sagaId: string;
  /** The id of the message, or of the unanswered command whose timer fired. */
  readonly causationId: string;
  readonly trace: TraceContext;
  /** The partition of the message or timer. Undefined for a local start. */
  readonly partition?: number;
  /** The message's type, or `timer` and its step. Used in reports. */
  readonly what: string;
  /**
   * Returns the input as this version of the definition sees it. `at` is the moment at which the
   * saga takes it.
   */
  toInput(definition: SagaDefinition, at: string): SagaInput;
}

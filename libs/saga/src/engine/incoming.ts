import type { TraceContext } from '@millrace/streaming-core/contract';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaInput } from '../decision/inputs.ts';

/** One input on its way into one saga. */
export interface Incoming {
  readonly name: string;
  readonly sagaId: string;
  /** Id of the message, or of the command whose silence made a timer fire. */
  readonly causationId: string;
  readonly trace: TraceContext;
  /** The message's type, or `timer` and its step: for reports. */
  readonly what: string;
  /** What the input is to this version of the definition; `at` is the moment at which it is taken. */
  toInput(definition: SagaDefinition, at: string): SagaInput;
}

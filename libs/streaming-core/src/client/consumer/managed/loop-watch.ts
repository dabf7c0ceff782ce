import type { FetchedRecord } from '../../types.ts';
import type { ConsumedBatch } from './consumer-types.ts';

/** The content that a loop over a consumer receives in one turn. */
export type Delivered = FetchedRecord | ConsumedBatch;

/** Follows how the application uses its loop over a consumer. */
export interface LoopWatch {
  /** Called when the loop asks for more, and so has finished what it had in hand. */
  onAsked(): void;
  /** Called when the loop receives content. */
  onHanded(delivered: Delivered): void;
  /** Called when the loop has ended or was left, so that it asks for no more. */
  onLeft(): void;
}

import type { FetchedRecord } from '../../types.ts';
import type { ConsumedBatch } from './consumer-types.ts';

/** What a loop over a consumer receives. */
export type Delivered = FetchedRecord | ConsumedBatch;

/** Is told how the application uses the loop over a consumer. */
export interface LoopWatch {
  /** The loop asks for more. What it had in hand is finished. */
  onAsked(): void;
  /** The loop has this in hand. */
  onHanded(delivered: Delivered): void;
  /** The loop has ended or was left, so nobody asks for more. */
  onLeft(): void;
}

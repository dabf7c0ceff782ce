import type { WireClient } from '@millrace/streaming-core/protocol';
import type { Asked, PromiseBook } from './promise-book.ts';

/** A connection, and the book that records its requests and their outcomes. */
export interface Asking {
  readonly client: WireClient;
  readonly book: PromiseBook;
  /** The number of changes made to the disk so far. */
  readonly now: () => number;
}

/**
 * Records the outcome of a request. A failure is an outcome like any other, so this never rejects.
 */
export async function answerTo<Of extends Asked>(
  asked: Of,
  now: () => number,
  ask: () => Promise<number | undefined>,
): Promise<Of> {
  try {
    const code = await ask();
    if (code === 0) asked.doneAt = now();
    else asked.failed = `error ${code}`;
  } catch (error) {
    asked.failed = String(error);
  }
  return asked;
}

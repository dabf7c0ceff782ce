import type { WireClient } from '@millrace/streaming-core/protocol';
import type { Asked, PromiseBook } from './promise-book.ts';

/** A connection, and where what is asked over it and what comes of it is written down. */
export interface Asking {
  readonly client: WireClient;
  readonly book: PromiseBook;
  /** How many changes of the disk have been made. */
  readonly now: () => number;
}

/** A failure is an outcome like others: nothing rejects. */
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

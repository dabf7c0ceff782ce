/**
 * - `fenced`: the partition has a new owner.
 * - `terminal`: the message can never be handled.
 * - `foreign_cluster`: the database belongs to the log of another cluster.
 * - `offset_refused`: the stored offset belongs to another log, or lies outside this one.
 * - `malformed`: the record is no message of its topic.
 * - `duplicate_handler`, `no_handlers`: the runtime was composed wrongly.
 * - `stopped`: the runtime is stopping.
 */
export type ConsumerErrorCode =
  | 'fenced'
  | 'terminal'
  | 'foreign_cluster'
  | 'offset_refused'
  | 'malformed'
  | 'duplicate_handler'
  | 'no_handlers'
  | 'stopped';

export class ConsumerError extends Error {
  override readonly name: string = 'ConsumerError';
  readonly code: ConsumerErrorCode;

  constructor(code: ConsumerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A handler throws it to say that no retry can help: the message goes to the dead letters at once, with this as its reason. */
export class TerminalError extends ConsumerError {
  override readonly name = 'TerminalError';

  constructor(message: string, options?: ErrorOptions) {
    super('terminal', message, options);
  }
}

/** The assignment epoch has moved on: another member owns the partition, and nothing of this transaction was kept. */
export class FencedError extends ConsumerError {
  override readonly name = 'FencedError';

  constructor(message: string, options?: ErrorOptions) {
    super('fenced', message, options);
  }
}

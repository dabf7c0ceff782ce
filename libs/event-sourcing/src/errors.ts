import type { ExpectedVersion } from './event-store.ts';

/** Every error of this library, by its code. */
export const eventStoreErrors = {
  wrong_expected_version: 'Another transaction wrote to the stream first',
  undeclared_stream:
    'A handler uses a stream that is not among its locks, and so was not locked with its batch',
  append_too_large: 'An append or a batch has too many streams and events',
  event_not_storable: 'An event has text that PostgreSQL does not store',
  event_too_large: 'An event exceeds the limit of bytes',
  invalid_event_id: 'The id of a published event is no UUIDv7',
  invalid_stream_id: 'A stream id is empty or too long',
  stream_named_twice: 'An append or a decision names a stream twice',
  stream_not_loaded: 'A decision adds to a stream that is not among its streams',
  stream_too_long: 'A stream has more events than are read at once',
  state_not_storable: 'A state does not fit into a snapshot; the stream goes on without a new one',
  snapshot_damaged: 'A snapshot does not hold a state; the stream is folded from its first event',
} as const;

export type EventStoreErrorCode = keyof typeof eventStoreErrors;

/** The transaction is lost: load the state and decide again, as `optimisticTransaction` does. */
export class WrongExpectedVersionError extends Error {
  readonly code = 'wrong_expected_version' satisfies EventStoreErrorCode;
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly actual: bigint;

  constructor(
    conflict: { stream: string; expected: ExpectedVersion; actual: bigint },
    options?: ErrorOptions,
  ) {
    super(
      `stream ${conflict.stream} is at version ${conflict.actual}, expected ${conflict.expected}`,
      options,
    );
    this.name = 'WrongExpectedVersionError';
    this.stream = conflict.stream;
    this.expected = conflict.expected;
    this.actual = conflict.actual;
  }
}

/** A call that the store refuses: the same call fails the same way again. */
export class EventStoreError extends Error {
  readonly code: EventStoreErrorCode;
  /** Where the call is about one stream. */
  readonly stream?: string;

  constructor(
    code: EventStoreErrorCode,
    message: string,
    { stream, ...options }: ErrorOptions & { readonly stream?: string } = {},
  ) {
    super(message, options);
    this.name = 'EventStoreError';
    this.code = code;
    this.stream = stream;
  }
}

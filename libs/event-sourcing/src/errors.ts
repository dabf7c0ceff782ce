import type { ExpectedVersion } from './event-store.ts';

/** Somebody else wrote to the stream first. The transaction is lost: load the state again and decide again (`executeCommand` does). */
export class WrongExpectedVersionError extends Error {
  readonly code = 'wrong_expected_version';
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

/** A handler wrote to a stream that its batch has not locked: locking it late could deadlock two batches. A mistake in `locks`. */
export class UndeclaredStreamError extends Error {
  readonly code = 'undeclared_stream';
  readonly stream: string;

  constructor(stream: string) {
    super(`stream ${stream} was not locked with its batch: name it in the handler's locks`);
    this.name = 'UndeclaredStreamError';
    this.stream = stream;
  }
}

export type EventStoreErrorCode =
  | 'append_too_large'
  | 'event_not_storable'
  | 'event_too_large'
  | 'invalid_stream_id'
  | 'stream_named_twice'
  | 'stream_too_long';

/** A call outside the store's limits: the same call fails the same way again. */
export class EventStoreError extends Error {
  readonly code: EventStoreErrorCode;

  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventStoreError';
    this.code = code;
  }
}

import { ProtocolError } from '../protocol/errors.ts';

/**
 * Bytes that were certainly on disk are missing or have changed. The partition goes offline;
 * nothing is truncated or skipped.
 */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** The error that clients get. */
export const damaged = (topic: string, partition: number, cause: unknown) =>
  new ProtocolError(
    'KAFKA_STORAGE_ERROR',
    `${topic}-${partition} is damaged and offline: restore its folder from a copy, or delete the topic`,
    {
      cause,
    },
  );

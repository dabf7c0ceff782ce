import { ProtocolError } from '../protocol/errors.ts';

/** Bytes that were on disk for certain are not what they were. The partition goes offline; nothing is cut or skipped. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** What clients are told of it. */
export const damaged = (topic: string, partition: number, cause: unknown) =>
  new ProtocolError(
    'KAFKA_STORAGE_ERROR',
    `${topic}-${partition} is damaged and offline: restore its folder from a copy, or delete the topic`,
    {
      cause,
    },
  );

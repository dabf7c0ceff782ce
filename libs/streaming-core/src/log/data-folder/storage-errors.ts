import { ProtocolError } from '../../protocol/errors.ts';

/**
 * The broker cannot use the data folder and has changed nothing in it. The message says what to do.
 */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Wraps any other error in one that names the folder. */
export function orDataFolderError(folder: string, error: unknown): DataFolderError {
  if (error instanceof DataFolderError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFolderError(`data folder ${folder} cannot be opened: ${reason}`, { cause: error });
}

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

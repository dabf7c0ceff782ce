import type { Logger } from '../../runtime/index.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { shortageOf } from './disk.ts';

/**
 * Whether the log directory can be trusted. After one failed fsync it cannot: the kernel may have
 * dropped the pages and report success the next time ("fsyncgate"). So nothing is retried, and the
 * directory stays offline until a restart has read what is really on disk.
 */
export class StorageHealth {
  readonly #logger: Logger;
  readonly #listeners = new Set<(cause: ProtocolError) => void>();
  #cause: ProtocolError | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get offlineCause(): ProtocolError | undefined {
    return this.#cause;
  }

  /** Throws KAFKA_STORAGE_ERROR once the directory is offline. */
  check(): void {
    if (this.#cause !== undefined) throw this.#cause;
  }

  fail(message: string, cause: unknown): ProtocolError {
    if (this.#cause !== undefined) return this.#cause;
    this.#cause = new ProtocolError(
      'KAFKA_STORAGE_ERROR',
      `${message}: the log directory is offline. Check the disk, then restart the broker`,
      { cause },
    );
    this.#logger.error({ err: cause }, this.#cause.message);
    for (const listener of [...this.#listeners]) listener(this.#cause);
    return this.#cause;
  }

  /**
   * Makes a change of the log directory. Only this change fails if the disk is full or no
   * descriptor is free. After any other failure the directory goes offline.
   */
  async durably<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      const shortage = shortageOf(error);
      if (shortage === undefined) throw this.fail(`${what} failed`, error);
      throw new ProtocolError('KAFKA_STORAGE_ERROR', `${what} failed, ${shortage}, then try again`, {
        cause: error,
      });
    }
  }

  onOffline(listener: (cause: ProtocolError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

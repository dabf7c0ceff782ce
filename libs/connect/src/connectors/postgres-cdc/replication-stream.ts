import type { Clock } from '@millrace/streaming-core/runtime';
import type { Client } from 'pg';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import { connectTo, databaseError, type ConnectionOptions } from './connection.ts';
import { postgresEpochUs } from './pgoutput.ts';

/** Something that PostgreSQL has sent: a message of pgoutput, or a keepalive with its position in the log. */
export type Sent =
  | { readonly kind: 'message'; readonly lsn: bigint; readonly bytes: Buffer }
  | { readonly kind: 'keepalive'; readonly lsn: bigint; readonly asksForAnswer: boolean };

/** The methods for copying in both directions, which the types of `pg` leave out. */
interface CopyConnection {
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
  readonly stream: { pause(): void; resume(): void };
}

export interface ReplicationOptions extends Omit<ConnectionOptions, 'replication'> {
  readonly slot: string;
  readonly publication: string;
  readonly clock: Clock;
}

/** The stream stops reading the socket while more bytes than this wait. */
const waitingBytesMax = 8 * 1_024 * 1_024;
const statusMs = 10_000;
const silenceMsMax = 60_000;

/**
 * The stream of a replication slot. PostgreSQL waits while nobody takes what it has sent. Every 10 seconds
 * the stream reports to PostgreSQL what it has received and what was acknowledged.
 */
export class ReplicationStream {
  readonly #client: Client;
  readonly #connection: CopyConnection;
  readonly #clock: Clock;
  #waiting: Sent[] = [];
  #waitingBytes = 0;
  #paused = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  #received = 0n;
  #acknowledged = 0n;
  #heardAt: number;
  #cancelStatus: () => void = () => undefined;
  #closed = false;

  /** Throws PostgreSQL's error, with its `code`, if the slot cannot be read now. */
  static async open(options: ReplicationOptions): Promise<ReplicationStream> {
    const client = await connectTo({ ...options, replication: true });
    try {
      const stream = new ReplicationStream(client, options.clock);
      await stream.#start(options);
      return stream;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  private constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#connection = (client as unknown as { connection: CopyConnection }).connection;
    this.#clock = clock;
    this.#heardAt = clock.monotonic();
  }

  async #start({ slot, publication }: ReplicationOptions): Promise<void> {
    this.#client.on('notice', ({ message = '' }) => this.#refuseMissingPublication(message));
    this.#connection.on('copyData', ({ chunk }) => this.#take(chunk));
    const started = new Promise<void>((resolve) => this.#connection.once('replicationStart', resolve));
    const ended = this.#client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 ` +
        `(proto_version '1', publication_names '"${publication}"', messages 'true')`,
    );
    ended.then(
      () => this.#fail(new RetriableConnectError('the database has ended the replication stream')),
      (error: unknown) => this.#fail(databaseError(error)),
    );
    await Promise.race([started, ended]);
    this.#sendStatusLater();
  }

  /** PostgreSQL 18 only warns if the publication does not exist, and leaves out its changes. */
  #refuseMissingPublication(notice: string): void {
    if (notice.includes('skipped loading publication'))
      this.#fail(
        new ConnectError(
          `${notice}: it was dropped, and changes since then are not captured. Create it again with its tables; ` +
            "for what was changed meanwhile take a new snapshot (delete the connector's offsets and its slot)",
        ),
      );
  }

  #take(chunk: Buffer): void {
    this.#heardAt = this.#clock.monotonic();
    const lsn = chunk.readBigUInt64BE(1);
    if (chunk[0] === 0x77) {
      // The connection's parser reuses its buffer.
      const bytes = Buffer.from(chunk.subarray(25));
      this.#waiting.push({ kind: 'message', lsn, bytes });
      this.#waitingBytes += bytes.length;
      if (lsn > this.#received) this.#received = lsn;
    } else if (chunk[0] === 0x6b) {
      this.#waiting.push({ kind: 'keepalive', lsn, asksForAnswer: chunk[17] === 1 });
      if (lsn > this.#received) this.#received = lsn;
    }
    if (this.#waitingBytes > waitingBytesMax && !this.#paused) {
      this.#paused = true;
      this.#connection.stream.pause();
    }
    this.#wake();
  }

  /** Takes everything that waits. Throws if the stream has failed and nothing waits any more. */
  takeAll(): readonly Sent[] {
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure;
    const taken = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#heardAt = this.#clock.monotonic();
      this.#connection.stream.resume();
    }
    return taken;
  }

  /** Resolves once something waits, the time is over or the signal aborts. */
  async wait(spanMs: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length > 0 || this.#failure !== undefined || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(spanMs, end);
      signal.addEventListener('abort', end);
      this.#wake = end;
    });
  }

  /**
   * Lets PostgreSQL delete the log before this position. It never reports a position that PostgreSQL has not
   * sent yet, because PostgreSQL would then skip everything before it silently.
   */
  acknowledge(position: bigint): void {
    const lsn = position < this.#received ? position : this.#received;
    if (lsn <= this.#acknowledged) return;
    this.#acknowledged = lsn;
    this.#sendStatus(false);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelStatus();
    await this.#client.end();
  }

  #sendStatusLater(): void {
    this.#cancelStatus = this.#clock.after(statusMs, () => {
      const silentMs = this.#clock.monotonic() - this.#heardAt;
      if (!this.#paused && silentMs > silenceMsMax)
        return this.#fail(
          new RetriableConnectError(`the database has been silent for ${Math.round(silentMs / 1_000)} s`),
        );
      this.#sendStatus(true);
      this.#sendStatusLater();
    });
  }

  /**
   * Sends a standby status update: the positions received, flushed and applied, the time, and whether
   * PostgreSQL shall answer at once. https://www.postgresql.org/docs/current/protocol-replication.html
   */
  #sendStatus(answer: boolean): void {
    if (this.#closed || this.#failure !== undefined) return;
    const status = Buffer.alloc(34);
    status.write('r', 'latin1');
    status.writeBigUInt64BE(this.#received, 1);
    status.writeBigUInt64BE(this.#acknowledged, 9);
    status.writeBigUInt64BE(this.#acknowledged, 17);
    status.writeBigInt64BE(BigInt(Math.floor(this.#clock.now())) * 1_000n - postgresEpochUs, 25);
    status.writeUInt8(answer ? 1 : 0, 33);
    this.#connection.sendCopyFromChunk(status);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#cancelStatus();
    this.#wake();
  }
}

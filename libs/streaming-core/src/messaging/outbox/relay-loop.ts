import { channel } from 'node:diagnostics_channel';
import { ClientError, type GroupOffsets, type Producer } from '../../client/index.ts';
import { type Clock, type Logger, minutes, pause } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/logger.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { ConnectorFollower } from './capture/connector-follower.ts';
import { HandOver } from './capture/hand-over.ts';
import type { OutboxConnector } from './capture/outbox-connector.ts';
import { createPublisher, type DeliveryOptions, type Publisher } from './publishers.ts';
import { maintainPartitions, type MaintenanceOptions } from './maintenance.ts';
import { HolderWatch, RelayLease } from './relay-lease.ts';
import { refuseOlderDatabase, PublishedMarks } from './published-marks.ts';
import { OutboxError, type StoredOutboxRow } from './outbox-row.ts';
import type { RelayLimits } from './relay-limits.ts';
import type { RowSource } from './row-source.ts';

export interface RelayOptions extends DeliveryOptions {
  readonly database: SqlDatabase;
  readonly producer: Producer;
  /**
   * A name that is unique per relay. A new UUID at every start is enough. With a name that stays
   * the same across restarts, a relay that was killed resumes at once instead of waiting for the
   * end of its own lease. If two relays have the same name, the older one stops permanently.
   */
  readonly holder: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly name?: string;
  readonly limits?: Partial<RelayLimits>;
  readonly maintenance?: MaintenanceOptions;
  /**
   * The offsets of a group that only the relay uses and that no consumer joins. The relay notes
   * there how far it has published. Without them, it does not notice a database that is older than
   * the log.
   */
  readonly marks?: GroupOffsets;
  /**
   * A connector that publishes the outbox instead of the relay, or has done so. Without it, a relay
   * refuses an outbox that a connector publishes.
   */
  readonly connector?: {
    readonly control: OutboxConnector;
    /** Whether it is to publish from now on. */
    readonly publishes: boolean;
  };
}

const publishesAgain = 'the relay publishes again';

const published = channel('millrace.relay.published');
const failed = channel('millrace.relay.failed');

interface LoopOptions extends RelayOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RelayLimits;
  readonly source: RowSource;
  readonly newId: () => string;
}

/** Competes for the lease, and publishes under it or follows a connector, until it is stopped. */
export class RelayLoop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #retryDelayMs: number;
  #lease: RelayLease | undefined;
  #lastEpoch: string | undefined;
  readonly #holderWatch: HolderWatch;
  readonly #retries: RetryLog;
  readonly #marks: PublishedMarks | undefined;
  readonly #publisher: Publisher;
  readonly #handOver: HandOver | undefined;
  #follower: ConnectorFollower | undefined;
  #maintainAt = -Infinity;
  #maintenance: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#retries = new RetryLog({ ...options, level: 'error' });
    this.#holderWatch = new HolderWatch(options);
    const { marks: offsets, limits } = options;
    this.#marks = offsets && new PublishedMarks({ ...options, offsets, delayMs: limits.markDelayMs });
    this.#publisher = createPublisher(options);
    this.#handOver =
      options.connector &&
      new HandOver({ ...options, ...options.connector, onSlotCreated: () => options.source.notify() });
    this.#retryDelayMs = options.limits.retryDelayMsMin;
  }

  get publishing(): boolean {
    return this.#lease?.held === true;
  }

  /** True while a connector publishes the outbox, and this relay only moves the cursor. */
  get follows(): boolean {
    return this.#follower !== undefined;
  }

  get failure(): Error | undefined {
    return this.#failure ?? this.#handOver?.failure ?? this.#follower?.failure;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#options.source.notify();
    const { clock, limits } = this.#options;
    await Promise.race([this.#running, pause(clock, limits.stopTimeoutMs)]);
  }

  async #run(): Promise<void> {
    const { limits } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        this.#lease = await RelayLease.take({ ...this.#options, ...limits, lastEpoch: this.#lastEpoch });
        this.#lastEpoch = this.#lease?.epoch ?? this.#lastEpoch;
        if (this.#lease === undefined) await this.#waitForLease();
        else await this.#publishWhileHeld(this.#lease);
      } catch (error) {
        this.#lease?.abandon();
        if (error instanceof OutboxError && error.code === 'holder_taken') return this.#report(error);
        await this.#backOff(error);
      }
    }
    await this.#lease?.release().catch((error: unknown) => this.#report(error));
    await Promise.all([this.#marks?.close(), this.#maintenance, this.#handOver?.settled()]);
  }

  async #waitForLease(): Promise<void> {
    if (this.#lastEpoch !== undefined) await this.#holderWatch.refuse(this.#lastEpoch);
    this.#recovered('another relay publishes, and this one stands by');
    await pause(this.#options.clock, this.#options.limits.competeEveryMs, this.#stopping.signal);
  }

  async #publishWhileHeld(lease: RelayLease): Promise<void> {
    const { source } = this.#options;
    source.begin();
    await this.#untilDone(lease, () => this.#refuseOlderDatabase(lease));
    let slot = await this.#untilDone(lease, () => this.#publishedFrom(lease));
    if (slot === undefined) await this.#untilDone(lease, () => this.#publisher.begin(lease));
    while (slot === undefined && lease.held && !this.#stopping.signal.aborted) {
      this.#maintainSometimes();
      const hadSlot = this.#handOver?.hasSlot === true;
      const rows = await source.after(lease.position);
      if (rows.length > 0) await this.#publish(lease, rows);
      else this.#recovered(publishesAgain);
      const hasAll = hadSlot && rows.length === 0 && !source.waiting;
      slot = await this.#handOver?.next(lease, hasAll);
      if (slot === undefined) await source.pause();
    }
    if (slot !== undefined) await this.#follow(lease, slot);
  }

  /** Resolves to the slot of the connector that publishes the outbox, or to undefined if this relay does. */
  #publishedFrom(lease: RelayLease): Promise<string | undefined> {
    const { name } = this.#options;
    if (this.#handOver !== undefined) return this.#handOver.begin(lease);
    if (lease.delivery !== 'connector') return Promise.resolve(undefined);
    throw new OutboxError(
      'cursor_refused',
      `a connector publishes the outbox of relay "${name}": give this relay the option connector, ` +
        'with which it takes the outbox back',
    );
  }

  async #follow(lease: RelayLease, slot: string): Promise<void> {
    const { clock, connector, limits } = this.#options;
    if (connector === undefined) return;
    this.#follower = new ConnectorFollower({ ...this.#options, connector: connector.control, slot });
    try {
      while (lease.held && !this.#stopping.signal.aborted) {
        this.#maintainSometimes();
        const last = await this.#follower.published(lease);
        if (last !== undefined) {
          await lease.advance(BigInt(last.position));
          const mark = { storeId: lease.storeId, position: lease.position, messageId: last.id };
          // A mark needs a partition, and its place there means nothing.
          this.#marks?.note(mark, { topic: last.topic, partition: 0, offset: -1n });
        }
        this.#recovered('the relay follows the connector again');
        await pause(clock, limits.followEveryMs, this.#stopping.signal);
      }
    } finally {
      this.#follower = undefined;
    }
  }

  async #publish(lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<void> {
    const placed = await this.#untilDone(lease, () => this.#publisher.send(lease, rows));
    const last = rows.at(-1);
    if (placed === undefined || last === undefined) return; // the next holder begins at the cursor
    const position = BigInt(last.position);
    if (position > lease.position) await lease.advance(position);
    const at = placed.at(-1);
    if (at !== undefined)
      this.#marks?.note({ storeId: lease.storeId, position: lease.position, messageId: last.id }, at);
    this.#recovered(publishesAgain);
    published.publish({ name: this.#options.name, rows: placed.length, position: lease.position });
  }

  async #refuseOlderDatabase({ storeId, position }: RelayLease): Promise<void> {
    const { database, name } = this.#options;
    await refuseOlderDatabase(database, { name, position }, await this.#marks?.highest(storeId));
  }

  /**
   * Repeats `work` while the log is away. Returns undefined when the lease is lost or the relay
   * stops.
   */
  async #untilDone<Result>(lease: RelayLease, work: () => Promise<Result>): Promise<Result | undefined> {
    while (lease.held && !this.#stopping.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof OutboxError) throw error;
        await this.#backOff(error, lease.signal);
      }
    }
    return undefined;
  }

  /** Runs beside publishing, because reading a large default partition takes a while. */
  #maintainSometimes(): void {
    if (this.#options.clock.monotonic() < this.#maintainAt) return;
    this.#maintainAt = Infinity;
    this.#maintenance = this.#maintain();
  }

  async #maintain(): Promise<void> {
    const { clock, database, limits, logger, maintenance } = this.#options;
    let againInMs: number = limits.maintainEveryMs;
    try {
      await maintainPartitions(database, maintenance);
    } catch (error) {
      againInMs = Math.min(minutes(1), againInMs);
      logger.warn(
        { err: error },
        'the partitions of outbox and inbox could not be maintained; retrying within a minute',
      );
    }
    this.#maintainAt = clock.monotonic() + againInMs;
  }

  async #backOff(error: unknown, lost?: AbortSignal): Promise<void> {
    this.#report(error);
    const signal =
      lost === undefined ? this.#stopping.signal : AbortSignal.any([lost, this.#stopping.signal]);
    const delayMs = this.#retryDelayMs;
    this.#retryDelayMs = Math.min(delayMs * 2, this.#options.limits.retryDelayMsMax);
    await pause(this.#options.clock, delayMs, signal);
  }

  #recovered(message: string): void {
    this.#retryDelayMs = this.#options.limits.retryDelayMsMin;
    this.#failure = undefined;
    this.#retries.recovered(message, { relay: this.#options.name });
  }

  #report(error: unknown): void {
    const { logger, name, holder } = this.#options;
    const code = error instanceof OutboxError || error instanceof ClientError ? error.code : undefined;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    failed.publish({ name, error: this.#failure });
    if (code === 'lease_lost') logger.warn({ relay: name, holder }, this.#failure.message);
    else if (code === 'holder_taken') logger.error({ relay: name, holder }, this.#failure.message);
    else if (code === 'unknown_topic')
      this.#retries.failed(
        error,
        `the outbox is blocked: ${this.#failure.message}; the setup step creates the topics that services declare (npm start runs it)`,
        { relay: name, holder },
      );
    else this.#retries.failed(error, 'the relay failed; retrying', { relay: name, holder });
  }
}

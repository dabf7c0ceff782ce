import { milliseconds, pause, seconds, type Clock, type Logger } from '../../../runtime/index.ts';
import { RetryLog } from '../../../runtime/logger.ts';
import type { SqlDatabase } from '../../../postgres/index.ts';
import type { RelayLease } from '../relay-lease.ts';
import type { OutboxConnector } from './outbox-connector.ts';
import {
  createOutboxSlot,
  dropOutboxSlot,
  dropUnreadSlots,
  outboxSlots,
  slotName,
  type NewSlot,
} from './outbox-slot.ts';

export interface HandOverOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly control: OutboxConnector;
  /** Whether the connector is to publish the outbox, or the relay after a connector. */
  readonly publishes: boolean;
  /** Makes UUIDs, for the names of slots. */
  readonly newId: () => string;
  /** Called once a slot exists. The relay then publishes the rows that were committed before it. */
  readonly onSlotCreated: () => void;
}

const tryEveryMs = seconds(5);
/** How long a connector that was removed may still read its slot. */
const releaseMsMax = seconds(5);

/**
 * Moves the outbox from the relay to the connector, and back. No row is lost, and the first
 * occurrences of a key's messages are in order:
 *
 * - The connector reads what is committed after its slot was created. It is started only once the
 *   relay has published every row that was committed before, so no message overtakes an earlier one.
 * - The relay goes on only after the slot was dropped, at a cursor that has passed no row that the
 *   connector has not published. What the connector has in flight then appears twice, in order.
 * - A lost slot is replaced in the same way, because the rows after the cursor are in the table.
 * - The slot's name is recorded with the cursor, by the statement that says that a connector
 *   publishes. Any other slot is dropped: a relay that lost its lease meanwhile may have created it,
 *   and it lacks the rows before. If such a relay drops the recorded slot, that one is lost.
 */
export class HandOver {
  readonly #options: HandOverOptions;
  readonly #retries: RetryLog;
  #slot: NewSlot | undefined;
  #creating: Promise<void> | undefined;
  #tryAt = -Infinity;
  /** Why the hand-over has not succeeded yet. */
  failure: Error | undefined;

  constructor(options: HandOverOptions) {
    this.#options = options;
    this.#retries = new RetryLog(options);
  }

  /**
   * Call this under a new lease. Resolves to the slot from which a connector publishes, or to
   * undefined if the relay has to.
   */
  async begin(lease: RelayLease): Promise<string | undefined> {
    this.#slot = undefined;
    this.failure = undefined;
    const { database, logger, publishes } = this.#options;
    if (lease.delivery !== 'connector') {
      // No connector was told of a slot that is left from a relay that was to hand over.
      if (!publishes) await dropUnreadSlots(database, lease);
      return undefined;
    }
    const slot = (await outboxSlots(database)).find(({ name }) => name === lease.slot);
    if (publishes && slot?.lost === false) return slot.name;
    if (publishes)
      logger.warn(
        { slot: lease.slot },
        'the replication slot of the outbox is lost; the relay publishes what the connector has not',
      );
    await this.#takeBack(lease);
    await lease.declare('at-least-once');
    return undefined;
  }

  /**
   * Call this again and again while the relay publishes. `hasAll` says that it has published every
   * row that it can see, as read after the call before. Resolves to the slot once the connector is
   * to go on.
   */
  async next(lease: RelayLease, hasAll: boolean): Promise<string | undefined> {
    if (!this.#options.publishes) return undefined;
    const slot = this.#slot;
    if (slot === undefined) {
      this.#createSometimes(lease);
      return undefined;
    }
    if (lease.position < slot.lastPositionBefore && !hasAll) return undefined;
    await lease.declareConnector(slot.name);
    return slot.name;
  }

  /** True once there is a slot whose earlier rows the relay has to publish. */
  get hasSlot(): boolean {
    return this.#slot !== undefined;
  }

  /** Resolves once nothing runs in the background. */
  async settled(): Promise<void> {
    await this.#creating;
  }

  /** Beside publishing, because a slot waits for every transaction that runs. */
  #createSometimes(lease: RelayLease): void {
    const { clock } = this.#options;
    if (this.#creating !== undefined || clock.monotonic() < this.#tryAt) return;
    this.#tryAt = clock.monotonic() + tryEveryMs;
    this.#creating = this.#create(lease)
      .catch((error: unknown) => {
        if (!lease.held) return; // the next holder hands over
        this.failure = error as Error;
        this.#retries.failed(error, 'the relay could not hand the outbox over to a connector; retrying');
      })
      .then(() => (this.#creating = undefined));
  }

  async #create(lease: RelayLease): Promise<void> {
    const { control, database, newId, onSlotCreated } = this.#options;
    const name = slotName(newId());
    await control.check(name); // a connector that cannot run would publish nothing, in place of the relay
    lease.assertHeld();
    await control.remove();
    await dropUnreadSlots(database, lease);
    lease.assertHeld();
    const slot = await createOutboxSlot(database, name);
    if (!lease.held) return dropOutboxSlot(database, slot.name);
    this.#slot = slot;
    this.failure = undefined;
    this.#retries.recovered('the relay hands the outbox over to a connector');
    onSlotCreated();
  }

  /**
   * A connector that cannot be reached stops publishing once its slot and publication are dropped.
   * If it comes back, it reads nothing.
   */
  async #takeBack(lease: RelayLease): Promise<void> {
    const unanswered = await this.#options.control.remove().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    await this.#dropRead(lease).catch((error: unknown) => {
      lease.assertHeld();
      throw new Error(
        'a connector still reads the replication slot of the outbox, so the relay does not publish' +
          (unanswered === undefined ? '' : `, and it could not be removed: ${unanswered.message}`),
        { cause: error },
      );
    });
    await dropUnreadSlots(this.#options.database, lease);
  }

  /** A connector that was just removed still reads for a moment. */
  async #dropRead(lease: RelayLease): Promise<void> {
    const { clock, database } = this.#options;
    for (const deadline = clock.monotonic() + releaseMsMax; ; await pause(clock, milliseconds(100)))
      try {
        lease.assertHeld();
        return lease.slot === undefined ? undefined : await dropOutboxSlot(database, lease.slot);
      } catch (error) {
        if (!lease.held || clock.monotonic() >= deadline) throw error;
      }
  }
}

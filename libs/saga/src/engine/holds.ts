import { seconds, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import type { Queryable, SqlRow } from '@millrace/streaming-core/postgres';
import { SagaError } from '../errors.ts';
import { HOLD, HOLDS, HOLDS_OF_SAGA, RELEASE } from '../postgres/saga.sql.ts';
import type { TimerRole } from '../decision/decide.ts';
import type { Definitions } from './definitions.ts';

/**
 * A thing that can be held back: the sagas of a definition, or the commands on a topic, and so to a
 * participant.
 */
export interface HoldName {
  readonly kind: 'definition' | 'commands';
  /** The name of the definition or of the topic. */
  readonly name: string;
}
export interface Hold extends HoldName {
  readonly actor: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly heldAt: string;
}

/** The acts of operators that stop many sagas at once. They record what comes, and send nothing. */
export interface HoldOperations {
  list(database: Queryable): Promise<readonly Hold[]>;
  /**
   * Holds back, unless it is held back already. Every process follows within a second. Rejects with
   * `SagaError` (`unknown_hold`) for a name that this service does not know.
   */
  hold(database: Queryable, hold: Omit<Hold, 'heldAt'>): Promise<Hold>;
  /**
   * Releases a hold. Withheld commands are sent when the owners of their timers look at them,
   * within `timerPollMsMax`. Resolves to false if there was no hold.
   */
  release(database: Queryable, name: HoldName): Promise<boolean>;
}

/** The names that are held back. */
export interface Held {
  readonly definitions: ReadonlySet<string>;
  readonly topics: ReadonlySet<string>;
}

export interface Holds extends HoldOperations {
  /** Resolves to the present holds, as read within the last second, or else on this connection. */
  current(database: Queryable): Promise<Held>;
}

/**
 * How long a process relies on the holds that it has read, so that a busy one reads once a second.
 */
const readMsMax = seconds(1);

interface HoldRow extends SqlRow {
  readonly kind: Hold['kind'];
  readonly name: string;
  readonly actor: string;
  readonly reason: string;
  readonly held_at: Date;
}

const holdOf = ({ kind, name, actor, reason, held_at: heldAt }: HoldRow): Hold => ({
  kind,
  name,
  actor,
  reason,
  heldAt: heldAt.toISOString(),
});

/** The holds on a saga that has not ended. */
export interface HoldsOfSaga {
  readonly holds: readonly Hold[];
  /** Returns true if a hold keeps the timer of this step from firing. */
  isHeld(role: string, step: string): boolean;
}

export async function holdsOfSaga(
  database: Queryable,
  definition: string,
  sagaId: string,
): Promise<HoldsOfSaga> {
  const { rows } = await database.query<HoldRow & { readonly role: TimerRole; readonly step: string }>(
    HOLDS_OF_SAGA,
    [definition, sagaId],
  );
  const holds = new Map(rows.map((row) => [`${row.kind} ${row.name}`, holdOf(row)]));
  const timers = new Set(rows.map(({ role, step }) => `${role} ${step}`));
  return { holds: [...holds.values()], isHeld: (role, step) => timers.has(`${role} ${step}`) };
}

export function sagaHolds(
  { clock, logger }: { clock: Clock; logger: Logger },
  definitions: Pick<Definitions, 'names' | 'commandTopics'>,
): Holds {
  let held: Held = { definitions: new Set(), topics: new Set() };
  let readAt = -Infinity;

  async function list(from: Queryable): Promise<readonly Hold[]> {
    const { rows } = await from.query<HoldRow>(HOLDS, []);
    return rows.map(holdOf);
  }

  async function current(from: Queryable): Promise<Held> {
    const now = clock.now();
    if (now - readAt < readMsMax) return held;
    const holds = await list(from);
    const named = (kind: Hold['kind']) =>
      new Set(holds.flatMap((hold) => (hold.kind === kind ? [hold.name] : [])));
    held = { definitions: named('definition'), topics: named('commands') };
    readAt = now;
    return held;
  }

  return {
    list,
    current,
    async hold(within, { kind, name, actor, reason }) {
      const known = kind === 'definition' ? definitions.names : definitions.commandTopics;
      if (!known.includes(name))
        throw new SagaError('unknown_hold', `${name} is none of ${known.join(', ')}`);
      await within.query(HOLD, [kind, name, actor, reason, new Date(clock.now())]);
      logger.warn({ held: `${kind} ${name}`, actor }, 'an operator holds sagas back');
      const found = (await list(within)).find((hold) => hold.kind === kind && hold.name === name);
      return found!;
    },
    async release(within, { kind, name }) {
      const { rowCount } = await within.query(RELEASE, [kind, name]);
      if (rowCount > 0) logger.warn({ held: `${kind} ${name}` }, 'an operator has released sagas');
      return rowCount > 0;
    },
  };
}

import { erasePlainParts } from '@millrace/event-sourcing';
import {
  keyCacheMsByDefault,
  type ErasedHolder,
  type Erasure,
  type SubjectProgress,
} from '@millrace/personal-data';
import { isUnopenable } from '@millrace/streaming-core/external-calls';
import type { PersonalData } from '@millrace/streaming-core/personal';
import type { SqlDatabase, SqlRow, SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { transactionMsMax } from '../../database/data-source.ts';
import { refusal } from '../../web/problems/problem.ts';
import { noteAction } from '../../database/operator-actions.ts';

/** A person whose data is to be erased. */
export interface ErasedSubject {
  /** The pseudonym of the person. */
  readonly subject: string;
  /** The ids under which the service has data about the person, such as those of orders. */
  readonly ids: readonly string[];
}

/** The open work, by kind, such as `{ calls: ['17:pay'] }`. */
type OpenWork = Readonly<Record<string, readonly string[]>>;

/** Each service tells an erasure where it keeps personal data, because only the service knows that. */
export interface PersonalRecords {
  /** The streams about the subject, in which releases without keys left plain text. */
  streams(transaction: Queryable, subject: ErasedSubject): Promise<readonly string[]> | readonly string[];
  /** The keys of the external calls that carry personal data. Without it, the service makes none. */
  readonly calls?: (ids: readonly string[]) => readonly string[];
  /**
   * Work that still needs the data, besides external calls. At most `limit` names of a kind.
   */
  readonly openWork?: (transaction: Queryable, subject: string, limit: number) => Promise<OpenWork>;
  /** Clears whatever else holds plain text, and returns how many rows of which kind. */
  readonly clear?: (
    transaction: SqlTransaction,
    subject: ErasedSubject,
  ) => Promise<Readonly<Record<string, number>>>;
}

/**
 * The external calls that still need the data of a subject ($1): those that are sealed for
 * it, and those that earlier releases stored in plain text under one of these keys ($2). At most $3.
 */
const OPEN_CALLS = `
  SELECT kind, key, payload FROM external_call
  WHERE payload ->> 'subject' = $1 AND payload ? 'sealed' OR key = ANY ($2::text[]) AND NOT payload ? 'sealed'
  ORDER BY key
  LIMIT $3::integer`;

/**
 * The keys, among these ids ($2), of messages that the service ($1) has parked in plain text. Once
 * they are handled, their data would be stored again. At most $3.
 */
const PLAIN_PARKED = `
  SELECT DISTINCT convert_from(key, 'UTF8') AS key FROM parked_message
  WHERE consumer_group = $1 AND key = ANY (SELECT convert_to(id, 'UTF8') FROM unnest($2::text[]) AS id)
    AND position('"sealed":1'::bytea IN value) = 0
  ORDER BY key
  LIMIT $3::integer`;

/**
 * How far this service is with the erasure of a subject:
 * - `active`: nobody has asked for it.
 * - `waiting`: it cannot erase yet, for the reason that is given.
 * - `ready`: the next request erases.
 * - `erased`: its key is destroyed, and nothing in plain text is left.
 */
export type ErasureStatus =
  | { readonly state: 'active' | 'ready' }
  | { readonly state: 'waiting'; readonly reason: 'closing'; readonly until: Date }
  | { readonly state: 'waiting'; readonly reason: 'open_work'; readonly open: OpenWork }
  | {
      readonly state: 'erased';
      readonly at: Date;
      /**
       * Whether a process may still have the key, or a call that was made with it. Such a call can
       * store mails, for instance.
       */
      readonly inUse?: boolean;
      readonly cleared?: Readonly<Record<string, number>>;
      /** Whether the service ever had a key of the subject. */
      readonly hadKey?: boolean;
      /** Whether the bytes of the key are gone from the write-ahead log of the keys. */
      readonly walRemoved?: boolean;
    };

interface ErasureRequest extends ErasedSubject {
  readonly actor: string;
  readonly reason: string;
  /** Whether requests with further ids follow. Then the last one removes the bytes of the key. */
  readonly more?: boolean;
}

/** Erases subjects in one service. */
export interface SubjectErasures {
  /** `known`: whether any service has, or ever had, a key of the subject. */
  status(subject: string): Promise<ErasureStatus & { readonly known: boolean }>;
  /**
   * Takes the next step: closes the subject, reports what the erasure waits for, or erases. It can
   * be repeated, also with other ids. The first and the last step are recorded with actor and
   * reason. Rejects every step with `sealing_off` while this process stores personal data in plain
   * text.
   */
  erase(request: ErasureRequest): Promise<ErasureStatus>;
}

interface SubjectErasuresOptions {
  /** The service. */
  readonly holder: string;
  readonly keys: PersonalData & Erasure;
  readonly database: SqlDatabase;
  readonly records: PersonalRecords;
  /** The setting `PERSONAL_DATA_SEALING`. */
  readonly sealing: 'on' | 'off';
}

const sealingIsOff =
  'PERSONAL_DATA_SEALING is off: remove the setting from every process of every service, restart them, and ' +
  'repeat the erasure';

interface OpenCall extends SqlRow {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
}

const streamsPerTransactionMax = 200;

/** The names of each kind of open work that an answer contains. */
const openNamesMax = 100;

/**
 * The time in which a process may still use keys that it loaded before the subject was closed, and
 * commit work that it has begun.
 */
const closingMs: DurationMs = keyCacheMsByDefault + transactionMsMax;

export function subjectErasures({
  holder,
  keys,
  database,
  records,
  sealing,
}: SubjectErasuresOptions): SubjectErasures {
  const erasedHere = ({ holders }: SubjectProgress) => holders.find((each) => each.holder === holder);

  async function openCalls({ subject, ids }: ErasedSubject): Promise<readonly OpenCall[]> {
    const values = [subject, records.calls?.(ids) ?? [], openNamesMax];
    return (await database.query<OpenCall>(OPEN_CALLS, values)).rows;
  }

  /** A call whose key is lost does not hold up the erasure, because nobody can make it. */
  async function callsToMake(asked: ErasedSubject): Promise<readonly string[]> {
    const calls = await openCalls(asked);
    const lost = await Promise.all(
      calls.map((call) => isUnopenable(call, { name: holder, personalData: keys })),
    );
    return calls.filter((_, index) => !lost[index]).map(({ key }) => key);
  }

  async function parkedInPlainText({ ids }: ErasedSubject): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const { rows } = await database.query<{ key: string }>(PLAIN_PARKED, [holder, ids, openNamesMax]);
    return rows.map(({ key }) => key);
  }

  async function openWork(asked: ErasedSubject): Promise<OpenWork> {
    const others = await records.openWork?.(database, asked.subject, openNamesMax);
    const open: OpenWork = {
      calls: await callsToMake(asked),
      parked: await parkedInPlainText(asked),
      ...others,
    };
    return Object.fromEntries(Object.entries(open).filter(([, names]) => names.length > 0));
  }

  const isInUse = async (asked: ErasedSubject, { erasedForMs }: ErasedHolder): Promise<boolean> =>
    erasedForMs < keyCacheMsByDefault || (await openCalls(asked)).length > 0;

  async function statusOf(asked: ErasedSubject, progress: SubjectProgress): Promise<ErasureStatus> {
    const erased = erasedHere(progress);
    if (erased !== undefined)
      return { state: 'erased', at: erased.erasedAt, inUse: await isInUse(asked, erased) };
    const { closingAt, closingForMs } = progress;
    if (closingAt === undefined) return { state: 'active' };
    if (closingForMs < closingMs) {
      const until = new Date(closingAt.getTime() + closingMs);
      return { state: 'waiting', reason: 'closing', until };
    }
    const open = await openWork(asked);
    return Object.keys(open).length > 0
      ? { state: 'waiting', reason: 'open_work', open }
      : { state: 'ready' };
  }

  async function closed(subject: string, by: Pick<ErasureRequest, 'actor' | 'reason'>) {
    const progress = await keys.progress(subject);
    if (progress.state !== 'active') return progress;
    await noteAction(database, { ...by, action: 'close subject', subject });
    return keys.close(subject);
  }

  /**
   * Clears the streams in several transactions, since one transaction would take too long for a
   * person with many streams.
   */
  async function clearStreams(asked: ErasedSubject) {
    const streams = await records.streams(database, asked);
    let events = 0;
    let snapshots = 0;
    for (let from = 0; from < streams.length; from += streamsPerTransactionMax) {
      const page = streams.slice(from, from + streamsPerTransactionMax);
      const cleared = await database.transaction((transaction) => erasePlainParts(transaction, page));
      events += cleared.events;
      snapshots += cleared.snapshots;
    }
    return { events, snapshots };
  }

  return {
    async status(subject) {
      const progress = await keys.progress(subject);
      return { ...(await statusOf({ subject, ids: [] }, progress)), known: progress.known };
    },
    async erase({ actor, reason, more = false, ...asked }) {
      if (sealing === 'off') throw refusal('sealing_off', { detail: sealingIsOff });
      const { subject } = asked;
      const status = await statusOf(asked, await closed(subject, { actor, reason }));
      if (status.state === 'active' || status.state === 'waiting') return status;
      const plain = await clearStreams(asked);
      const erased = await database.transaction(async (transaction) => {
        const others = await records.clear?.(transaction, asked);
        const { erasedAt: at, hadKey } = await keys.erase({ holder, subject });
        await noteAction(transaction, { actor, reason, action: 'erase subject', subject });
        return { at, hadKey, cleared: { ...plain, ...others } };
      });
      // A repetition does this again, because a crash may have prevented it.
      return { state: 'erased', ...erased, ...(more ? {} : await keys.rewriteKeys()) };
    },
  };
}

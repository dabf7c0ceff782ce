import {
  sagaHeader,
  streamVersionHeader,
  type Message,
  type PersonalFields,
  type CloudEventAttributes,
} from '../../contract/index.ts';
import { writeRanks, type CollectedWrite, type SqlTransaction } from '../../postgres/index.ts';
import {
  keyOfFields,
  type PersonalData,
  sealFields,
  type KeyName,
  type LoadedKeys,
} from '../../personal/index.ts';
import { OutboxError, refuseOversize, type OutboxRow, type StoredOutboxRow } from './outbox-row.ts';

/** A message that is published after the transaction that wrote it has committed. */
export interface OutboxMessage {
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly attributes: CloudEventAttributes;
  /** The fields to seal, from the declaration of the message. */
  readonly personal?: PersonalFields;
}

/**
 * Writes messages to the outbox in the caller's transaction. If it commits, they are published in
 * order per key and none is lost. If it rolls back, none is published. In a unit of work one
 * statement at its end writes all of them. The caller must hold the lock of a key's stream before
 * it writes messages of that key. Rejects a message over 900,000 bytes with `OutboxError`, and one
 * with personal data unless it can seal it.
 */
export type AppendToOutbox = (
  transaction: SqlTransaction,
  messages: readonly OutboxMessage[],
) => Promise<void>;

/**
 * Inserts rows in the order of the arrays. `position` comes from its default, which takes the
 * transaction's id and then draws from the sequence. An INSERT ... SELECT with ORDER BY evaluates
 * defaults row by row after the sort, and returns the positions in the same order.
 */
const insertOutboxRows = `
  INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers)
  SELECT id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers
  FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::text[], $13::jsonb[]
  ) WITH ORDINALITY AS row(
    id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers, number
  )
  ORDER BY number
  RETURNING position`;

/** The name of the worker that is woken when outbox rows are committed. */
export const relayWorker = 'relay';

/** The limit of one call. Handling a message writes far fewer. */
const messagesMax = 10_000;

/** Refuses messages with personal data, because it has no keys. */
export const appendToOutbox: AppendToOutbox = async (transaction, messages) =>
  appendRows(
    transaction,
    messages.map((message) => toRow(message)),
  );

/**
 * Like `appendToOutbox`, but seals personal data when the rows are written, with one statement for
 * the keys of a unit of work.
 */
export const sealingOutbox =
  (personalData: PersonalData): AppendToOutbox =>
  async (transaction, messages) =>
    appendRows(
      transaction,
      messages.map((message) => toRow(message, personalData)),
    );

/** Like `appendToOutbox`, but for dead letters, whose rows have their own headers. */
export async function appendRows(transaction: SqlTransaction, rows: readonly RowToWrite[]): Promise<void> {
  if (rows.length === 0) return;
  if (rows.length > messagesMax)
    throw new OutboxError(
      'too_many_messages',
      `one call has ${rows.length} messages; write at most ${messagesMax} per call`,
    );
  rows.forEach(refuseOversize);
  await transaction.collect(outboxRows, rows);
}

const outboxRows: CollectedWrite<RowToWrite> = {
  rank: writeRanks.outbox,
  prepare: async (rows) => (rows.some(({ sealing }) => sealing !== undefined) ? sealRows(rows) : rows),
  async write(transaction, rows) {
    const column = <Name extends keyof OutboxRow>(name: Name) => rows.map((row) => row[name]);
    const inserted = handOver(transaction, rows);
    const inserting = transaction.query<{ position: string }>(insertOutboxRows, [
      column('id'),
      column('topic'),
      column('key'),
      column('type'),
      column('source'),
      column('subject'),
      column('time'),
      column('dataschema'),
      column('correlationid'),
      column('causationid'),
      column('traceparent'),
      column('payload'),
      rows.map((row) => JSON.stringify(row.headers)),
    ]);
    return { answers: inserting.then(({ rows: positions }) => inserted(positions)) };
  },
};

/** A relay that publishes rows of its own process without reading them from the table. */
export interface RowTaker {
  /**
   * True while the relay has the lease, so that it publishes the rows that commits leave for it.
   */
  readonly inCharge: boolean;
  /** Takes rows whose transaction has committed. */
  take(rows: readonly StoredOutboxRow[]): void;
}

/**
 * Gives the rows to the relay of this process after the commit. If this process has no relay with
 * the lease, the commit wakes a relay to read them.
 */
function handOver(
  transaction: SqlTransaction,
  rows: readonly OutboxRow[],
): (positions: readonly { readonly position: string }[]) => void {
  const stored: StoredOutboxRow[] = [];
  const relay = transaction.localWorker(relayWorker) as RowTaker | undefined;
  if (relay?.inCharge === true)
    transaction.onEnd((committed) => {
      if (committed) relay.take(stored);
    });
  else transaction.wakeAfterCommit(relayWorker);
  return (positions) => {
    for (const [index, { position }] of positions.entries()) {
      const row = rows[index];
      if (row !== undefined) stored.push({ ...row, id: row.id.toLowerCase(), position });
    }
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function toRow(
  { topic, key, message, attributes, personal }: OutboxMessage,
  personalData?: PersonalData,
): RowToWrite {
  if (!uuid.test(attributes.id))
    throw invalid(topic, message.type, `its id "${attributes.id}" is not a UUID`);
  if (attributes.type !== message.type)
    throw invalid(topic, message.type, `its ce_type says "${attributes.type}"`);
  if (key === '') throw invalid(topic, message.type, 'it has no key, so it would have no order');
  const sealing = personal && sealingOf(topic, personal, message, personalData);
  return {
    id: attributes.id,
    topic,
    key,
    type: attributes.type,
    source: attributes.source,
    subject: attributes.subject,
    time: attributes.time,
    dataschema: attributes.dataSchema,
    correlationid: attributes.correlationId,
    causationid: attributes.causationId,
    traceparent: attributes.traceparent ?? null,
    payload: sealing === undefined ? JSON.stringify(message) : null,
    ...(sealing !== undefined && { sealing }),
    headers: {
      ...(attributes.saga !== undefined && { [sagaHeader]: attributes.saga }),
      ...(attributes.streamVersion !== undefined && {
        [streamVersionHeader]: String(attributes.streamVersion),
      }),
      ...(attributes.tracestate !== undefined && { tracestate: attributes.tracestate }),
    },
  };
}

function sealingOf(
  topic: string,
  fields: PersonalFields,
  message: Message,
  personalData: PersonalData | undefined,
): Sealing | undefined {
  const key = keyOfFields(fields, message);
  if (key === undefined) return undefined;
  if (personalData === undefined)
    throw invalid(topic, message.type, 'it has personal data, and this outbox has no keys to seal it');
  return { personalData, key, fields, message };
}

const invalid = (topic: string, type: string, why: string) =>
  new OutboxError('message_invalid', `${topic}: ${type} was not written: ${why}`);

/** A message that is sealed when its row is written. */
interface Sealing {
  readonly personalData: PersonalData;
  readonly key: KeyName;
  readonly fields: PersonalFields;
  readonly message: Message;
}

/** A row to insert. With `sealing` its payload is still missing. */
interface RowToWrite extends OutboxRow {
  readonly sealing?: Sealing;
}

/** Seals the rows that need it, with one call for all their keys. Keeps the order. */
async function sealRows(rows: readonly RowToWrite[]): Promise<readonly OutboxRow[]> {
  const sealings = rows.flatMap(({ sealing }) => sealing ?? []);
  const keys = new Map<PersonalData, LoadedKeys>();
  for (const personalData of new Set(sealings.map((sealing) => sealing.personalData))) {
    const own = sealings.filter((sealing) => sealing.personalData === personalData);
    keys.set(personalData, await personalData.keysToSeal(own.map(({ key }) => key)));
  }
  return rows.map((row) => sealRow(row, keys));
}

function sealRow({ sealing, ...row }: RowToWrite, loaded: ReadonlyMap<PersonalData, LoadedKeys>): OutboxRow {
  if (sealing === undefined) return row;
  const { personalData, key, fields, message } = sealing;
  const keys = loaded.get(personalData)!;
  const sealed = { ...row, payload: JSON.stringify(sealFields(keys, key, fields, row.id, message)) };
  refuseOversize(sealed);
  return sealed;
}

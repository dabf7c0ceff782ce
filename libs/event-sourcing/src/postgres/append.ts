import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError, WrongExpectedVersionError } from '../errors.ts';
import type { AppendOptions, ExpectedVersion, RecordedEvent, StreamAppend } from '../event-store.ts';
import type { EventStoreLimits } from '../limits.ts';
import { streamsOf, versionOf, type KnownStream } from '../transaction-streams.ts';
import { assertDeclared, lockVersions } from './lock-streams.ts';
import type { NewEvent } from './new-event.ts';
import type { EventReading } from './present-events.ts';
import { recordEvents, type Addition } from './record-events.ts';
import { partsToSeal } from './seal-parts.ts';
import { toStoredFields } from './stored-event.ts';
import { assertStreamId } from './stream-id.ts';

/** The settings of a store for its appends and reads. */
export interface AppendSettings extends EventReading {
  readonly limits: EventStoreLimits;
}

/**
 * Gives the events their versions and collects them for the transaction's unit of work. The
 * versions of locked streams are known, so a wrong expectation about one fails here; the write
 * checks the other streams. If there is nothing to check or to write, nothing is sent.
 */
export async function appendToStreams(
  transaction: SqlTransaction,
  appends: readonly StreamAppend[],
  options: AppendOptions,
  { limits, catalog, holder }: AppendSettings,
): Promise<readonly RecordedEvent[]> {
  assertAppends(appends, limits);
  const wanted = appends.filter(({ expected, events }) => expected !== 'any' || events.length > 0);
  assertDeclared(
    transaction,
    wanted.map(({ stream }) => stream),
  );
  const fields = wanted.map(({ events }) =>
    events.map((event) => ({
      schemaVersion: catalog.versionOfNew(event.type),
      stored: toStoredFields(event, limits.eventBytesMax),
    })),
  );
  const sealPart = await partsToSeal(
    wanted.flatMap(({ events }) => events),
    holder,
  );
  const streams = streamsOf(transaction);
  for (const append of wanted) refuseWrongVersion(append, streams.find(append.stream));
  await knowVersions(transaction, wanted);
  const additions = wanted.map(({ stream, events }, index): Addition => {
    const known = streams.find(stream)!;
    const expected = versionOf(known);
    const { metadata, newId, now: recordedAt } = options;
    const added = events.map((event, number): NewEvent => {
      const version = expected + BigInt(number + 1);
      const { schemaVersion, stored } = fields[index]![number]!;
      const id = newId();
      const recorded = { id, stream, version, event, schemaVersion, metadata, recordedAt };
      return { recorded, stored: sealPart(id, event, stored) };
    });
    known.own.push(...added.map(({ recorded }) => recorded));
    return { stream, expected, events: added, metadata, recordedAt };
  });
  await transaction.collect(recordEvents, additions);
  return additions.flatMap((addition) => addition.events.map(({ recorded }) => recorded));
}

function assertAppends(appends: readonly StreamAppend[], { appendEventsMax }: EventStoreLimits): void {
  appends.forEach((append) => assertStreamId(append.stream));
  if (new Set(appends.map((append) => append.stream)).size < appends.length)
    throw new EventStoreError(
      'stream_named_twice',
      'an append names a stream twice: put all events of the stream into one entry',
    );
  const count = appends.reduce((sum, append) => sum + append.events.length, appends.length);
  if (count > appendEventsMax)
    throw new EventStoreError(
      'append_too_large',
      `an append has ${count} streams and events, at most ${appendEventsMax} are allowed: split it`,
    );
}

/**
 * Trusts each expected version until the write checks it. Locks the other streams and reads their
 * versions.
 */
async function knowVersions(transaction: SqlTransaction, appends: readonly StreamAppend[]): Promise<void> {
  const streams = streamsOf(transaction);
  const unknown = appends.filter(({ stream }) => streams.find(stream) === undefined);
  const open = unknown.filter(({ expected }) => expected === 'any').map(({ stream }) => stream);
  const asked = open.length === 0 ? undefined : await lockVersions(transaction, open);
  for (const { stream, expected } of unknown)
    streams.know(stream, {
      locked: false,
      stored: expected === 'any' ? (asked?.get(stream) ?? 0n) : toNumber(expected),
    });
}

function refuseWrongVersion({ stream, expected }: StreamAppend, known: KnownStream | undefined): void {
  if (known === undefined || expected === 'any') return;
  const actual = versionOf(known);
  if (toNumber(expected) !== actual) throw new WrongExpectedVersionError({ stream, expected, actual });
}

const toNumber = (expected: Exclude<ExpectedVersion, 'any'>): bigint => (expected === 'none' ? 0n : expected);

import { AssertionError, deepStrictEqual } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldEvents, type DomainEvent, type EventTypes, type Folding } from '@millrace/event-sourcing';

/** A stream as a released version has stored it, with the state that its events fold to. */
interface GoldenStream {
  readonly decider: string;
  readonly events: readonly GoldenEvent[];
  readonly state: unknown;
}

interface GoldenEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly personal?: Readonly<Record<string, unknown>>;
}

/**
 * Folds the streams of every `VERSION.json` in a folder, with all upcasters, and compares the
 * states. Throws node's `AssertionError` for
 *
 * - an event that can no longer be read, or that its upcast form's schema rejects;
 * - a stream that folds to another state;
 * - a version of an upcast type of which there is no event.
 */
export function assertGoldenEventsFold(
  folder: string,
  types: EventTypes,
  deciders: Readonly<Record<string, Folding<never, unknown>>>,
): void {
  const streams = goldenStreams(folder);
  if (streams.length === 0)
    throw new AssertionError({ message: `${folder} has no stream: add VERSION.json` });
  for (const [name, { decider, events, state }] of streams) {
    const folding = deciders[decider] as Folding<DomainEvent, unknown> | undefined;
    if (folding === undefined)
      throw new AssertionError({ message: `${name}: the test has no decider ${decider}` });
    const present = events.map((event) => toPresent(name, types, event));
    const folded: unknown = JSON.parse(JSON.stringify(foldEvents(folding, present)));
    deepStrictEqual(folded, state, `${name} folds to another state`);
  }
  assertEveryVersion(
    types,
    streams.flatMap(([, { events }]) => events),
  );
}

const goldenStreams = (folder: string): readonly (readonly [string, GoldenStream])[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const streams = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, GoldenStream>;
      return Object.entries(streams).map(([stream, golden]) => [`${file}: ${stream}`, golden] as const);
    });

function toPresent(
  name: string,
  types: EventTypes,
  { type, schemaVersion, data, personal }: GoldenEvent,
): DomainEvent {
  const versions = types[type];
  if (versions === undefined || schemaVersion > versions.present)
    throw new AssertionError({ message: `${name}: ${type} v${schemaVersion} can no longer be read` });
  const stored = { ...data, type, ...(personal !== undefined && { personal }) };
  const present = versions.toPresent(stored, schemaVersion);
  const problem = versions.schemas.at(-1)?.safeParse(present).error;
  if (problem !== undefined)
    throw new AssertionError({
      message: `${name}: ${type} v${schemaVersion} becomes no valid v${versions.present}: ${problem.message}`,
    });
  return present;
}

function assertEveryVersion(types: EventTypes, events: readonly GoldenEvent[]): void {
  const has = new Set(events.map(({ type, schemaVersion }) => `${type} v${schemaVersion}`));
  const missing = Object.entries(types)
    .flatMap(([type, { schemas }]) => schemas.map((_, index) => `${type} v${index + 1}`))
    .filter((version) => !has.has(version));
  if (missing.length > 0)
    throw new AssertionError({
      message: `no golden event of ${missing.join(', ')}: add one to VERSION.json`,
    });
}

import { isErased } from '@millrace/streaming-core/personal';
import type { Queryable } from '@millrace/streaming-core/postgres';
import { isDeepStrictEqual } from 'node:util';
import type { DomainEvent, AnyFolding, VersionedState } from './decider.ts';
import type { EventStore, ReadOptions } from './event-store.ts';
import { loadState } from './state.ts';

/** What stands in a shown state for each value about a person. */
export const hiddenValue = '[personal]';

/**
 * Loads a state to show it to people who must not see personal data. It is folded from events whose
 * personal values are hidden already, so they cannot reach the state wherever `evolve` puts them.
 * Folds the stream from its first event, without snapshots and kept states, which have those values.
 */
export async function loadShownState(
  transaction: Queryable,
  store: EventStore,
  folding: AnyFolding,
  stream: string,
  asOf: Pick<ReadOptions, 'toVersion' | 'at'> = {},
): Promise<VersionedState<unknown>> {
  const { initialState, evolve } = folding;
  const hiding = {
    initialState,
    evolve: (state: unknown, event: DomainEvent) => evolve(state, hidden(event)),
  };
  const { states: _states, snapshots: _snapshots, ...plain } = store;
  const { state, version } = await loadState(transaction, plain, hiding, stream, asOf);
  return { state: jsonOf(state), version };
}

function hidden(event: DomainEvent): DomainEvent {
  const { personal } = event;
  if (personal === undefined || isErased(personal)) return event;
  return { ...event, personal: hideValues(personal) };
}

/** Keeps the shape, so that `evolve` finds what it looks for. */
const hideValues = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hide(value)]));

function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value === 'object' && value !== null) return hideValues(value as Record<string, unknown>);
  return value == null ? value : hiddenValue;
}

/** Copies a state as JSON: maps become objects, sets become lists, and bigints texts. */
const jsonOf = (state: unknown): unknown =>
  JSON.parse(
    JSON.stringify(state, (_, value: unknown) => {
      if (value instanceof Map) return Object.fromEntries(value);
      if (value instanceof Set) return [...value];
      return typeof value === 'bigint' ? String(value) : value;
    }),
  );

/** The values of one place in a state before and after. A value is absent if the state lacks the place. */
export interface Difference {
  /** JSON Pointer (RFC 6901), such as `/lines/0/quantity`. It is empty for the whole state. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Compares two states, or other JSON values, and returns the smallest places that differ: the fields
 * in the order of the state before, then those that are new. Items of lists are compared by index.
 */
export function stateDifference(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name): readonly Difference[] => {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(before, name)) return [{ path: place, after: after[name] }];
    if (!Object.hasOwn(after, name)) return [{ path: place, before: before[name] }];
    return stateDifference(before[name], after[name], place);
  });
}

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

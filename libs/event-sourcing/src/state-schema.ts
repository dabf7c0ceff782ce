import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { StateSchema } from './decider.ts';
import { EventStoreError } from './errors.ts';
import { snapshotBytesMax } from './limits.ts';

export interface StateSchemaOptions<State> {
  /**
   * Raise it when `evolve` folds the same events into a different state and the schema does not
   * show the difference.
   */
  readonly version: number;
  /**
   * Describes every state that `evolve` returns. Keep fields about a person out of such a state:
   * erasing a person's data does not erase snapshots.
   */
  readonly schema: z.ZodType<State>;
}

/**
 * Lets the streams of a decider be loaded from snapshots, as in
 * `snapshots: stateSchema('stock', { version: 1, schema })`. Throws `TypeError` for a schema that
 * JSON cannot express, such as one with a bigint, a Map or a Date.
 */
export function stateSchema<State>(
  name: string,
  { version, schema }: StateSchemaOptions<State>,
): StateSchema<State> {
  const described = JSON.stringify([name, version, describe(name, schema)]);
  return Object.freeze({
    name,
    hash: createHash('sha256').update(described).digest('hex').slice(0, 32),
    toJson(state: State) {
      const json = JSON.stringify(state);
      if (!isDeepStrictEqual(parsed(schema, JSON.parse(json)), state)) throw notExact(name);
      const bytes = Buffer.byteLength(json);
      if (bytes > snapshotBytesMax) throw tooLarge(name, bytes);
      return json;
    },
    fromJson(json: unknown) {
      // Returns the stored value, because the parsed one has its keys in the schema's order.
      if (!isDeepStrictEqual(parsed(schema, json), json)) throw damaged(name);
      return json as State;
    },
  });
}

const parsed = (schema: z.ZodType, json: unknown): unknown => {
  const result = schema.safeParse(json);
  return result.success ? result.data : noState;
};

/** Stands for a value that the schema rejects, and equals no state. */
const noState = Symbol('no state');

function describe(name: string, schema: z.ZodType): unknown {
  try {
    return z.toJSONSchema(schema);
  } catch (error) {
    throw new TypeError(
      `the state of ${name} cannot be written as JSON: keep bigint, Map, Set and Date out of it, ` +
        'or declare no snapshots',
      { cause: error },
    );
  }
}

const notExact = (name: string): EventStoreError =>
  new EventStoreError(
    'state_not_storable',
    `a state of ${name} cannot be restored exactly from JSON: list every field in its schema, ` +
      'and leave no field undefined',
  );

const tooLarge = (name: string, bytes: number): EventStoreError =>
  new EventStoreError(
    'state_not_storable',
    `a state of ${name} has ${bytes} bytes as JSON, but a snapshot holds at most ${snapshotBytesMax}`,
  );

const damaged = (name: string): EventStoreError =>
  new EventStoreError('snapshot_damaged', `a snapshot does not contain a valid state of ${name}`);

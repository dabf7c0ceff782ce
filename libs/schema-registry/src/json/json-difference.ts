import { isObject } from '../schema-json.ts';

/** A place where the reader's schema refuses data that the writer's schema allows. */
export interface JsonDifference {
  /** One of the names of Confluent's `Difference.Type`. */
  readonly type: string;
  readonly path: string;
  readonly description: string;
}

/** Compares two parts of the schemas at a path. */
export type ComparePart = (reader: unknown, writer: unknown, path: string) => readonly JsonDifference[];

export const difference = (type: string, path: string, description: string): JsonDifference => ({
  type,
  path: `#${path}`,
  description,
});

const annotations = new Set([
  '$id',
  '$schema',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'definitions',
  '$defs',
]);

/** True for `true`, and for an object that does not restrict the value. */
export const takesAll = (json: unknown): boolean =>
  json === true || (isObject(json) && Object.keys(json).every((name) => annotations.has(name)));

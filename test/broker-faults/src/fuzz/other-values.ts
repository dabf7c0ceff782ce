import {
  alterConfigs,
  encodeRequest,
  incrementalAlterConfigs,
  type Api,
  type Field,
  type Fields,
  type Shape,
} from '@millrace/streaming-core/protocol';
import { mutatedBatch } from './mutations.ts';
import { sampleBatches, type ReadRequest } from './recorded-requests.ts';
import type { WordLists } from './word-lists.ts';

type Random = () => number;
type Body = Readonly<Record<string, unknown>>;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[below(random, items.length)] as Item;

const edges: Readonly<Record<Exclude<Shape['kind'], 'array' | 'object'>, readonly unknown[]>> = {
  bool: [true, false],
  int8: [-128, -1, 0, 1, 2, 127],
  int16: [-32_768, -1, 0, 1, 2, 32_767],
  int32: [-2_147_483_648, -2, -1, 0, 1, 2, 1_000, 2_147_483_647],
  int64: [-(2n ** 63n), -4n, -2n, -1n, 0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  float64: [-1, 0, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-000000000001',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ],
  string: [
    '',
    '.',
    '..',
    '../up',
    'a/b',
    'a\0b',
    '__consumer_offsets',
    '__transaction_state',
    '-1',
    '9'.repeat(30),
    'é'.repeat(200),
    'x'.repeat(30_000),
  ],
  bytes: [Buffer.alloc(0), Buffer.alloc(61, 0xff), Buffer.alloc(10_000)],
};

/**
 * A request in any version of its API whose layout is right and whose contents are not, so that
 * only the handlers can reject it. One to three of its values are replaced by others of their kind:
 * edge cases of the type, or values from requests and answers that had a field of that name.
 */
export function requestOfOtherValues(
  requests: readonly ReadRequest[],
  words: WordLists,
  random: Random,
): Buffer {
  for (;;) {
    const { api, body } = pick(random, requests);
    const version = api.versions.min + below(random, api.versions.max - api.versions.min + 1);
    let changed = body;
    for (let count = 1 + below(random, 3); count > 0; count -= 1)
      changed = changedBody(api.request.fields, changed);
    if (isSelfHarm(api, changed)) continue;
    try {
      return Buffer.concat([
        ...encodeRequest(
          api,
          version,
          { correlationId: below(random, 1_000_000), clientId: 'fuzz' },
          changed,
        ),
      ]);
    } catch {
      continue; // null if this version does not have it
    }
  }

  function changedBody(fields: Fields, body: Body): Body {
    const names = Object.keys(fields);
    if (names.length === 0) return body;
    const name = pick(random, names);
    return { ...body, [name]: changedField(name, fields[name] as Field, body[name]) };
  }

  function changedField(name: string, { shape, nullable }: Field, value: unknown): unknown {
    if (nullable.max >= nullable.min && random() < 0.1) return null;
    return changedValue(name, shape, value);
  }

  function changedValue(name: string, shape: Shape, value: unknown): unknown {
    if (shape.kind === 'array') return changedArray(name, shape.item, (value ?? []) as readonly unknown[]);
    if (shape.kind === 'object') return changedBody(shape.fields, (value ?? {}) as Body);
    if (shape.kind === 'bytes' && random() < 0.3) return mutatedBatch(pick(random, sampleBatches), random);
    const known = words.of(name);
    return known.length > 0 && random() < 0.6 ? pick(random, known) : pick(random, edges[shape.kind]);
  }

  function changedArray(name: string, item: Shape, items: readonly unknown[]): readonly unknown[] {
    const chance = random();
    if (chance < 0.1) return [];
    if (items.length === 0) return [changedValue(name, item, undefined)];
    if (chance < 0.2) return [...items, ...items];
    if (chance < 0.22) return Array.from({ length: 1_000 }, () => items[0]);
    const at = below(random, items.length);
    return items.map((each, index) => (index === at ? changedValue(name, item, each) : each));
  }
}

/**
 * Leaves out requests that make the broker harm itself. One may configure that the offsets topic
 * accepts no bytes, or that nobody may connect, and the rest of the run would test a broker without
 * either.
 */
function isSelfHarm(api: Api, body: Body): boolean {
  if (api.key !== alterConfigs.key && api.key !== incrementalAlterConfigs.key) return false;
  return (body['resources'] as readonly ResourceToChange[]).some(
    ({ resourceName, configs }) =>
      resourceName?.startsWith('__') || configs?.some(({ name }) => name?.startsWith('max.connections')),
  );
}

interface ResourceToChange {
  readonly resourceName?: string | null;
  readonly configs?: ReadonlyArray<{ readonly name?: string | null }> | null;
}

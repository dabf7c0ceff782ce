import { randomUUID } from 'node:crypto';
import type { TestAnswer, TestService } from './test-service.ts';

/** A valid POST: its address, and two different bodies if it takes one. */
export interface KeyedPost {
  readonly path: string;
  readonly body?: unknown;
  readonly otherBody?: unknown;
}

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/**
 * Lists every POST of the service's OpenAPI document, with whether it documents the key and the
 * answers that the key can lead to.
 */
export async function documentedPosts(service: TestService): Promise<ReadonlyMap<string, boolean>> {
  const { paths } = (await service.call('GET', '/docs/json')).body as {
    paths: Readonly<Record<string, { readonly post?: Operation }>>;
  };
  return new Map(
    Object.entries(paths).flatMap(([path, { post }]) =>
      post === undefined ? [] : [[path, showsKey(post)] as const],
    ),
  );
}

const showsKey = ({ parameters, responses }: Operation): boolean =>
  parameters.some(({ name, in: place }) => name === 'Idempotency-Key' && place === 'header') &&
  responses['409']?.description.includes('request_in_flight') === true &&
  responses['422']?.description.includes('idempotency_key_reused') === true &&
  responses['400']?.description.includes('invalid_request') === true;

const wasReplayed = ({ headers }: TestAnswer): boolean => headers.get('idempotent-replayed') === 'true';

/**
 * Sends a POST twice under one key, once with another body, and once with an unreadable key. The
 * result counts the events that the first request and the others have added to the service's
 * database.
 */
export async function repeated(service: TestService, { path, body, otherBody }: KeyedPost) {
  const headers = { 'idempotency-key': randomUUID() };
  const before = await countEvents(service);
  const first = await service.call('POST', path, body, headers);
  const after = await countEvents(service);
  const again = await service.call('POST', path, body, headers);
  const other = await service.call('POST', path, otherBody ?? { no: 'such body' }, headers);
  const unreadable = await service.call('POST', path, body, { 'idempotency-key': 'two words' });
  return {
    first: { status: first.status, body: first.body, replayed: wasReplayed(first) },
    again: { status: again.status, body: again.body, replayed: wasReplayed(again) },
    sameHeaders: ['content-type', 'location', 'etag'].every(
      (name) => first.headers.get(name) === again.headers.get(name),
    ),
    other: [other.status, other.body.code],
    unreadable: [unreadable.status, (unreadable.body.errors as { field: string }[] | undefined)?.[0]?.field],
    eventsOfTheFirst: after - before,
    eventsOfTheOthers: (await countEvents(service)) - after,
  };
}

/** Counts the events of the service's own streams. Those of a saga may follow later. */
async function countEvents({ database }: TestService): Promise<number> {
  const { rows } = await database.sql.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM event WHERE stream NOT LIKE 'saga-%'",
  );
  return rows[0]?.count ?? 0;
}

import type { OutboxRow } from '@millrace/streaming-core/outbox';
import { redrivesMax } from '../contract/index.ts';
import { deadLetterTopicOf } from '@millrace/streaming-core/contract';
import { isSealed } from '@millrace/streaming-core/personal';
import { redrivesHeader, type DeadLetter } from './dead-letter.ts';

export type RedriveRefusal = 'redriven_too_often' | 'incomplete';

/**
 * Returns why a letter cannot be sent again. Without its key, a header or its value it would not be
 * the message that failed; an operator can supply the value. A letter that names a topic with other
 * dead letters was not written by a consumer, and could send messages to any topic.
 */
export function refusalOf(
  { topic, origin, redrives, key, record: { headers, value } }: DeadLetter,
  edited: boolean,
): RedriveRefusal | undefined {
  if (redrives >= redrivesMax) return 'redriven_too_often';
  if (deadLetterTopicOf(origin) !== topic) return 'incomplete';
  const lacksValue = value === null || headers.has('dlq_value_encoding') || headers.has('dlq_value_omitted');
  if (key === null || headers.has('dlq_headers_omitted') || (lacksValue && !edited)) return 'incomplete';
  return undefined;
}

/**
 * Returns the message as it was on its topic, with one more redrive. It keeps its id, so that groups
 * that have handled it drop it.
 */
export function redriven(
  { origin, key, type, redrives, record: { headers, value } }: DeadLetter,
  id: string,
  edit?: Readonly<Record<string, unknown>>,
): OutboxRow {
  const own = [...headers].filter(([name]) => !name.startsWith('dlq_'));
  return {
    id,
    topic: origin,
    key,
    type,
    source: null,
    subject: null,
    time: null,
    dataschema: null,
    correlationid: null,
    causationid: null,
    traceparent: null,
    payload: edit === undefined ? (value?.toString('utf8') ?? null) : JSON.stringify(edit),
    headers: { ...Object.fromEntries(own), [redrivesHeader]: String(redrives + 1) },
  };
}

/** Returns the paths at which two JSON values differ, as in `lines[0].quantity`. Sealed values have none within. */
export function changedPaths(before: unknown, after: unknown, path = ''): readonly string[] {
  const isOneValue = isSealed(before) || isSealed(after);
  if (isOneValue || !isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) =>
    changedPaths(before[key], after[key], pathTo(path, key, Array.isArray(before))),
  );
}

const pathTo = (path: string, key: string, inArray: boolean): string =>
  inArray ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

import { compactJson } from './compact-json.ts';
import { readText } from './workspace.ts';

interface ShownRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: { readonly type: string };
}

/** What `test/e2e/src/reference.e2e.spec.ts` has recorded from a running system. */
interface Recorded {
  readonly records: readonly ShownRecord[];
  readonly event: Readonly<Record<string, unknown>>;
}

const headers: Readonly<Record<string, string>> = {
  ce_specversion: 'CloudEvents 1.0, in the binary mode of its Kafka binding.',
  ce_id:
    'A UUIDv7, by which inboxes recognize a copy. That of an event is derived from the id of the private event, ' +
    'so it stays the same however often it is published.',
  ce_type: 'The type of the message, which is also the field `type` of the value.',
  ce_source: 'The service that wrote it.',
  ce_time: 'When it was decided, by the clock of its service.',
  ce_subject: 'The key of the record.',
  ce_dataschema: '`/schemas/TOPIC/TYPE/VERSION`.',
  ce_correlationid: 'The same in everything that one request has caused.',
  ce_causationid: 'The id of the message or request that caused it. A reply has the id of its command here.',
  ce_saga:
    'The saga that sent the command, by the name of its definition. A reply carries it back, and only this saga ' +
    'takes the reply. A message that no saga asked for does not have it.',
  ce_streamversion:
    'The version to which the event brought its stream in the service that wrote it, so that a reader can wait for ' +
    'it. A command does not have it.',
  'content-type': 'The value is JSON.',
  traceparent: 'The trace context of W3C. A message that was sent outside of any trace does not have it.',
};

const columns: Readonly<Record<string, string>> = {
  position: 'The place in the order of all events of the service. Holes are aborted transactions.',
  id: 'A UUIDv7.',
  stream: 'The stream, whose name begins with its kind.',
  version: 'The place in the stream, from 1 without a gap. `stream` and `version` together are unique.',
  type: 'The type of the private event.',
  schema_version:
    'The version of the type. Upcasters bring older ones to the present one when they are read.',
  data: 'The fields of the event, without personal data.',
  personal:
    'The personal part, sealed with the key that the service has for the person in `subject`, or null. It is never published.',
  metadata:
    'The request or message that caused it, what both belong to, the trace, and, if there is one, the saga or the operator.',
  recorded_at: 'When it was written, by the clock of the service.',
};

/** The sections on records and on the table of events, from what a running system has written. */
export function recordedSections(): readonly string[] {
  const { records, event } = JSON.parse(readText('test/reference/recorded/order.json')) as Recorded;
  const [first] = records;
  if (first === undefined) throw new Error('test/reference/recorded/order.json has no record');
  return [
    '## A record',
    '',
    'Three records of one order as they lie on the log: an event, a command of the saga with a sealed field, and the ' +
      'reply. Ids are replaced by numbered ones, and times, traces and cipher texts by fixed ones. The key is text, the ' +
      'value is JSON, and every header is text:',
    '',
    '| header | of the reply below | meaning |',
    '| --- | --- | --- |',
    ...rowsOf(
      headers,
      records.map((record) => record.headers),
    ),
    '',
    ...records.flatMap((record) => ['```json', compactJson(record, 2), '```', '']),
    '## A stored event',
    '',
    'The private event of the same order in the table `event` of the order service, as JSON. The public event above was ' +
      'made of it; the two have ids of their own. `npm run millrace -- streams show order-ORDER` shows a stream.',
    '',
    '| column | meaning |',
    '| --- | --- |',
    ...Object.entries(columns).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '```json',
    compactJson(Object.fromEntries(Object.keys(columns).map((name) => [name, present(event, name)])), 2),
    '```',
    '',
  ];
}

/** One row for each header of the records. Throws for a header that is not explained here, or that no record has. */
function rowsOf(
  meanings: Readonly<Record<string, string>>,
  found: ReadonlyArray<Readonly<Record<string, string>>>,
): readonly string[] {
  const examples = Object.assign({}, ...found) as Readonly<Record<string, string>>;
  const unknown = Object.keys(examples).find((name) => !(name in meanings));
  if (unknown !== undefined) throw new Error(`recorded-sections.ts does not explain the header ${unknown}`);
  return Object.entries(meanings).map(
    ([name, meaning]) => `| \`${name}\` | \`${String(present(examples, name))}\` | ${meaning} |`,
  );
}

function present(values: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!(name in values))
    throw new Error(`recorded/order.json has no ${name}, which recorded-sections.ts explains`);
  return values[name];
}

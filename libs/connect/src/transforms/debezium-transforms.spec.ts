import { describe, expect, it } from '@jest/globals';
import type { ConnectConfig, ConnectRecord, StructSchema } from '../index.ts';
import type { TransformKind } from '../plugin/transform.ts';
import { envelopeSchema } from '../connectors/postgres-cdc/envelope.ts';
import { eventRouter } from './event-router.ts';
import { extractNewRecordState } from './extract-new-record-state.ts';
import { dropHeaders, insertHeader } from './header-transforms.ts';

const row: StructSchema = {
  type: 'struct',
  optional: true,
  name: 'shop.public.outbox.Value',
  fields: ['id', 'topic', 'key', 'payload', 'type', 'headers'].map((field) => ({
    field,
    schema: { type: 'string', optional: true },
  })),
};
const schema = envelopeSchema('shop.public.outbox', row);
const source = { table: 'outbox', ts_ms: 5n, lsn: 7n };

const change = (op: string, before: unknown, after: unknown): ConnectRecord => ({
  topic: 'shop.public.outbox',
  key: { value: { id: 'a' } },
  value: {
    schema,
    value: { before, after, source, transaction: null, op, ts_ms: 9n, ts_us: 9_000n, ts_ns: 9_000_000n },
  },
  headers: [],
});
const tombstone: ConnectRecord = { ...change('d', null, null), value: { value: null } };
const first = { id: 'a', topic: 'orders', key: 'k', payload: '{}', type: 'Placed', headers: '{"saga":"s1"}' };

const transformOf = (kind: TransformKind, config: ConnectConfig = {}) =>
  kind.create({
    ...Object.fromEntries(
      kind.settings.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
    ),
    ...config,
  });

describe('ExtractNewRecordState', () => {
  const values = (config: ConnectConfig, ...records: readonly ConnectRecord[]) => {
    const transform = transformOf(extractNewRecordState, config);
    return records.map((record) => transform.apply(record)).map((record) => record && record.value.value);
  };

  it.each([
    ['tombstone', [undefined, null]],
    ['drop', [undefined, undefined]],
    ['delete-to-tombstone', [null, undefined]],
    ['rewrite', [{ ...first, __deleted: 'true' }, undefined]],
    ['rewrite-with-tombstone', [{ ...first, __deleted: 'true' }, null]],
  ])('handles a delete and its tombstone as %s says', (mode, expected) => {
    expect(values({ 'delete.tombstone.handling.mode': mode }, change('d', first, null), tombstone)).toEqual(
      expected,
    );
  });

  it('knows the settings from before Debezium 3', () => {
    const config = { 'drop.tombstones': 'false', 'delete.handling.mode': 'rewrite' };
    expect(values(config, change('c', null, first), change('d', first, null), tombstone)).toEqual([
      { ...first, __deleted: 'false' },
      { ...first, __deleted: 'true' },
      null,
    ]);
  });

  it('adds fields of the envelope to the value and to the headers, and makes each schema once', () => {
    const transform = transformOf(extractNewRecordState, {
      'add.fields': 'op,table,source.ts_ms,lsn:position',
      'add.headers': 'op',
    });

    const result = transform.apply(change('u', first, first))!;

    expect(result.value.value).toEqual({
      ...first,
      __op: 'u',
      __table: 'outbox',
      __source_ts_ms: 5n,
      __position: 7n,
    });
    expect(result.headers).toMatchObject([{ key: '__op', value: 'u' }]);
    expect((result.value.schema as StructSchema).fields.map(({ field }) => field).slice(-4)).toEqual([
      '__op',
      '__table',
      '__source_ts_ms',
      '__position',
    ]);
    expect(transform.apply(change('c', null, first))!.value.schema).toBe(result.value.schema);
  });

  it('passes records that are not changes, and leaves out truncates', () => {
    const other: ConnectRecord = {
      topic: 't',
      key: { value: null },
      value: { value: { a: 1 } },
      headers: [],
    };
    expect(transformOf(extractNewRecordState).apply(other)).toBe(other);
    expect(values({}, change('t', null, null))).toEqual([undefined]);
  });
});

describe('EventRouter', () => {
  const config = {
    'table.field.event.key': 'key',
    'route.by.field': 'topic',
    'route.topic.replacement': '${routedByValue}',
    'table.fields.additional.placement': 'type:header:ce_type,headers:headers,absent:header',
  };

  it('makes an inserted row a message of the topic that it names', () => {
    const router = transformOf(eventRouter, config);

    expect(router.apply(change('c', null, first))).toMatchObject({
      topic: 'orders',
      key: { value: 'k' },
      value: { value: '{}', schema: { type: 'string' } },
      timestampMs: 9,
      headers: [
        { key: 'id', value: 'a' },
        { key: 'ce_type', value: 'Placed' },
        { key: 'saga', value: 's1' },
      ],
    });
  });

  it("puts further columns beside the payload, and routes by Debezium's defaults", () => {
    const router = transformOf(eventRouter, {
      'table.field.event.key': 'key',
      'route.by.field': 'topic',
      'table.fields.additional.placement': 'type:envelope:kind',
    });

    const { topic, value } = router.apply(change('c', null, first))!;

    expect(topic).toBe('outbox.event.orders');
    expect(value).toMatchObject({ value: { payload: '{}', kind: 'Placed' }, schema: { type: 'struct' } });
  });

  it('leaves out deletes, tombstones and updates, or fails at an update if it is configured so', () => {
    const router = transformOf(eventRouter, config);
    for (const record of [change('d', first, null), tombstone, change('u', first, first)])
      expect(router.apply(record)).toBeUndefined();

    const strict = transformOf(eventRouter, { ...config, 'table.op.invalid.behavior': 'fatal' });
    expect(() => strict.apply(change('u', first, first))).toThrow('a row of the outbox was updated');
  });

  it('prefers the headers that a column lists, and takes them alone if configured', () => {
    const router = transformOf(eventRouter, {
      ...config,
      'table.field.event.headers.only.if.null': 'key',
    });
    const before = [{ key: 'content-type', value: 'application/json' }];
    const row = { ...first, headers: '{"ce_type":"Other"}' };
    const headersFor = (after: unknown) =>
      router.apply({ ...change('c', null, after), headers: before })!.headers;

    expect(headersFor(row)).toMatchObject([...before, { key: 'id' }, { key: 'ce_type', value: 'Other' }]);
    expect(headersFor({ ...row, key: null })).toEqual([
      { key: 'ce_type', value: 'Other', schema: { type: 'string', optional: false } },
    ]);
    const absent = { ...row, key: null, headers: '{"gone":null}' };
    expect(headersFor(absent)).toMatchObject([{ key: 'gone', value: null }]);
  });

  it('makes a tombstone of an empty payload if it is configured so', () => {
    const router = transformOf(eventRouter, { ...config, 'route.tombstone.on.empty.payload': 'true' });
    expect(router.apply(change('c', null, { ...first, payload: '' }))!.value).toEqual({ value: null });
  });
});

describe('InsertHeader and DropHeaders', () => {
  it('add and remove headers', () => {
    const added = transformOf(insertHeader, { header: 'a', 'value.literal': '1' }).apply(tombstone)!;
    expect(added.headers).toMatchObject([{ key: 'a', value: '1' }]);
    expect(transformOf(dropHeaders, { headers: 'b, a' }).apply(added)!.headers).toEqual([]);
  });
});

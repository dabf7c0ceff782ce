import { tracingChannel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import { v7 } from 'uuid';
import { z } from 'zod';
import type { ConsumedRecord } from '../../client/index.ts';
import { topic } from '../../contract/index.ts';
import type { Batch, Batches } from './open-batch.ts';
import { decode } from './decode.ts';
import { createHandlerTable } from './message-handler.ts';
import { reportProcessing, type ProcessReport } from './process-trace.ts';

const notes = topic(
  'notes',
  { key: 'noteId', partitions: 1, retention: 1_000 },
  { Noted: z.strictObject({ noteId: z.string() }) },
);
const handlers = createHandlerTable([{ message: notes.Noted, handle: () => Promise.resolve() }], []);
const row = {
  group: 'test',
  topic: 'notes',
  partition: 0,
  identity: { clusterId: 'c', topicId: 't', partitions: 1 },
  epoch: 1n,
};

const record = (headers: Readonly<Record<string, string>>): ConsumedRecord => ({
  topic: 'notes',
  partition: 0,
  offset: 7n,
  timestampMs: 0,
  key: Buffer.from('n'),
  value: Buffer.from('{"type":"Noted","noteId":"n"}'),
  headers: new Map(
    Object.entries({ ce_specversion: '1.0', ce_id: v7(), ce_source: '/test', ce_type: 'Noted', ...headers }),
  ),
});
const batchOf = (...records: readonly ConsumedRecord[]): Batch => ({
  row,
  from: 7n,
  to: 8n,
  items: records.map((each) => decode(each, handlers)).filter((item) => item.kind !== 'sealed'),
});
const contextsOf = (batches: Batches) =>
  batches.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'handle' ? [item.context] : [])));

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('a handled message', () => {
  it('has the trace of its headers, and none if they are malformed', () => {
    const [good] = contextsOf([batchOf(record({ traceparent, tracestate: 'vendor=1' }))]);
    const [bad] = contextsOf([batchOf(record({ traceparent: 'not-a-trace', tracestate: 'vendor=1' }))]);

    expect(good).toMatchObject({ traceparent, tracestate: 'vendor=1' });
    expect(bad?.traceparent).toBeUndefined();
    expect(bad?.tracestate).toBeUndefined();
  });

  it('keeps that trace if nobody subscribes', async () => {
    const batches: Batches = [batchOf(record({ traceparent }))];

    expect(await reportProcessing(batches, (given) => Promise.resolve(given))).toBe(batches);
  });

  it('has the trace that a subscriber sets in the report, for this attempt only', async () => {
    const batches: Batches = [batchOf(record({ traceparent }), record({})), batchOf(record({}))];
    const reports: ProcessReport[] = [];
    const listen = (report: unknown) => {
      reports.push(report as ProcessReport);
      for (const { context } of (report as ProcessReport).messages) context.traceparent = 'mine';
    };
    const { start } = tracingChannel('millrace.consumer.process');
    start.subscribe(listen);
    const given = await reportProcessing(batches, (carrying) => Promise.resolve(contextsOf(carrying)));
    start.unsubscribe(listen);

    expect(given.map((context) => context.traceparent)).toEqual(['mine', 'mine', 'mine']);
    expect(contextsOf(batches).map((context) => context.traceparent)).toEqual([
      traceparent,
      undefined,
      undefined,
    ]);
    expect(reports).toMatchObject([
      { group: 'test', messages: [{ bodyBytes: 29, context: { topic: 'notes', offset: 7n } }, {}, {}] },
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Trace, TraceEvent, TraceMessage, TraceSpan } from '../../api/trace.ts';
import { span } from '../spans/span.fixture.ts';
import { waterfallOf, type Kind } from './trace-model.ts';

const begin = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(begin + ms).toISOString();

const event = (id: string, ms: number, fields: Partial<TraceEvent> = {}): TraceEvent => ({
  id,
  service: 'order',
  stream: 'order-42',
  version: 1,
  type: id,
  data: {},
  recordedAt: at(ms),
  correlationId: 'request',
  causationId: 'request',
  branch: '',
  ...fields,
});

const message = (id: string, ms: number, fields: Partial<TraceMessage> = {}): TraceMessage => ({
  id,
  topic: 'orders',
  partition: 0,
  offset: String(ms),
  type: id,
  key: null,
  writtenAt: at(ms),
  headers: {},
  value: null,
  cut: false,
  ...fields,
});

const trace = (
  events: readonly TraceEvent[],
  messages: readonly TraceMessage[] = [],
  spans: readonly TraceSpan[] = [],
): Trace => ({
  events,
  messages,
  spans,
  scan: null,
  gaps: [],
  asked: [],
  ofStream: [],
  settled: false,
});

const everything = new Set<Kind>(['event', 'message', 'span']);

const drawn = (of: Trace, kinds: ReadonlySet<Kind> = everything) =>
  waterfallOf(of, kinds).rows.map(({ depth, kind, label }) => `${' '.repeat(depth)}${label} ${kind}`);

const created = event('Created', 0);
const sent = message('Created', 20, { id: 'm1', type: 'Created', cause: 'Created', recordedAt: at(0) });
const started = event('Started', 30, { causationId: 'm1', cause: 'Created' });
const noted = event('Noted', 10, { causationId: 'm0', cause: 'Created' });

describe('the waterfall of a trace', () => {
  it('has each event below the message that led to it, and the message below the event that sent it', () => {
    expect(drawn(trace([created, noted, started], [sent]))).toEqual([
      'Created event',
      ' Created message',
      ' Started event',
      ' Noted event',
    ]);
  });

  it('puts a row below its nearest cause that is shown', () => {
    const paid = event('Paid', 60, { causationId: 'm2', cause: 'Started' });
    const asked = message('Pay', 50, { id: 'm2', cause: 'Started' });
    const all = trace([created, started, paid], [sent, asked]);

    expect(drawn(all, new Set(['event']))).toEqual(['Created event', ' Started event', '  Paid event']);
    expect(drawn(all, new Set(['message']))).toEqual(['Created message', 'Pay message']);
  });

  it('draws a message from the outbox to its topic, and a repeated one as a moment', () => {
    const again = { ...sent, offset: '500', writtenAt: at(500) };
    const { rows, from, to } = waterfallOf(trace([created], [again, sent]), new Set(['message']));

    expect(rows.map((row) => [row.from - begin, row.to - begin])).toEqual([
      [0, 20],
      [500, 500],
    ]);
    expect({ from, to }).toEqual({ from: begin, to: begin + 500 });
  });

  it('has each span below its parent or the message that it handles, with the number of its statements', () => {
    const statement = { 'db.system.name': 'postgresql' };
    const spans = [
      span('POST', { startMs: begin - 5 }),
      span('INSERT', { parentSpanId: 'POST', kind: 3, attributes: statement }),
      span('send', { parentSpanId: 'POST', startMs: begin + 10, kind: 4 }),
      span('process', { startMs: begin + 25, kind: 5, attributes: { 'messaging.message.id': 'm1' } }),
      span('fails', { parentSpanId: 'process', startMs: begin + 26, failed: true }),
    ];
    const all = trace([created], [sent], spans);

    expect(drawn(all)).toEqual([
      'POST span',
      ' send span',
      'Created event',
      ' Created message',
      ' process span',
      '  fails span',
    ]);
    expect(waterfallOf(all, everything).rows).toMatchObject([
      { place: 'order · 1 SQL statement' },
      ...Array.from({ length: 4 }, () => ({ failed: false })),
      { failed: true, from: begin + 26, to: begin + 27 },
    ]);
  });

  it('marks a dead letter', () => {
    const dead = message('Pay', 50, { headers: { dlq_reason: 'handler_failed' } });

    expect(waterfallOf(trace([], [dead]), everything).rows).toMatchObject([{ failed: true }]);
  });

  it('shows each event once even if their causes form a circle', () => {
    const one = event('One', 0, { cause: 'Other' });
    const other = event('Other', 1, { cause: 'One' });

    expect(drawn(trace([one, other])).toSorted()).toEqual([' Other event', 'One event']);
  });

  it('has room for a chain of 5000 events', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) =>
      event(`e${index}`, index, index === 0 ? {} : { cause: `e${index - 1}` }),
    );

    expect(waterfallOf(trace(chain), everything).rows.at(-1)).toMatchObject({ label: 'e4999', depth: 4_999 });
  });
});

import { tracingChannel } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import type { Producer, ProducerRecord } from '../../client/index.ts';
import type { OutboxRecord } from './outbox-row.ts';
import { reportSending, type SendReport } from './send-trace.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const records: readonly OutboxRecord[] = [
  {
    topic: 'notes',
    key: 'k',
    value: 'ü',
    headers: { ce_id: 'id', ce_correlationid: 'story', traceparent, tracestate: 'vendor=1' },
  },
  { topic: 'notes.dlq', key: null, value: null },
];

function fakeProducer() {
  const sent: ProducerRecord[] = [];
  const producer: Producer = {
    async send(given) {
      sent.push(...given);
      return given.map(({ topic }, index) => ({ topic, partition: 0, offset: BigInt(index) }));
    },
    close: () => Promise.resolve(),
  };
  return { sent, producer };
}

describe('a record that the relay sends', () => {
  it('is sent as it was written if nobody subscribes', async () => {
    const { sent, producer } = fakeProducer();
    await reportSending('outbox', producer, records);

    expect(sent).toEqual(records);
  });

  it('carries the trace that a subscriber sets in the report, which has its offset after the acknowledgement', async () => {
    const { sent, producer } = fakeProducer();
    const reports: SendReport[] = [];
    const listen = (report: unknown) => {
      const { records: reported } = report as SendReport;
      reports.push(report as SendReport);
      for (const record of reported)
        Object.assign(record, { traceparent: `of ${record.topic}`, tracestate: undefined });
    };
    const { start } = tracingChannel('millrace.relay.send');
    start.subscribe(listen);
    await reportSending('outbox', producer, records);
    start.unsubscribe(listen);

    expect(reports).toMatchObject([
      {
        relay: 'outbox',
        records: [{ messageId: 'id', correlationId: 'story', bodyBytes: 2 }, { bodyBytes: 0 }],
        result: [{ offset: 0n }, { offset: 1n }],
      },
    ]);
    expect(sent.map(({ headers }) => headers)).toEqual([
      { ce_id: 'id', ce_correlationid: 'story', traceparent: 'of notes' },
      { traceparent: 'of notes.dlq' },
    ]);
  });
});

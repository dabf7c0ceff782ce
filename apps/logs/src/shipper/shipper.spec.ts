import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProducerRecord } from '@millrace/streaming-core/client';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import { createShipper, type Shipper } from './shipper.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipper-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A topic that acknowledges nothing as long as a test says so. */
class TestTopic {
  isAway = false;
  refused = 0;
  readonly lines: string[] = [];

  send = async (records: readonly ProducerRecord[]) => {
    await new Promise(setImmediate);
    if (this.isAway) {
      this.refused += 1;
      throw new Error('the broker is away');
    }
    const sources = records.map(({ headers }) => (headers as Record<string, string>)['source']);
    this.lines.push(...records.map(({ value }, index) => `${sources[index]}: ${String(value)}`));
    return [];
  };

  has = (...lines: readonly string[]) =>
    until(
      () => this.lines.toSorted(),
      (found) => JSON.stringify(found) === JSON.stringify(lines.toSorted()),
    );
}

const started = (producer: TestTopic): Shipper => {
  const stateDir = join(folder, 'state');
  const shipper = createShipper({ folder, stateDir, producer, clock: systemClock, logger: silentLogger });
  shipper.start();
  return shipper;
};

const append = (file: string, ...lines: readonly string[]) =>
  appendFileSync(join(folder, file), lines.map((line) => `${line}\n`).join(''));

/** A shipper whose topic has refused the line `one` of order. */
async function refused() {
  const topic = new TestTopic();
  topic.isAway = true;
  append('order.log', 'one');
  const shipper = started(topic);
  await until(
    () => topic.refused,
    (count) => count > 0,
  );
  return { topic, shipper };
}

describe('the shipper of log files', () => {
  it('sends each line with its source, also of a file that comes later, and nothing again after a stop', async () => {
    const topic = new TestTopic();
    append('order.log', 'one', 'two');
    append('order.log.1', 'zero');
    append('notes.txt', 'no log');
    const first = started(topic);
    await topic.has('order: zero', 'order: one', 'order: two');
    append('payment.log', 'three');
    await topic.has('order: zero', 'order: one', 'order: two', 'payment: three');
    await first.stop();

    append('payment.log', 'four');
    const next = new TestTopic();
    const second = started(next);
    await next.has('payment: four');
    await second.stop();
    expect(next.lines).toEqual(['payment: four']);
  });

  it('tries again with lines that the topic has refused', async () => {
    const { topic, shipper } = await refused();
    append('order.log', 'two');
    topic.isAway = false;
    await topic.has('order: one', 'order: two');
    await shipper.stop();
  });

  it('sends what was not acknowledged before it was stopped', async () => {
    const { shipper } = await refused();
    await shipper.stop();

    const next = new TestTopic();
    const second = started(next);
    await next.has('order: one');
    await second.stop();
  });

  it('T34 leaves out the files of its own app, because a line about a batch would be the next batch', async () => {
    const topic = new TestTopic();
    for (const own of ['logs.log', 'logs-2.log']) append(own, 'lines were shipped');
    append('logsheet.log', 'one');
    const shipper = started(topic);
    await topic.has('logsheet: one');
    append('logs.log', 'lines were shipped');
    append('logsheet.log', 'two');
    await topic.has('logsheet: one', 'logsheet: two');
    await shipper.stop();
  });

  it('says what to do if it cannot read its positions', () => {
    writeFileSync(join(folder, 'shipped.json'), '{');
    const options = { folder, stateDir: folder, clock: systemClock, logger: silentLogger };
    expect(() => createShipper({ ...options, producer: new TestTopic() })).toThrow(
      `${join(folder, 'shipped.json')} has no positions of log files: delete it, and all files are shipped again`,
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { ClientError, type ProducerRecord, type RecordMetadata } from '@millrace/streaming-core/client';
import { TaskOutputs } from './task-outputs.ts';

/** A log that acknowledges when a test tells it to, and refuses values longer than 5 bytes. */
class SlowLog {
  readonly written: ProducerRecord[] = [];
  readonly #waiting: (() => void)[] = [];

  send = async (records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> => {
    if (records.some(({ value }) => (value?.length ?? 0) > 5))
      throw new ClientError('record_too_large', 'too large');
    const first = this.written.push(...records) - records.length;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return records.map(({ topic }, index) => ({ topic, partition: 0, offset: BigInt(first + index) }));
  };

  get calls(): number {
    return this.#waiting.length;
  }

  acknowledge(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const outputsOf = (log: SlowLog) =>
  new TaskOutputs({
    output: log,
    partitionCount: () => 8,
    changelogTopics: new Set(['changelog']),
    onRefused: ({ key }) => [{ topic: 'letters', key, value: null }],
  });

const produced = (topic: string, value: string, key = Buffer.from('k')) => ({
  topic,
  partition: undefined,
  partitionKey: key,
  key,
  value: Buffer.from(value),
  headers: [],
  timestampMs: 1,
});

const flushed = async (outputs: TaskOutputs, log: SlowLog): Promise<void> => {
  let done = false;
  const flushing = outputs.flush().finally(() => (done = true));
  while (!done) {
    log.acknowledge();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await flushing;
};

describe('the output of a task', () => {
  it('is sent in order, and is acknowledged before a flush ends', async () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    outputs.collect(produced('out', 'a'));
    outputs.collect(produced('changelog', 'b'));
    let flushedAll = false;

    const flushing = outputs.flush().then(() => (flushedAll = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushedAll).toBe(false);
    log.acknowledge();
    await flushing;

    expect(log.written.map(({ value }) => String(value))).toEqual(['a', 'b']);
  });

  it('reports the offset after the last record of each changelog, and of no other topic', async () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    for (const topic of ['changelog', 'out', 'changelog', 'out']) outputs.collect(produced(topic, 'x'));

    await flushed(outputs, log);

    expect(outputs.changelogOffsets).toEqual(new Map([['changelog', 3n]]));
    outputs.reset();
    expect(outputs.changelogOffsets).toEqual(new Map());
  });

  it('is limited while it is not acknowledged, and arrives completely and in order', async () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    const count = 25_000;
    for (let index = 0; index < count; index += 1) outputs.collect(produced('out', `${index}`));

    outputs.send();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.written).toHaveLength(10_240);
    expect(outputs.isFull).toBe(true);
    await flushed(outputs, log);

    expect(log.written.map(({ value }) => Number(String(value)))).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
    expect(outputs.isFull).toBe(false);
  });

  it('sends the replacement of a refused record in its place', async () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    for (const value of ['a', 'far too large', 'c']) outputs.collect(produced('out', value));

    await flushed(outputs, log);

    expect(log.written.map(({ topic, value }) => `${topic} ${String(value)}`)).toEqual([
      'out a',
      'letters null',
      'out c',
    ]);
  });

  it('fails the flush with the error of a send, until the work is given up', async () => {
    const log = new SlowLog();
    const outputs = new TaskOutputs({
      output: { send: () => Promise.reject(new Error('no broker')) },
      partitionCount: () => 1,
      changelogTopics: new Set(),
      onRefused: () => [],
    });
    outputs.collect(produced('out', 'a'));

    await expect(outputs.flush()).rejects.toThrow('no broker');
    expect(() => outputs.send()).toThrow('no broker');
    outputs.reset();

    expect(() => outputs.send()).not.toThrow();
    expect(log.calls).toBe(0);
  });

  it('T05 forgets records in flight that belong to work that was given up', async () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    outputs.collect(produced('changelog', 'a'));
    outputs.send();

    outputs.reset();
    log.acknowledge();
    await new Promise((resolve) => setImmediate(resolve));

    expect(outputs.changelogOffsets).toEqual(new Map());
  });

  it('goes to the partition that the partition key hashes to in Kafka', () => {
    const log = new SlowLog();
    const outputs = outputsOf(log);
    const key = Buffer.from('key with a window');

    outputs.collect({ ...produced('out', 'a', key), partitionKey: Buffer.from('21') });
    outputs.send();

    expect(log.written).toMatchObject([{ key, partition: 4 }]);
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { millrace } from '../cli.fixture.ts';
import { newTopic, writeMessages } from '../log.fixture.ts';

const event = (type: string) => ({ ce_id: '0193', ce_type: type, ce_correlationid: 'story', trace: 'abc' });

describe('millrace messages', () => {
  let topic: string;
  beforeAll(async () => {
    topic = await newTopic(2);
    await writeMessages([
      {
        topic,
        partition: 0,
        key: 'a',
        value: '{"type":"OrderCreated","total":1}',
        headers: event('OrderCreated'),
        timestampMs: 1_000,
      },
      { topic, partition: 0, key: 'b', value: 'plain text', timestampMs: 2_000 },
      {
        topic,
        partition: 0,
        key: 'a',
        value: '{"type":"OrderCompleted"}',
        headers: event('OrderCompleted'),
        timestampMs: 3_000,
      },
      { topic, partition: 1, key: 'c', value: Buffer.from([0xff, 0xfe]), timestampMs: 4_000 },
    ]);
  });

  /** The places of the messages that a command line shows. */
  async function shown(...args: string[]): Promise<string[]> {
    const { exitCode, out, err } = await millrace(['messages', topic, '--json', ...args]);
    if (exitCode !== 0) throw new Error(err);
    const lines =
      out === ''
        ? []
        : out.split('\n').map((line) => JSON.parse(line) as { partition: number; offset: number });
    return lines.map(({ partition, offset }) => `${partition}@${offset}`).sort();
  }

  it('Z11 decodes the envelope, and the value if it is JSON', async () => {
    const { out } = await millrace(['messages', topic, '--json', '--partition', '0', '--limit', '2']);
    const [first, second] = out.split('\n').map((line) => JSON.parse(line) as unknown);
    expect(first).toEqual({
      topic,
      partition: 0,
      offset: 0,
      time: '1970-01-01T00:00:01.000Z',
      key: 'a',
      event: { id: '0193', type: 'OrderCreated', correlationid: 'story' },
      headers: { trace: 'abc' },
      value: { type: 'OrderCreated', total: 1 },
    });
    expect(second).toMatchObject({ key: 'b', event: {}, value: 'plain text' });
  });

  it('shows bytes that are no text in base64', async () => {
    const { out } = await millrace(['messages', topic, '--partition', '1']);
    expect(out).toBe(`${topic}/1@0  1970-01-01T00:00:04.000Z  c\n  base64://4=`);
  });

  it('shows headers on request', async () => {
    const line = `${topic}/0@0  1970-01-01T00:00:01.000Z  a  OrderCreated`;
    const args = ['messages', topic, '--type', 'OrderCreated'];
    expect((await millrace(args)).out).toBe(`${line}\n  {"type":"OrderCreated","total":1}`);
    expect((await millrace([...args, '--headers'])).out.split('\n')).toEqual(
      expect.arrayContaining([line, '  ce_type: OrderCreated', '  trace: abc']),
    );
  });

  it.each([
    ['everything', [], ['0@0', '0@1', '0@2', '1@0']],
    ['from an offset', ['--from', '2', '--partition', '0'], ['0@2']],
    ['the last of each partition', ['--from', '-1'], ['0@2', '1@0']],
    ['from a time', ['--from', '1970-01-01T00:00:02Z'], ['0@1', '0@2', '1@0']],
    ['before an offset', ['--to', '1', '--partition', '0'], ['0@0']],
    ['before a time', ['--to', '1970-01-01T00:00:03Z'], ['0@0', '0@1']],
    ['a key', ['--key', 'a'], ['0@0', '0@2']],
    ['a type', ['--type', 'OrderCompleted'], ['0@2']],
    ['nothing', ['--from', 'end'], []],
  ])('shows %s', async (_what, args, places) => {
    expect(await shown(...args)).toEqual(places);
  });

  it('follows the topic until it is interrupted', async () => {
    const fresh = await newTopic(1);
    await writeMessages([{ topic: fresh, value: 'before' }]);
    const interrupt = new AbortController();
    const lines: string[] = [];
    const started = millrace(['messages', fresh, '--follow', '--from', 'beginning', '--json'], {
      signal: interrupt.signal,
      onOut(line) {
        lines.push((JSON.parse(line) as { value: string }).value);
        if (lines.length === 1) void writeMessages([{ topic: fresh, value: 'after' }]);
        if (lines.length === 2) interrupt.abort();
      },
    });

    expect(await started).toMatchObject({ exitCode: 0 });
    expect(lines).toEqual(['before', 'after']);
  });

  it('says that it ended early, and how to see more', async () => {
    const { err } = await millrace(['messages', topic, '--limit', '1']);
    expect(err).toContain('ended after 1 messages: --limit sets another number');
  });

  it.each([
    [['--partition', '7'], 'has no partition 7: give a number from 0 to 1'],
    [['--from', 'yesterday'], '--from yesterday: give beginning, end, an offset'],
    [['--follow', '--to', 'end'], '--follow has no end: leave out --to'],
    [['--limit', '0'], '--limit 0: give a whole number of at least 1'],
  ])('refuses %s and says what to give', async (args, remedy) => {
    expect(await millrace(['messages', topic, ...args])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(remedy),
    });
  });

  it('names a topic that does not exist', async () => {
    expect(await millrace(['messages', 'nonesuch'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('no topic named nonesuch'),
    });
  });
});

import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SinkConnector, SinkTask, SourceConnector, SourceTask, StructSchema } from './index.ts';

const schema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'count',
  fields: [{ field: 'n', schema: { type: 'int32', optional: false } }],
};

/** Counts from 1 to `count`, at most `per.poll` numbers a poll. */
export const countingSource: SourceConnector = {
  class: 'test.CountingSource',
  aliases: ['counting'],
  kind: 'source',
  version: '1',
  ignored: ['nothing.*'],
  settings: [
    { name: 'topic', type: 'STRING', importance: 'HIGH', doc: 'Where to write.' },
    { name: 'count', type: 'INT', min: 0, importance: 'HIGH', doc: 'How far to count.' },
    {
      name: 'per.poll',
      type: 'INT',
      default: '100',
      min: 1,
      max: 10_000,
      importance: 'LOW',
      doc: 'The numbers of a poll.',
    },
    { name: 'fail.at', type: 'INT', optional: true, importance: 'LOW', doc: 'The number that it fails at.' },
  ],
  createTask(): SourceTask {
    let next = 1;
    let settings: Readonly<Record<string, string>> = {};
    return {
      async start({ config, offsetOf }) {
        settings = config;
        next = Number((await offsetOf({ counter: 'c' }))?.['n'] ?? 0) + 1;
      },
      async poll(signal) {
        const end = Number(settings['count']);
        if (next > end) await sleep(50, undefined, { signal }).catch(() => undefined);
        const last = Math.min(end, next + Number(settings['per.poll']) - 1);
        if (settings['fail.at'] !== undefined && last >= Number(settings['fail.at']))
          throw new Error('counted too far');
        const records = [];
        for (; next <= last; next += 1)
          records.push({
            topic: settings['topic']!,
            key: { value: `k${next % 10}` },
            value: { schema, value: { n: next } },
            headers: [],
            sourcePartition: { counter: 'c' },
            sourceOffset: { n: next },
          });
        return records;
      },
      stop: async () => undefined,
    };
  },
};

/** Appends a line of JSON per record to a file. Fails at a record whose value has `bad`, or rejects it. */
export const fileLinesSink: SinkConnector = {
  class: 'test.FileLinesSink',
  aliases: [],
  kind: 'sink',
  version: '1',
  ignored: [],
  settings: [{ name: 'file', type: 'STRING', importance: 'HIGH', doc: 'The file to append to.' }],
  createTask(): SinkTask {
    let file = '';
    let reject: ((record: never, error: Error) => Promise<void>) | undefined;
    return {
      async start(context) {
        file = context.config['file']!;
        reject = context.reject as typeof reject;
      },
      async put(records) {
        const rejected: Promise<void>[] = [];
        const lines = records.flatMap((record) => {
          const value = record.value.value as { readonly bad?: boolean } | null;
          if (value?.bad === true) {
            if (reject === undefined) throw new Error('a bad record');
            rejected.push(reject(record as never, new Error('a bad record')));
            return [];
          }
          const { topic, key, origin } = record;
          return [`${JSON.stringify({ topic, key: key.value, value, partition: origin.partition })}\n`];
        });
        await Promise.all(rejected);
        await appendFile(file, lines.join(''));
      },
      stop: async () => undefined,
    };
  },
};

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { SourceTask } from '../../plugin/task.ts';
import type { SourcePlace } from '../../record/records.ts';
import { jsonRecord, startSink } from '../sink-task.fixture.ts';
import { fileStreamSink } from './file-stream-sink.ts';
import { fileStreamSource } from './file-stream-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-stream-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

async function startSource(file: string, offset?: SourcePlace): Promise<SourceTask> {
  const task = fileStreamSource.createTask();
  await task.start({
    connector: 'lines',
    config: { file, topic: 'lines', 'batch.size': '2' },
    task: 0,
    log: () => undefined,
    offsetOf: async () => offset,
  });
  return task;
}
const textsOf = async (task: SourceTask) => (await task.poll(signal)).map(({ value }) => value.value);

describe('N69 the file source', () => {
  it('reads whole lines as the file grows, and resumes after the last committed one', async () => {
    const file = join(folder, 'in.txt');
    const task = await startSource(file);
    expect(await textsOf(task)).toEqual([]);
    writeFileSync(file, 'one\r\nzwö');
    const [one] = await task.poll(signal);
    expect(one).toMatchObject({
      topic: 'lines',
      value: { value: 'one' },
      sourcePartition: { filename: file },
      sourceOffset: { position: 5 },
    });
    appendFileSync(file, 'lf\n\nfour\n');
    expect(await textsOf(task)).toEqual(['zwölf', '']);

    const again = await startSource(file, one!.sourceOffset);
    expect(await textsOf(again)).toEqual(['zwölf', '']);
    expect(await textsOf(again)).toEqual(['four']);
  });

  it.each([{ position: 'abc' }, { position: -1 }, { position: null }, {}])(
    'refuses an offset that names no position: %j',
    async (offset) => {
      await expect(startSource(join(folder, 'any.txt'), offset)).rejects.toThrow(
        'PATCH /connectors/lines/offsets',
      );
    },
  );

  it('fails with the remedy for a file that was replaced by a shorter one, and for an endless line', async () => {
    const file = join(folder, 'long.txt');
    writeFileSync(file, 'x'.repeat(1_048_577));
    await expect((await startSource(file)).poll(signal)).rejects.toThrow(
      'more than 1048576 bytes at position 0: split it',
    );
    await expect((await startSource(file, { position: 2_000_000 })).poll(signal)).rejects.toThrow(
      'it was replaced',
    );
  });
});

describe('N69 the file sink', () => {
  it('appends a line for each record, and fails with the remedy if it cannot', async () => {
    const file = join(folder, 'out.txt');
    const { task } = await startSink({ connector: fileStreamSink, config: { file } });
    await task.put([jsonRecord(0, null, 'text'), jsonRecord(1, null, { n: 1 }), jsonRecord(2, null, null)]);
    expect(await task.flush?.()).toBeUndefined();
    await task.stop();
    expect(readFileSync(file, 'utf8')).toBe('text\n{"n":1}\nnull\n');

    const wrong = await startSink({ connector: fileStreamSink, config: { file: folder } });
    await expect(wrong.task.put([jsonRecord(0, null, 'text')])).rejects.toThrow(/then restart the task/);
  });
});

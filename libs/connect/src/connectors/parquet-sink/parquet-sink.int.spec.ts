import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@millrace/testing/within';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { seed, seededRandom } from '@millrace/testing/random';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { jsonRecord, optional, sinkRecord, startSink, struct } from '../sink-task.fixture.ts';
import { parquetSink } from './parquet-sink-connector.ts';

const root = mkdtempSync(join(tmpdir(), 'parquet-sink-'));
let folders = 0;
const newFolder = () => join(root, String((folders += 1)));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const partitions = [{ topic: 'user-events', partition: 0 }];
const day = 86_400_000;
const noon = 1_705_315_200_000;

const start = (path: string, config: ConnectConfig = {}, tolerates = false) =>
  startSink({ connector: parquetSink, config: { path, ...config }, tolerates });

const filesIn = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();

async function query(sql: string): Promise<readonly unknown[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}

describe('the Parquet sink', () => {
  it('N66 writes files by topic and day that DuckDB and hyparquet read, and commits only their offsets', async () => {
    const path = newFolder();
    const { task } = await start(path, { 'roll.rows': '4', 'header.columns': 'ce_type' });
    expect(await task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 0n }]);
    const header = (value: string) => [{ key: 'ce_type', value }];
    await task.put([
      jsonRecord(0, 'a', { n: 1, tags: ['x'], ok: true }, { headers: header('Placed') }),
      jsonRecord(1, 'b', { n: 2.5, note: 'ü' }),
      jsonRecord(2, 'a', { n: 3 }, { timestampMs: noon + day }),
    ]);
    expect(await task.flush?.()).toEqual([]);
    expect(filesIn(path)).toEqual([]);
    await task.put([jsonRecord(3, 'a', null)]);
    expect(await task.flush?.()).toEqual([{ ...partitions[0], offset: 4n }]);

    const files = [
      'user-events/date=2024-01-15/user-events-0-000000000000-000000000003.parquet',
      'user-events/date=2024-01-16/user-events-0-000000000002-000000000002.parquet',
    ];
    expect(filesIn(path)).toEqual(files);
    expect(
      await query(
        `SELECT _offset, _key, ce_type, n, note, tags->>0 AS tag, ok, date::text AS day
          FROM read_parquet('${path}/user-events/*/*.parquet', union_by_name = true) ORDER BY _offset`,
      ),
    ).toEqual([
      { _offset: '0', _key: 'a', ce_type: 'Placed', n: 1, note: null, tag: 'x', ok: true, day: '2024-01-15' },
      { _offset: '1', _key: 'b', ce_type: null, n: 2.5, note: 'ü', tag: null, ok: null, day: '2024-01-15' },
      { _offset: '2', _key: 'a', ce_type: null, n: 3, note: null, tag: null, ok: null, day: '2024-01-16' },
      { _offset: '3', _key: 'a', ce_type: null, n: null, note: null, tag: null, ok: null, day: '2024-01-15' },
    ]);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(path, files[0]!)) });
    expect(rows[0]).toMatchObject({ _offset: 0n, _timestamp: new Date(noon), tags: ['x'], ok: true });
  });

  it('writes the types of Connect and Debezium as those of Parquet', async () => {
    const path = newFolder();
    const { task } = await start(path, { 'roll.rows': '2' });
    const schema = struct({
      id: optional('int32'),
      big: optional('int64'),
      amount: optional('bytes', 'org.apache.kafka.connect.data.Decimal', { scale: '2' }),
      day: optional('int32', 'io.debezium.time.Date'),
      at: optional('int64', 'io.debezium.time.MicroTimestamp'),
      zoned: optional('string', 'io.debezium.time.ZonedTimestamp'),
      clock: optional('int64', 'io.debezium.time.MicroTime'),
      uuid: optional('string', 'io.debezium.data.Uuid'),
      doc: optional('string', 'io.debezium.data.Json'),
      raw: optional('bytes'),
      nested: struct({ city: optional('string') }),
    });
    const value = {
      id: 7,
      big: 9_007_199_254_740_993n,
      amount: Buffer.from('fb2e', 'hex'),
      day: 19_737,
      at: 1_705_315_200_123_456n,
      zoned: '2024-01-15T10:40:00.123456Z',
      clock: 86_399_999_999n,
      uuid: '6f1b2c3d-0000-4000-8000-000000000001',
      doc: '{"a":1}',
      raw: Buffer.from('raw'),
      nested: { city: 'Köln' },
    };
    const empty = Object.fromEntries(Object.keys(value).map((name) => [name, null]));
    await task.put([
      sinkRecord({ offset: 0, value: { schema, value } }),
      sinkRecord({ offset: 1, value: { schema, value: empty } }),
    ]);
    const sql = `SELECT * FROM read_parquet('${path}/*/*/*.parquet') ORDER BY _offset`;
    const types = await query(`SELECT column_name AS name, column_type AS type FROM (DESCRIBE ${sql})`);
    expect(Object.fromEntries(types.map((each) => Object.values(each as object)))).toMatchObject({
      id: 'INTEGER',
      big: 'BIGINT',
      amount: 'DECIMAL(38,2)',
      day: 'DATE',
      at: 'TIMESTAMP WITH TIME ZONE',
      clock: expect.stringMatching(/^TIME/),
      uuid: 'UUID',
      doc: 'JSON',
      raw: 'BLOB',
      nested: 'JSON',
    });
    const names = ['id', 'big', 'amount', 'day', 'micros', 'same', 'clock', 'uuid', 'a', 'raw', 'city'];
    const shown = await query(
      `SELECT id, big, amount::text AS amount, day::text AS day, epoch_us("at") AS micros,
            "at" = zoned AS same, left(clock::text, 15) AS clock, uuid::text AS uuid, doc->>'a' AS a,
            raw::text AS raw, nested->>'city' AS city FROM (${sql})`,
    );
    expect(shown).toEqual([
      {
        id: 7,
        big: '9007199254740993',
        amount: '-12.34',
        day: '2024-01-15',
        micros: '1705315200123456',
        same: true,
        clock: '23:59:59.999999',
        uuid: value.uuid,
        a: '1',
        raw: 'raw',
        city: 'Köln',
      },
      Object.fromEntries(names.map((name) => [name, null])),
    ]);
  });

  it('keeps integers of JSON without a schema exact, also beyond 64 bits', async () => {
    const path = newFolder();
    const { task } = await start(path, { 'roll.rows': '2' });
    await task.put([1, 2n ** 64n].map((n, offset) => sinkRecord({ offset, value: { value: { n } } })));
    const sql = `SELECT n->>'$' AS n FROM read_parquet('${path}/*/*/*.parquet') ORDER BY _offset`;
    expect(await query(sql)).toEqual([{ n: '1' }, { n: '18446744073709551616' }]);
  });

  it('closes files by bytes and by age, and the largest partition first when memory is full', async () => {
    const path = newFolder();
    const text = 'x'.repeat(1_000);
    const bySize = await start(path, { 'roll.bytes': '10000' });
    await bySize.task.put(Array.from({ length: 10 }, (_, offset) => jsonRecord(offset, 'a', { text })));
    expect(await bySize.task.flush?.()).toEqual([{ ...partitions[0], offset: 10n }]);

    const byAge = await start(path, { 'roll.ms': '1' });
    await byAge.task.put([jsonRecord(10, 'a', { text })]);
    const closed = await until(
      async () => (await byAge.task.flush?.()) ?? [],
      (offsets) => offsets.some(({ offset }) => offset === 11n),
    );
    expect(closed).toEqual([{ ...partitions[0], offset: 11n }]);

    const full = await start(newFolder(), { 'buffer.bytes': '9000' });
    const large = { partition: 1 };
    await full.task.put([
      jsonRecord(0, 'a', { text }),
      jsonRecord(0, 'a', { text }, large),
      jsonRecord(1, 'a', { text }, large),
    ]);
    await full.task.put([jsonRecord(2, 'a', { text }, large), jsonRecord(3, 'a', { text }, large)]);
    expect(await full.task.flush?.()).toEqual([{ topic: 'user-events', partition: 1, offset: 4n }]);
  });

  it('N66 writes each record once, whenever it is killed', async () => {
    const path = newFolder();
    const random = seededRandom(seed);
    let isDone = false;
    for (let kills = 0; !isDone; kills += 1) {
      const child = fork(join(import.meta.dirname, 'parquet-writer.program.ts'), [path, '3000'], {
        execArgv: ['--conditions=@millrace/source', '--no-warnings'],
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      });
      const linesToKill = kills < 4 ? 1 + Math.floor(random() * 30) : Infinity;
      let lines = 0;
      child.stdout!.on('data', (text: Buffer) => {
        lines += String(text).split('\n').length - 1;
        if (String(text).includes('done')) isDone = true;
        else if (lines >= linesToKill) child.kill('SIGKILL');
      });
      await once(child, 'close');
    }
    const rest = await start(path, { 'roll.ms': '1' });
    const [at] = (await rest.task.assigned?.(partitions)) ?? [];
    await rest.task.put(
      Array.from({ length: 3_000 - Number(at!.offset) }, (_, index) =>
        jsonRecord(Number(at!.offset) + index, 'k', { n: Number(at!.offset) + index }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 2));
    await rest.task.flush?.();
    expect(
      await query(
        `SELECT count(*) AS rows, count(DISTINCT _offset) AS offsets, sum(n) AS sum
          FROM read_parquet('${path}/user-events/*/*.parquet')`,
      ),
    ).toEqual([{ rows: '3000', offsets: '3000', sum: '4498500' }]);
  });

  it('N66 completes a commit that a kill interrupted before its files were in place', async () => {
    const path = newFolder();
    const { task } = await start(path, { 'roll.rows': '2' });
    await task.put([jsonRecord(0, 'a', { n: 1 }), jsonRecord(1, 'a', { n: 2 })]);
    const [file] = filesIn(path);
    renameSync(join(path, file!), join(path, '_new/user-events-0', file!.replaceAll('/', '!')));

    const again = await start(path);
    expect(await again.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 2n }]);
    expect(filesIn(path)).toEqual([file]);
  });

  it('keeps its open rows when it gets more partitions, and drops those that another task has written', async () => {
    const path = newFolder();
    const first = await start(path, { 'roll.rows': '3' });
    await first.task.assigned?.(partitions);
    await first.task.put([jsonRecord(0, 'a', { n: 1 })]);
    expect(await first.task.assigned?.([...partitions, { topic: 'user-events', partition: 1 }])).toEqual([
      { ...partitions[0], offset: 1n },
      { topic: 'user-events', partition: 1, offset: 0n },
    ]);
    const second = await start(path, { 'roll.rows': '2' });
    await second.task.assigned?.(partitions);
    await second.task.put([jsonRecord(0, 'a', { n: 1 }), jsonRecord(1, 'a', { n: 2 })]);
    await expect(
      first.task.put([jsonRecord(1, 'a', { n: 2 }), jsonRecord(2, 'a', { n: 3 })]),
    ).rejects.toThrow(/another task has written partition 0 of topic user-events/);
    expect(await first.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 2n }]);
  });

  it('refuses a record that no file can hold, and a topic that was created again', async () => {
    const { task, rejected } = await start(newFolder(), { 'roll.rows': '2' }, true);
    const schema = struct({ at: optional('string', 'io.debezium.time.ZonedTimestamp') });
    await task.put([
      sinkRecord({ offset: 0, value: { schema, value: { at: 'infinity' } } }),
      { ...jsonRecord(1, 'a', { n: 1 }), topic: '../up' },
      jsonRecord(2, 'a', { n: 1 }),
      jsonRecord(3, 'a', { n: 1 }),
    ]);
    expect(rejected).toEqual([
      'the record at offset 0 of partition 0 of topic user-events cannot be written: "infinity" is ' +
        'not a time that Parquet can hold',
      'the record at offset 1 of partition 0 of topic user-events cannot be written: "../up" cannot ' +
        'be the name of a folder: correct the transform that renames the topic',
    ]);
    expect(await task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 4n }]);
    await expect(task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(
      /deleted and created again.*move the folder/,
    );
  });

  it('N67 fails with the remedy if it cannot write the folder, and skips no record once it can', async () => {
    const path = newFolder();
    const { task } = await start(path, { 'roll.rows': '2' });
    await task.assigned?.(partitions);
    const full = join(path, '_new/user-events-0');
    mkdirSync(full, { recursive: true });
    const name = 'user-events-0-000000000000-000000000001.parquet';
    symlinkSync('/dev/full', join(full, `user-events!date=2024-01-15!${name}`));
    const records = [jsonRecord(0, 'a', { n: 1 }), jsonRecord(1, 'a', { n: 2 })];
    await expect(task.put(records)).rejects.toThrow(
      /no space left on device.* The disk is full: make room, then restart the task\. No record was skipped/,
    );
    expect(filesIn(path)).toEqual([]);
    expect(await task.flush?.()).toEqual([]);

    const again = await start(path, { 'roll.rows': '2' });
    expect(await again.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 0n }]);
    await again.task.put(records);
    expect(await again.task.flush?.()).toEqual([{ ...partitions[0], offset: 2n }]);
    expect(filesIn(path)).toEqual([`user-events/date=2024-01-15/${name}`]);

    const blocked = join(root, 'file');
    writeFileSync(blocked, '');
    expect(await parquetSink.check?.({ path: join(blocked, 'x') }, new AbortController().signal)).toEqual([
      { setting: 'path', message: expect.stringContaining('Correct the folder') },
    ]);
  });
});

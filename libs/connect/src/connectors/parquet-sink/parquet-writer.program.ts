/** Puts records into a Parquet sink until it is killed: PATH RECORDS. Prints what may be committed. */
import { jsonRecord, startSink } from '../sink-task.fixture.ts';
import { parquetSink } from './parquet-sink-connector.ts';

const [path, count] = process.argv.slice(2);
const { task } = await startSink({ connector: parquetSink, config: { path: path!, 'roll.rows': '97' } });
const [from] = (await task.assigned?.([{ topic: 'user-events', partition: 0 }])) ?? [];
for (let offset = Number(from?.offset ?? 0); offset < Number(count); offset += 20) {
  const size = Math.min(20, Number(count) - offset);
  const timestampMs = 1_705_315_200_000;
  await task.put(
    Array.from({ length: size }, (_, index) =>
      jsonRecord(
        offset + index,
        'k',
        { n: offset + index },
        { timestampMs: timestampMs + (index % 2) * 86_400_000 },
      ),
    ),
  );
  const [committed] = (await task.flush?.()) ?? [];
  process.stdout.write(`${committed?.offset ?? 0}\n`);
}
process.stdout.write('done\n');

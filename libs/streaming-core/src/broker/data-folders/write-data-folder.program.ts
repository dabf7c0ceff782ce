/**
 * Writes a data folder that every later release has to read, together with what its clients see:
 * `format-N.tar.gz` and `format-N.json` beside this file. Run it as
 * `npm run program -- libs/streaming-core/src/broker/data-folders/write-data-folder.program.ts \
 *   FORMAT WORKSPACE [BROKER_OPTION...]`
 * It runs the broker of WORKSPACE, a clone at the release whose folder is to be kept, and needs
 * kcat. The stored folders were written with `--config` and a file that contains
 * `log.cleaner.backoff.ms=300`, `offsets.topic.num.partitions=2` and
 * `transaction.state.log.num.partitions=1`.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RecordBatch } from '../../records/record-batch.ts';
import { WireClient } from '../../protocol/testing/wire-client.ts';
import { makeTopic, plainPlace, writePlainContents } from './contents.fixture.ts';
import { survey } from './survey.fixture.ts';
import {
  preparedTopic,
  transactionalPlace,
  writeTransactionalContents,
} from './transactional-contents.fixture.ts';

const [format = '', workspace = '', ...options] = process.argv.slice(2);
const dataFolder = mkdtempSync(join(tmpdir(), 'millrace-format-'));
const broker = fork(resolve(workspace, 'tools/run.mjs'), ['apps/broker/src/main.ts', ...options], {
  cwd: workspace,
  execArgv: [],
  env: { ...process.env, BROKER_PORT: '0', BROKER_DATA: dataFolder },
});
const [{ url }] = (await once(broker, 'message')) as [{ readonly url: string }];
const client = await WireClient.connect({ host: '127.0.0.1', port: Number(url.split(':').at(-1)) });
await makeTopic(client, 'letters', 1);
for (const codec of ['snappy', 'lz4'])
  execFileSync('kcat', ['-P', '-b', url, '-t', 'letters', '-z', codec, '-K', ':'], {
    input: `key:${'value '.repeat(20)}\n`.repeat(5),
  });
const duplicates = await writePlainContents(client);
await writeTransactionalContents(client);
const places = [plainPlace, transactionalPlace];
const expected = await Promise.all(
  places.map(async (place) => ({ place, seen: await survey(client, place) })),
);
broker.kill('SIGKILL');
await once(broker, 'exit');
for (const topic of ['__transaction_state', preparedTopic]) cutLastBatch(topic);
const target = join(import.meta.dirname, `format-${format}`);
writeFileSync(
  `${target}.json`,
  `${JSON.stringify({ writtenAtMs: Date.now(), duplicates, expected }, undefined, 1)}\n`,
);
execFileSync('tar', ['-czf', `${target}.tar.gz`, '--exclude=.lock', '-C', dataFolder, '.']);
rmSync(dataFolder, { recursive: true });
process.exit(0);

/**
 * Cuts the last batch off partition 0, as a kill -9 before the batch was written and flushed would
 * have left it.
 */
function cutLastBatch(topic: string): void {
  const log = join(dataFolder, `${topic}-0`, `${'0'.repeat(20)}.log`);
  const bytes = readFileSync(log);
  let last = new RecordBatch(bytes);
  for (let at = 0; at < bytes.length; at += last.sizeBytes) last = new RecordBatch(bytes, at);
  truncateSync(log, bytes.length - last.sizeBytes);
  const checkpoint = join(dataFolder, 'recovery-point-offset-checkpoint');
  const flushed = readFileSync(checkpoint, 'utf8').replace(
    new RegExp(`^${topic} 0 \\d+$`, 'm'),
    `${topic} 0 ${last.baseOffset}`,
  );
  writeFileSync(checkpoint, flushed);
}

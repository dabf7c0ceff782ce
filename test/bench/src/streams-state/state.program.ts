/**
 * Runs the topology with @millrace/streams. It prints a line of JSON when every task runs, and one
 * when it has looked up keys after the last change. It ends when its standard input ends.
 */
import { subscribe } from 'node:diagnostics_channel';
import { connectAdmin } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { connectStreams, type ReadOnlyKeyValueStore } from '@millrace/streams';
import { applicationId, changesByKey, sampleOf, storeName } from './stored-counts.ts';
import { sessionTimeoutMs, type StateEvent, type StateRun } from './state-run.ts';

const run = JSON.parse(process.argv[2] ?? '{}') as StateRun;
const bootstrapServers = [run.bootstrapServer];
const print = (event: StateEvent) => console.log(JSON.stringify(event));

let restored = 0;
subscribe('millrace:streams:restore', (message) => {
  const { remainingRecords } = message as { readonly remainingRecords: number };
  restored = Math.max(restored, remainingRecords);
});
await using admin = connectAdmin({ bootstrapServers, clientId: applicationId });
await using app = connectStreams(changesByKey(), {
  applicationId,
  bootstrapServers,
  stateDir: run.stateDir,
  guarantee: 'exactly_once_v2',
  sessionTimeoutMs,
});
const ended = new Promise<void>((resolve) => process.stdin.resume().once('end', resolve));
await app.start();
print({ event: 'running', restored });

const offsetsSum = async () =>
  (await admin.committedOffsets(applicationId)).reduce((sum, { offset }) => sum + Number(offset), 0);
while ((await offsetsSum()) < run.changedTwice) await pause(systemClock, 50);
const store = app.store<ReadOnlyKeyValueStore<string, string>>(storeName);
const sample = [...sampleOf(run)];
const wrong = sample.filter(([key, value]) => store.get(key) !== value).map(([key]) => key);
print({ event: 'checked', lookups: sample.length, wrong: wrong.slice(0, 5) });
await ended;

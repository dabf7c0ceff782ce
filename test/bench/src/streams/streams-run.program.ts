/**
 * Runs one topology with @millrace/streams. It prints a line of JSON when state is restored and
 * when every task runs, and ends when its standard input ends.
 */
import { subscribe } from 'node:diagnostics_channel';
import { connectStreams } from '@millrace/streams';
import { topologyOf } from './topologies.ts';
import { commitIntervalMs, type ProgramEvent, type RunPlace, type Workload } from './workloads.ts';

type Given = RunPlace & Pick<Workload, 'name' | 'guarantee'>;
const given = JSON.parse(process.argv[2] ?? '{}') as Given;
const { name, output, guarantee, applicationId, bootstrapServer, stateDir } = given;
let restored = 0;
const print = (event: ProgramEvent['event']) =>
  console.log(JSON.stringify({ event, atMs: Date.now(), restored } satisfies ProgramEvent));

subscribe('millrace:streams:restore', (message) => {
  const { remainingRecords } = message as { readonly remainingRecords: number };
  if (restored === 0 && remainingRecords > 0) print('restoring');
  restored = Math.max(restored, remainingRecords);
});
const app = connectStreams(topologyOf(name, output), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
  guarantee,
  commitIntervalMs,
});
await app.start();
print('running');
process.stdin.resume().once('end', () => void app.close().then(() => process.exit()));

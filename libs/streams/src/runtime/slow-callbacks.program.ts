import { consumed } from '../dsl/options/topics.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { serdes } from '../serdes/serdes.ts';
import { connectStreams } from './streams-app.ts';

/**
 * Blocks its thread in several callbacks of each task, which together last longer than the session.
 * Writes a line once the tasks run, one at each callback, and finally the number of rebalances in
 * between. The arguments are the broker, the application, its folder and the number of tasks.
 */
const [bootstrapServer = '', applicationId = '', stateDir = '', tasks] = process.argv.slice(2);

const callbacksOfTask = 4;
const blockedMs = 1_700;
let called = 0;
let rebalances = 0;

const builder = new StreamsBuilder();
builder.stream(`${applicationId}-input`, consumed(serdes.string, serdes.string)).process(() => ({
  init(context) {
    for (let index = 0; index < callbacksOfTask; index += 1) {
      const callback = context.schedule(1_000, 'wall_clock', () => {
        callback.cancel();
        process.stdout.write('called\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
        called += 1;
        if (called === callbacksOfTask * Number(tasks)) setTimeout(end, 3_000);
      });
    }
  },
  process: () => undefined,
}));

const app = connectStreams(builder.build(), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 500,
});
await app.start();
process.stdout.write('running\n');
app.onStateChange((state) => {
  if (state === 'rebalancing') rebalances += 1;
});

function end(): void {
  process.stdout.write(`${rebalances} rebalances\n`);
}

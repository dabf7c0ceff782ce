import { silentLogger } from '@millrace/streaming-core/runtime';
import { SqliteEngine } from '../state/sqlite/sqlite-engine.ts';
import { PlainOutput } from './plain-output.ts';
import { connectStreams } from './streams-app.ts';
import { TransactionalOutput } from './transactional-output.ts';
import { wordCount } from './word-count.fixture.ts';

/**
 * Counts words until it is killed, exactly once unless `GUARANTEE` is `at_least_once`. Writes a line
 * once its tasks run. The arguments are the broker, the application, the state folder, both topics,
 * and optionally a moment and the number of the commit that has it: the process kills itself before
 * the commit of the log or of the state, or it hangs before the commit of the log for longer than
 * its session.
 */
const [bootstrapServer = '', applicationId = '', stateDir = '', input = '', output = '', moment, turn] =
  process.argv.slice(2);

const sessionTimeoutMs = 6_000;

const atTurn = (owner: { commit(...args: never[]): unknown }, work: () => void) => {
  const commit = owner.commit;
  let commits = 0;
  owner.commit = function (this: unknown, ...args) {
    commits += 1;
    if (commits === Number(turn)) work();
    return commit.apply(this, args);
  };
};
const guarantee = process.env.GUARANTEE === 'at_least_once' ? 'at_least_once' : 'exactly_once_v2';
const writer = guarantee === 'at_least_once' ? PlainOutput : TransactionalOutput;
const die = () => process.kill(process.pid, 'SIGKILL');
const hang = () => {
  process.stdout.write('hangs\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sessionTimeoutMs + 3_000);
};
if (moment === 'log') atTurn(writer.prototype, die);
if (moment === 'state') atTurn(SqliteEngine.prototype, die);
if (moment === 'hang') atTurn(writer.prototype, hang);

process.stdin.resume().once('end', () => process.exit());
const app = connectStreams(wordCount(input, output), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
  guarantee,
  commitIntervalMs: 40,
  sessionTimeoutMs,
  heartbeatIntervalMs: 200,
  repartitionPurgeIntervalMs: 50,
  logger: silentLogger,
});
await app.start();
process.stdout.write('running\n');

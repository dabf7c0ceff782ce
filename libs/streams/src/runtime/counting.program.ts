import { silentLogger } from '@millrace/streaming-core/runtime';
import { SqliteEngine } from '../state/sqlite/sqlite-engine.ts';
import { TopologyTask } from '../task/topology-task.ts';
import { PlainOutput, TransactionalOutput } from './output.ts';
import { connectStreams } from './streams-app.ts';
import { wordCount } from './word-count.fixture.ts';

/**
 * Counts words until it is killed, exactly once unless `GUARANTEE` is `at_least_once`. Writes a
 * line once its tasks run. The arguments are the broker, the application, the state folder, both
 * topics, and optionally a moment and its number. At that moment, before a commit of the log or of
 * the state, or in a record, the process kills itself or hangs for longer than its session.
 */
const [bootstrapServer = '', applicationId = '', stateDir = '', input = '', output = '', moment, turn] =
  process.argv.slice(2);

const sessionTimeoutMs = 6_000;

const atTurn = <Name extends string>(
  owner: Record<Name, (...args: never[]) => unknown>,
  name: Name,
  work: () => void,
) => {
  const method = owner[name];
  let calls = 0;
  owner[name] = function (this: unknown, ...args) {
    calls += 1;
    if (calls === Number(turn)) work();
    return method.apply(this, args);
  };
};
const guarantee = process.env.GUARANTEE === 'at_least_once' ? 'at_least_once' : 'exactly_once_v2';
const writer = guarantee === 'at_least_once' ? PlainOutput : TransactionalOutput;
const die = () => process.kill(process.pid, 'SIGKILL');
const hang = () => {
  process.stdout.write('hangs\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sessionTimeoutMs + 3_000);
};
if (moment === 'log') atTurn(writer.prototype, 'commit', die);
if (moment === 'state') atTurn(SqliteEngine.prototype, 'commit', die);
if (moment === 'hang') atTurn(writer.prototype, 'commit', hang);
if (moment === 'slow-record') atTurn(TopologyTask.prototype, 'process', hang);

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

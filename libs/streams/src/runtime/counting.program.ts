import { silentLogger } from '@millrace/streaming-core/runtime';
import { SqliteEngine } from '../state/sqlite/sqlite-engine.ts';
import { PlainOutput } from './plain-output.ts';
import { connectStreams } from './streams-app.ts';
import { TransactionalOutput } from './transactional-output.ts';
import { wordCount } from './word-count.fixture.ts';

/**
 * Counts words until it is killed, exactly once unless `GUARANTEE` is `at_least_once`. Writes a line
 * once its tasks run. The arguments are the broker, the application, the state folder, both topics,
 * and optionally the moment at which the process kills itself: before the commit of the log or of
 * the state, and at which commit.
 */
const [bootstrapServer = '', applicationId = '', stateDir = '', input = '', output = '', moment, turn] =
  process.argv.slice(2);

const dieBefore = (owner: { commit(...args: never[]): unknown }) => {
  const commit = owner.commit;
  let commits = 0;
  owner.commit = function (this: unknown, ...args) {
    commits += 1;
    if (commits === Number(turn)) process.kill(process.pid, 'SIGKILL');
    return commit.apply(this, args);
  };
};
const guarantee = process.env.GUARANTEE === 'at_least_once' ? 'at_least_once' : 'exactly_once_v2';
const writer = guarantee === 'at_least_once' ? PlainOutput : TransactionalOutput;
if (moment === 'log') dieBefore(writer.prototype);
if (moment === 'state') dieBefore(SqliteEngine.prototype);

process.stdin.resume().once('end', () => process.exit());
const app = connectStreams(wordCount(input, output), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
  guarantee,
  commitIntervalMs: 40,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 200,
  logger: silentLogger,
});
await app.start();
process.stdout.write('running\n');

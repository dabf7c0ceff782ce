import { silentLogger } from '@millrace/streaming-core/runtime';
import { connectStreams } from './streams-app.ts';
import { wordCount } from './word-count.fixture.ts';

/**
 * Counts words exactly once until it is killed. Writes a line once its tasks run. The arguments are
 * the broker, the application, the state folder, and both topics.
 */
const [bootstrapServer = '', applicationId = '', stateDir = '', input = '', output = ''] =
  process.argv.slice(2);

process.stdin.resume().once('end', () => process.exit());
const app = connectStreams(wordCount(input, output), {
  applicationId,
  bootstrapServers: [bootstrapServer],
  stateDir,
  guarantee: 'exactly_once_v2',
  commitIntervalMs: 40,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 200,
  logger: silentLogger,
});
await app.start();
process.stdout.write('running\n');

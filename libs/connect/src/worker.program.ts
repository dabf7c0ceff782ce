import { plugins } from './open-suite.fixture.ts';
import { startTestWorker } from './worker.fixture.ts';

const [broker = '', groupId = '', sessionTimeoutMs = '6000'] = process.argv.slice(2);
const worker = await startTestWorker({
  broker,
  plugins,
  groupId,
  timing: { sessionTimeoutMs: Number(sessionTimeoutMs) },
});
process.stdout.write(`${worker.url}\n`);

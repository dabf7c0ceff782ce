/**
 * Runs a worker with the sinks for a test that kills it. Its argument is the broker, and it prints its
 * address.
 */
import { startTestWorker } from '../worker.fixture.ts';
import { sinkPlugins } from './sink-plugins.fixture.ts';

const [broker = ''] = process.argv.slice(2);
const worker = await startTestWorker({ broker, plugins: sinkPlugins, flushIntervalMs: 100 });
process.stdout.write(`${worker.url}\n`);

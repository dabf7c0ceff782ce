/** A worker with the sinks, for a test that kills it: BROKER. Prints its address. */
import { startTestWorker } from '../worker.fixture.ts';
import { sinkPlugins } from './sink-plugins.fixture.ts';

const [broker = ''] = process.argv.slice(2);
const worker = await startTestWorker({ broker, plugins: sinkPlugins, flushIntervalMs: 100 });
process.stdout.write(`${worker.url}\n`);

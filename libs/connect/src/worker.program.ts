import { plugins } from './open-suite.fixture.ts';
import { startTestWorker } from './worker.fixture.ts';

const [broker = '', port = '0'] = process.argv.slice(2);
const worker = await startTestWorker({ broker, plugins, port: Number(port) });
process.stdout.write(`${worker.url}\n`);

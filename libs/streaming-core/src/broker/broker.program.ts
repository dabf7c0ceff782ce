/** A broker in a process of its own, for tests that kill it: run by plain Node, as a library has to be able to. */
import { startBroker } from './start-broker.ts';

const [dataFolder = '', port = '0'] = process.argv.slice(2);
const broker = await startBroker({ dataFolder, port: Number(port) });
process.send?.({ port: broker.port });
process.on('disconnect', () => process.exit(0));

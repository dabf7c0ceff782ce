/**
 * Runs a broker in its own process, for tests that kill it. Uses plain Node, to show that the
 * library works in any program.
 */
import { flushCompileCache } from 'node:module';
import { startBroker } from './start-broker.ts';

const [dataFolder = '', port = '0'] = process.argv.slice(2);
const broker = await startBroker({ dataFolder, port: Number(port) });
process.send?.({ port: broker.port });
flushCompileCache(); // the process is going to be killed, and would write nothing then
process.on('disconnect', () => process.exit(0));

import { startBroker } from '../broker/index.ts';

/**
 * Runs the embedded broker in a process that a test can kill. The arguments are the data folder and
 * the port.
 */
const [dataFolder = '', port = ''] = process.argv.slice(2);

// If the test is killed, its end of the pipe closes, and this process exits as well.
process.stdin.resume().once('end', () => process.exit());
/** The tests set the same interval on Apache Kafka. */
const properties = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' };
await startBroker({ dataFolder, port: Number(port), properties });

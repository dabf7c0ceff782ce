import { startBroker } from '../broker/index.ts';

/** The embedded broker in a process of its own, to be killed. It takes the data folder and the port. */
const [dataFolder = '', port = ''] = process.argv.slice(2);

// A test that is killed takes its child along: its end of the pipe closes.
process.stdin.resume().once('end', () => process.exit());
/** As the tests' Apache Kafka has it. */
const properties = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' };
await startBroker({ dataFolder, port: Number(port), properties });

import { startBroker, type BrokerOptions } from '@millrace/streaming-core/broker';

/** Runs the embedded broker until it is killed or its parent is gone. */
process.on('disconnect', () => process.exit());
await startBroker(JSON.parse(process.argv[2] ?? '{}') as BrokerOptions);
process.send?.('ready');

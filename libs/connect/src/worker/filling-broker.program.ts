/** Runs the embedded broker on a disk that a test fills and empties, and sends its port. */
import './filling-disk.program.ts';
import { startBroker } from '@millrace/streaming-core/broker';

process.on('disconnect', () => process.exit());
const { port } = await startBroker({ port: 0, properties: { 'group.initial.rebalance.delay.ms': '0' } });
process.send?.({ port });

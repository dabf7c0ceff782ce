/**
 * Runs the embedded broker on a disk that a test fills and empties with the messages `fill` and `empty`. Sends
 * its port, and then for each refused write how many there were.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

process.on('disconnect', () => process.exit());
let isFull = false;
let refused = 0;
process.on('message', (order) => void (isFull = order === 'fill'));

const { writeSync } = fs;
function writeWithinRoom(...given: Parameters<typeof writeSync>): number {
  if (!isFull) return writeSync(...given);
  refused += 1;
  process.send?.({ refused });
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
Object.assign(fs, { writeSync: writeWithinRoom });
syncBuiltinESMExports();

// The broker takes its calls of the disk when it is loaded.
const { startBroker } = await import('@millrace/streaming-core/broker');
const { port } = await startBroker({ port: 0, properties: { 'group.initial.rebalance.delay.ms': '0' } });
process.send?.({ port });

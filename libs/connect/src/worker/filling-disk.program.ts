/**
 * Makes the disk of this process full by the message `fill` and gives it room again by `empty`. Sends for each
 * refused write how many there were. Import it before anything that takes `writeSync` when it is loaded.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

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

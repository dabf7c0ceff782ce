import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a log begin at any offset. It takes a new, empty partition of a stopped broker, gives its
 * first segment the name of that offset, and writes the checkpoints that belong to it.
 */
export function beginLogAt(dataFolder: string, topic: string, partition: number, offset: bigint): void {
  const folder = join(dataFolder, `${topic}-${partition}`);
  for (const name of readdirSync(folder)) if (/^\d{20}\./.test(name)) rmSync(join(folder, name));
  writeFileSync(join(folder, `${String(offset).padStart(20, '0')}.log`), '');
  for (const file of ['recovery-point-offset-checkpoint', 'log-start-offset-checkpoint']) {
    const path = join(dataFolder, file);
    const entries = readFileSync(path, 'utf8').trimEnd().split('\n').slice(2);
    const others = entries.filter((entry) => !entry.startsWith(`${topic} ${partition} `));
    writeFileSync(
      path,
      ['0', others.length + 1, ...others, `${topic} ${partition} ${offset}`, ''].join('\n'),
    );
  }
}

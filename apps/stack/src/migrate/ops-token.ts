import { randomBytes } from 'node:crypto';
import { linkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Logger } from '@millrace/streaming-core/runtime';

/**
 * Writes a random token for the operator API into a file that only its owner may read, unless the
 * file has one. The file appears with its whole text: services refuse to start with an empty one.
 */
export function provideOpsToken(file: string, logger: Pick<Logger, 'info'>): void {
  const known = statSync(file, { throwIfNoEntry: false });
  if (known !== undefined && known.size > 0) return;
  const unfinished = `${file}.${process.pid}.new`;
  rmSync(unfinished, { force: true });
  try {
    writeFileSync(unfinished, `${randomBytes(32).toString('hex')}\n`, { mode: 0o400 });
    if (known !== undefined) rmSync(file);
    linkSync(unfinished, file);
    logger.info({ file }, 'made a token for the operator API');
  } catch (error) {
    // Another process has made one meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

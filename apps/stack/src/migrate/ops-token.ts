import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Logger } from '@millrace/streaming-core/runtime';

/**
 * Writes a random token for the operator API into a file that only its owner may read, unless the
 * file exists.
 */
export function provideOpsToken(file: string, logger: Pick<Logger, 'info'>): void {
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o400 });
    logger.info({ file }, 'made a token for the operator API');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

import { lstat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './errors.ts';

/**
 * Throws if another user owns the folder. Every user may write to /var/tmp, so a folder there is
 * trusted only if we created it.
 */
export async function assertOwn(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found !== undefined && (!found.isDirectory() || found.uid !== process.getuid?.()))
    throw new EmbeddedPostgresError(
      `${folder} belongs to another user: remove it, or put the data where every user can enter`,
    );
}

import { lstat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './errors.ts';

/** Others may write to /var/tmp: a folder there is trusted only if we made it. */
export async function assertOwn(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found !== undefined && (!found.isDirectory() || found.uid !== process.getuid?.()))
    throw new EmbeddedPostgresError(
      `${folder} belongs to somebody else: remove it, or put the data where every user can enter`,
    );
}

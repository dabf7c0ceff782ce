import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies a folder of mails as empty files. Their names, which are the Message-IDs, make the sink of
 * a restored stack drop repetitions of mails that were sent before.
 */
export async function copyMailMarkers(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from))
    // The name of an unfinished mail begins with a dot.
    if (!name.startsWith('.')) await writeFile(join(to, name), '');
}

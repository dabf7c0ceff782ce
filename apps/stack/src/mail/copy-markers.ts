import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mailFileName, markerOf, messageIdOf } from './mail-file.ts';

/**
 * Copies a folder of mails without their texts. The markers make the sink of a restored stack drop
 * repetitions of mails that were sent before. A mail without a Message-ID is left out, because
 * nothing recognises its repetition.
 */
export async function copyMailMarkers(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    // The name of an unfinished mail begins with a dot.
    if (name.startsWith('.')) continue;
    const messageId = messageIdOf(await readFile(join(from, name)));
    if (messageId !== undefined) await writeFile(join(to, mailFileName(messageId)), markerOf(messageId));
  }
}

import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const nameLengthMax = 120;

/**
 * Returns the header `Message-ID`, which may be folded onto a second line (RFC 5322, 2.2.3), or
 * undefined if there is none.
 */
export function messageIdOf(mail: Buffer): string | undefined {
  const end = mail.indexOf('\r\n\r\n');
  const header = mail.subarray(0, end < 0 ? undefined : end).toString('latin1');
  return /^message-id:\s*<([^>\r\n]+)>/im.exec(header)?.[1];
}

/**
 * Returns a file name for a Message-ID. If the id had to be changed for that, the name ends with
 * its hash, so that two ids never share a file.
 */
export function mailFileName(messageId: string): string {
  const safe = messageId
    .replace(/[^A-Za-z0-9.@_-]/g, '_')
    .replace(/^\./, '_')
    .slice(0, nameLengthMax);
  const suffix =
    safe === messageId ? '' : `-${createHash('sha256').update(messageId).digest('hex').slice(0, 16)}`;
  return `${safe}${suffix}.eml`;
}

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

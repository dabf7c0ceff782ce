import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Bytes to look for, by the name under which they are reported. */
export type Needles = ReadonlyMap<string, Buffer>;

/** Returns a text in every encoding in which a program could have stored it. */
export function formsOf(text: string): Needles {
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const quoted = JSON.stringify(text).slice(1, -1);
  const escaped = quoted.replace(/[^\x20-\x7e]/g, (character) => `\\u${hexOf(character)}`);
  const forms: [string, Buffer][] = [
    ['UTF-8', utf8],
    ['UTF-16, little-endian', utf16],
    ['UTF-16, big-endian', Buffer.from(utf16).swap16()],
    ['JSON', Buffer.from(quoted)],
    ['escaped JSON', Buffer.from(escaped)],
    ['hexadecimal', Buffer.from(utf8.toString('hex'))],
  ];
  for (const offset of [0, 1, 2])
    for (const encoding of ['base64', 'base64url'] as const)
      forms.push([`${encoding} at ${offset}`, Buffer.from(base64Inside(utf8, offset, encoding))]);
  return new Map(forms.map(([form, bytes]) => [`${text} as ${form}`, bytes]));
}

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');

/** Returns the characters that do not depend on what surrounds the bytes, `offset` into a group of 3. */
function base64Inside(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const before = Buffer.alloc(offset);
  const text = Buffer.concat([before, bytes]).toString(encoding).replace(/=+$/, '');
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}

/**
 * Returns `FILE has NEEDLE` for every file below the folder that contains one. If a file gets another
 * name meanwhile, as a mail does when it is complete, the search begins again.
 */
export async function findBytes(folder: string, needles: Needles): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await searchOnce(folder, needles);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === attemptsMax) throw error;
    }
}

const attemptsMax = 20;

async function searchOnce(folder: string, needles: Needles): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  const namesByHash = new Map<string, readonly string[]>(); // every database has the same catalogs
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    const hash = createHash('sha1').update(bytes).digest('hex');
    const names = namesByHash.get(hash) ?? findIn(bytes, needles);
    namesByHash.set(hash, names);
    found.push(...names.map((name) => `${relative(folder, file)} has ${name}`));
  }
  return found;
}

export const findIn = (bytes: Buffer, needles: Needles): readonly string[] =>
  [...needles].filter(([, needle]) => bytes.includes(needle)).map(([name]) => name);

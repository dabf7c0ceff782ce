import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The list of fetched jars, which is written last. A folder without it, or that differs from it, is
 * not complete.
 */
interface Manifest {
  /** SHA-256 of the pom that named the jars. */
  readonly pom: string;
  /** Size in bytes by file name. */
  readonly jars: Readonly<Record<string, number>>;
}

const manifestFile = 'manifest.json';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const jarsIn = (folder: string): Manifest['jars'] =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.jar'))
      .sort()
      .map((file) => [file, statSync(join(folder, file)).size]),
  );

/** Marks the folder as complete for this pom. */
export function sealJars(folder: string, pom: string): void {
  const manifest: Manifest = { pom: hashOf(pom), jars: jarsIn(folder) };
  writeFileSync(join(folder, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Tells whether the folder holds every jar of this pom in full size, and no other jar. */
export function isWhole(folder: string, pom: string): boolean {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) return false;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  return manifest.pom === hashOf(pom) && JSON.stringify(manifest.jars) === JSON.stringify(jarsIn(folder));
}

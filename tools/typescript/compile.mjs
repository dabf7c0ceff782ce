import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { swcOptions } from './swc-options.mjs';

const require = createRequire(import.meta.url);
const hashOf = (...texts) => createHash('sha1').update(texts.join('\0')).digest('hex');
const { version } = require('@swc/core/package.json');
const compiler = hashOf(version, JSON.stringify(swcOptions));

/**
 * The cache of compiled files, with one file per source, so that it cannot outgrow the sources. A
 * bundle has some 300 modules of the workspace, of which a change touches few. `npm ci` deletes the
 * folder.
 */
const folder = join(import.meta.dirname, '../../node_modules/.cache/millrace/compiled');

/** Compiles a TypeScript file to JavaScript with an inline source map. */
export function compile(filename, source) {
  const cached = join(folder, `${hashOf(filename)}.js`);
  const key = `// ${compiler} ${hashOf(source)}\n`;
  const kept = readOrNothing(cached);
  if (kept.startsWith(key)) return kept.slice(key.length);
  const { code } = require('@swc/core').transformSync(source, {
    ...swcOptions,
    filename,
    sourceMaps: 'inline',
  });
  keep(cached, key + code);
  return code;
}

function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Writes the file by a rename, so that a process that starts at the same time never reads half of
 * it.
 */
function keep(file, text) {
  const own = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, text);
    renameSync(own, file);
  } catch {
    // Without the cache, for instance on a full disk, starts are only slower.
  }
}

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Group } from './groups.ts';
import {
  hashOf,
  manifestFile,
  markUsed,
  writeWhole,
  type BundlePlace,
  type Input,
  type Manifest,
} from './kept-bundle.ts';
import { positionsFile, sourcesFile } from './original-positions.ts';
import { positionTable } from './position-table.ts';

export interface BuiltBundle {
  readonly inputs: readonly Input[];
  readonly code: string;
  /** The source map. Its sources are relative to `mapFolder`. */
  readonly map: string;
  readonly mapFolder: string;
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * Keeps a bundle in a folder that is named after its inputs. The folder appears only when it is
 * complete, never changes, and is never replaced, because another process may be loading it.
 */
export function storeBundle(place: BundlePlace, group: Group, built: BuiltBundle): void {
  const { workspace, bundles } = place;
  const { inputs, code } = built;
  const manifest = manifestFile(place, group);
  const hash = hashOf(manifest, ...inputs.flatMap(([path, , , content]) => [path, content]));
  const parent = join(bundles, group.name);
  const unfinished = join(parent, `${hash}.${process.pid}`);
  let folder: string;
  try {
    mkdirSync(unfinished, { recursive: true });
    writeFiles(unfinished, built);
    // Through this link, Node finds the packages that are not in the bundle.
    symlinkSync(join(workspace, 'node_modules'), join(unfinished, 'node_modules'));
    folder = publish(unfinished, parent, hash);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  const description: Manifest = { folder, size: Buffer.byteLength(code), inputs };
  writeWhole(manifest, JSON.stringify(description));
}

function writeFiles(folder: string, { code, map, mapFolder }: BuiltBundle): void {
  const parsed = JSON.parse(map) as SourceMap;
  const sources = parsed.sources.map((source) => resolve(mapFolder, source));
  writeFileSync(join(folder, 'main.mjs'), code);
  writeFileSync(
    join(folder, 'main.mjs.map'),
    JSON.stringify({ ...parsed, sources: sources.map((source) => pathToFileURL(source).href) }),
  );
  writeFileSync(positionsFile(folder), positionTable(parsed.mappings));
  writeFileSync(sourcesFile(folder), JSON.stringify(sources));
}

/**
 * Returns the name of the bundle's folder. Another process may have stored the same bundle before.
 * If that bundle is damaged, it stays until old bundles are removed, and this one gets another
 * name.
 */
function publish(unfinished: string, parent: string, hash: string): string {
  const sizeIn = (bundle: string) => statSync(join(bundle, 'main.mjs'), { throwIfNoEntry: false })?.size;
  try {
    renameSync(unfinished, join(parent, hash));
    return hash;
  } catch (error) {
    const stored = sizeIn(join(parent, hash));
    if (stored === undefined && !existsSync(join(parent, hash))) throw error;
    if (stored === sizeIn(unfinished)) {
      markUsed(join(parent, hash));
      return hash;
    }
  }
  const other = `${hash}-${randomUUID()}`;
  renameSync(unfinished, join(parent, other));
  return other;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, YAML11_SCHEMA } from 'js-yaml';

export const workspace = join(import.meta.dirname, '../../..');

/** A service as docker-compose.yml describes it, with anchors and merges resolved. */
interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly args: Readonly<Record<string, string>> };
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly [key: string]: unknown;
}

export const readText = (path: string): string => readFileSync(join(workspace, path), 'utf8');

/** Reads the file as compose does: as YAML 1.1, which has merge keys. */
export const readComposeFile = (): ComposeFile =>
  load(readText('docker-compose.yml'), { schema: YAML11_SCHEMA }) as ComposeFile;

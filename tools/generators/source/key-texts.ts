import type { Tree } from '@nx/devkit';
import { isSharedField } from './contracts.ts';
import { kindOf } from './sample-values.ts';

/** A field that is the key of messages, and the file of the contracts that declares or imports it. */
interface KeyField {
  readonly path: string;
  readonly key: string;
}

/** How the sources of a service name the schema of a key: the services may share it. */
export const keySchemaTexts = (
  tree: Tree,
  key: string,
): Readonly<Record<'key field' | 'key schema', string>> =>
  isSharedField(tree, key)
    ? { 'key field': `${key}: fields.${key}`, 'key schema': `fields.${key}` }
    : { 'key field': key, 'key schema': key };

const isUuid = (tree: Tree, { path, key }: KeyField): boolean =>
  kindOf(tree, { path, schema: key }) === 'uuid';

/** The type of the column of a key. A key that is no UUID is a text. */
export const keyColumn = (tree: Tree, field: KeyField): 'uuid' | 'text' =>
  isUuid(tree, field) ? 'uuid' : 'text';

/** An expression that makes a key. */
export const newKey = (tree: Tree, field: KeyField): string =>
  isUuid(tree, field) ? 'randomUUID()' : 'randomUUID().slice(0, 8)';

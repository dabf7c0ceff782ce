import type { Tree } from '@nx/devkit';
import { fieldsFile, isSharedField } from '../source/contracts.ts';
import { keySchemaTexts } from '../source/key-texts.ts';
import { snakeOf } from '../source/names.ts';
import { kindOf } from '../source/sample-values.ts';

/** Throws unless the name can be that of a field with a UUID, such as `cardId` or the shared `orderId`. */
export function checkKey(tree: Tree, key: string): void {
  if (!/^[a-z][A-Za-z0-9]{0,40}Id$/.test(key))
    throw new Error(`--key "${key}": give a field's name in camel case that ends with Id, such as orderId`);
  if (isSharedField(tree, key) && kindOf(tree, { path: fieldsFile, schema: key }) !== 'uuid')
    throw new Error(`--key "${key}": this field of ${fieldsFile} is no UUID: give another name`);
}

/** How the sources name the key. The contracts of the service declare it unless the services share it. */
export function keyTexts(tree: Tree, key: string): Readonly<Record<string, string>> {
  const shared = isSharedField(tree, key);
  return {
    ...keySchemaTexts(tree, key),
    key,
    'key column': snakeOf(key),
    'key line': shared
      ? `import { ${key} } from './fields.ts';\n`
      : `\nexport const ${key} = z.uuid().toLowerCase();`,
    'key import': shared ? 'fields' : key,
  };
}

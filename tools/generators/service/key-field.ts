import type { Tree } from '@nx/devkit';
import { isSharedField } from '../source/contracts.ts';
import { kindOf } from '../source/sample-values.ts';

const fieldsFile = 'libs/contracts/src/fields.ts';

/** Throws unless the name can be that of a field with a UUID, such as `cardId` or the shared `orderId`. */
export function checkKey(tree: Tree, key: string): void {
  if (!/^[a-z][A-Za-z0-9]{0,40}Id$/.test(key))
    throw new Error(`--key "${key}": give a field's name in camel case that ends with Id, such as orderId`);
  if (isSharedField(tree, key) && kindOf(tree, { path: fieldsFile, schema: key }) !== 'uuid')
    throw new Error(`--key "${key}": this field of ${fieldsFile} is no UUID: give another name`);
}

/** How the sources name the key. The contracts of the service declare it unless the services share it. */
export function keyTexts(tree: Tree, key: string): Readonly<Record<string, string>> {
  const texts = { key, 'key column': key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) };
  return isSharedField(tree, key)
    ? {
        ...texts,
        'key line': `import { ${key} } from './fields.ts';\n`,
        'key import': 'fields',
        'key field': `${key}: fields.${key}`,
        'key schema': `fields.${key}`,
      }
    : {
        ...texts,
        'key line': `\nexport const ${key} = z.uuid().toLowerCase();`,
        'key import': key,
        'key field': key,
        'key schema': key,
      };
}

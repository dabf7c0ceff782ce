import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { editFile } from '../source/edit-text.ts';
import { spellingsOf } from '../source/names.ts';
import type { Registration } from '../source/registration.ts';
import { TypeScriptFile } from '../source/typescript-file.ts';

const topicsFile = 'libs/contracts/src/topics.ts';
const contractsFile = 'libs/contracts/src/index.ts';

/** The topics with their dead letters, in the order in which they were added. */
export const topics: Registration = {
  add(tree, { name }) {
    const own = ['Commands', 'Events'].map((kind) => `${spellingsOf(name).camel}${kind}`);
    const line = `import { ${own.join(', ')} } from './${name}.ts';\n`;
    editFile(tree, topicsFile, (text) => insertSorted(text, line, name));
    for (const topic of own) {
      const file = new TypeScriptFile(tree, topicsFile);
      file.addElement(listOfTopics(file), topic);
    }
  },
  remove(tree, { name }) {
    const file = new TypeScriptFile(tree, topicsFile);
    const [statement] = statementsOf(file.text, name);
    if (statement === undefined) return;
    const names: readonly string[] = /\{(.*)\}/s.exec(statement)?.[1]?.match(/\w+/g) ?? [];
    for (;;) {
      const topic = listOfTopics(file).elements.find((each) => names.includes(each.getText()));
      if (topic === undefined) break;
      file.remove(topic);
    }
    editFile(tree, topicsFile, (text) => text.replace(statement, ''));
  },
};

function listOfTopics(file: TypeScriptFile): ts.ArrayLiteralExpression {
  const list = file.constant('constructed');
  if (list === undefined || !ts.isArrayLiteralExpression(list)) throw file.misses('array `constructed`');
  return list;
}

/** What other packages see of the messages: all that the file of the service exports. */
export const contracts: Registration = {
  add: (tree, { name }) =>
    editFile(tree, contractsFile, (text) => {
      const { values, types } = exportsOf(tree, name);
      const statements =
        `export { ${values.join(', ')} } from './${name}.ts';\n` +
        `export type { ${types.join(', ')} } from './${name}.ts';\n`;
      return insertSorted(text, statements, name);
    }),
  remove: (tree, { name }) =>
    editFile(tree, contractsFile, (text) =>
      statementsOf(text, name).reduce((shorter, statement) => shorter.replace(statement, ''), text),
    ),
};

interface Exports {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** What the messages of a service export, in alphabetical order. */
export function exportsOf(tree: Tree, name: string): Exports {
  const text = tree.read(`libs/contracts/src/${name}.ts`, 'utf8') ?? '';
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found).sort();
  return { values: all(/^export const (\w+)/gm), types: all(/^export (?:type|interface) (\w+)/gm) };
}

const fromFile = /^(?:import|export) [^;]*? from '\.\/([a-z0-9-]+)\.ts';\n/gm;

/** The imports from, or the exports of, one file of the contracts. */
const statementsOf = (text: string, name: string): readonly string[] =>
  [...text.matchAll(fromFile)].filter(([, file]) => file === name).map(([statement]) => statement);

/** Inserts a statement before the first of a file that comes later in the alphabet. */
function insertSorted(text: string, statement: string, name: string): string {
  const all = [...text.matchAll(fromFile)];
  const next = all.find(([whole, file = '']) => file > name && !whole.startsWith('export * '));
  const last = all.at(-1);
  if (last === undefined) throw new Error('has no statement with "from \'./NAME.ts\'"');
  const index = next?.index ?? last.index + last[0].length;
  return text.slice(0, index) + statement + text.slice(index);
}

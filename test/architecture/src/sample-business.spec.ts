import { describe, expect, it } from '@jest/globals';
import * as contracts from '@millrace/contracts';
import ts from 'typescript';
import { parseSource, sources, type Source } from './typescript-source.ts';
import { isTest } from './workspace.ts';

/**
 * Only compound names count, since a single word, such as the key `id` of a fork, may mean
 * anything.
 */
const isCompound = (name: string): boolean => /.[A-Z-]/.test(name);

/** The names of topics, keys and messages on which the services of the sample business agree. */
const businessWords: ReadonlySet<string> = new Set(
  [
    ...contracts.topics.flatMap(({ name, key }) => [name, key]),
    ...Object.values(contracts).flatMap((each) =>
      typeof each === 'object' && 'declaration' in each
        ? Object.keys(each).filter((name) => name !== 'declaration')
        : [],
    ),
  ].filter(isCompound),
);

/** True for code that a fork keeps: that of a library, and that of the console without its shop. */
const isKept = ({ path }: Source): boolean =>
  /^(libs\/(?!(contracts|books)\/)|apps\/console\/src\/(?!shop\/))/.test(path) && !isTest(path);

/** The identifiers and texts of the code. Comments may give examples, so they do not count. */
function wordsOf({ path, text }: Source): readonly string[] {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, false, kind);
  const words: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) words.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return words;
}

const namesOfTheBusiness = (all: readonly Source[]): readonly string[] =>
  all
    .filter(isKept)
    .flatMap((source) =>
      [...new Set(wordsOf(source))]
        .filter((word) => businessWords.has(word))
        .map((word) => `${source.path}: ${word}: let the service declare it`),
    );

describe('a library, and the console without its shop', () => {
  it('name no topic, key or message of the sample business', () => {
    expect(namesOfTheBusiness(sources)).toEqual([]);
  });

  it('are reported for each of these names', () => {
    for (const text of [`const { orderId } = message;`, `read('order-events');`, `type === 'OrderCreated';`])
      expect(namesOfTheBusiness([parseSource('libs/testing/src/a.ts', text)])).toHaveLength(1);
    expect(namesOfTheBusiness([parseSource('libs/saga/src/a.ts', '/** As OrderCreated. */')])).toEqual([]);
  });
});

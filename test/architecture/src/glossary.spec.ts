import { describe, expect, it } from '@jest/globals';
import { readText } from './workspace.ts';

const words = [...readText('docs/GLOSSARY.md').matchAll(/^- \*\*([a-z][a-z ]*)\*\*: /gm)].map(
  ([, word]) => word,
);

describe('the glossary', () => {
  it('explains no word twice', () => {
    expect(words.length).toBeGreaterThan(30);
    expect([...new Set(words)]).toEqual(words);
  });
});

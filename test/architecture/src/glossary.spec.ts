import { describe, expect, it } from '@jest/globals';
import { readText } from './workspace.ts';

const words = [...readText('docs/GLOSSARY.md').matchAll(/^- \*\*([a-z][a-z ]*)\*\*: /gm)].map(
  ([, word]) => word,
);

describe('the glossary', () => {
  it('stays short enough to be read, with at most 40 words and no duplicates', () => {
    expect(words.length).toBeGreaterThan(30);
    expect(words.length).toBeLessThanOrEqual(40);
    expect([...new Set(words)]).toEqual(words);
  });
});

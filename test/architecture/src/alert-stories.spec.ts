import { describe, expect, it } from '@jest/globals';
import { filesEndingIn, readText } from './workspace.ts';

describe('alert rules', () => {
  it('Z17 each have a test that follows their entry with the commands that it shows', () => {
    const stories = filesEndingIn('.ts', 'test/e2e/src/runbook').map(readText).join('\n');
    const entries = [...readText('docs/operations/what-to-do.md').matchAll(/^### (Millrace\w+)$/gm)].map(
      ([, name = '']) => name,
    );
    expect(entries.length).toBeGreaterThanOrEqual(14);
    expect(entries.filter((name) => !stories.includes(`'${name}'`))).toEqual([]);
  });
});

import { SourceMap, type SourceMapPayload } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';
import { compact } from './compact.ts';

const source = [
  'const parts = /[à—]/;',
  "export const words = `à — ${'x'} 😀`.split(parts);",
  'export function fail() {',
  "  throw new Error('é');",
  '}',
  '// a comment',
].join('\n');

async function compacted(): Promise<{ code: string; map: SourceMapPayload }> {
  const printed = transformSync(source, { sourcefile: 'words.js', sourcemap: 'external' });
  const { code, map } = await compact(printed);
  return { code, map: JSON.parse(map) as SourceMapPayload };
}

describe('a compacted bundle', () => {
  it('holds only ASCII characters, no comments, and means the same', async () => {
    const { code } = await compacted();
    const { words, fail } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      words: readonly string[];
      fail: () => void;
    };
    expect(code).toMatch(/^[\0-\x7f]*$/);
    expect(code).not.toContain('comment');
    expect(words).toEqual(['', ' ', ' x 😀']);
    expect(fail).toThrow('é');
  });

  it('leads back to the lines of the sources', async () => {
    const { code, map } = await compacted();
    const lines = code.split('\n');
    const line = lines.findIndex((each) => each.includes('throw'));
    const entry = new SourceMap(map).findEntry(line, lines[line]?.indexOf('throw') ?? 0);
    expect(entry).toMatchObject({ originalSource: 'words.js', originalLine: 3 });
  });
});

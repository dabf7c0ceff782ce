import { describe, expect, it } from '@jest/globals';
import { codesOf, declaredCatalogues, errorsPage } from './errors-page.ts';
import { catalogues } from './catalogues.ts';
import { pageWritten } from './workspace.ts';

describe('the page of errors', () => {
  it('R40 is what the catalogues of the libraries say', async () => {
    const wanted = await errorsPage();
    expect(pageWritten('docs/reference/errors.md', wanted)).toBe(wanted);
  });

  it('has every catalogue of every library', () => {
    const shown = new Set(catalogues.map(({ source, name }) => `${source} ${name}`));
    expect([...declaredCatalogues()].sort()).toEqual([...shown].sort());
  });

  it('has every part of a catalogue with parts', async () => {
    const parts = await codesOf({ ...catalogues[0]!, part: undefined } as (typeof catalogues)[number]);
    expect(catalogues.flatMap(({ part }) => part ?? []).sort()).toEqual(Object.keys(parts).sort());
  });

  it.each(catalogues.map((notes) => [notes.heading, notes] as const))(
    'says what to do about each code: %s',
    async (_heading, notes) => {
      const codes = Object.keys(await codesOf(notes)).sort();
      expect(Object.keys(notes.remedies).sort()).toEqual(codes);
    },
  );
});

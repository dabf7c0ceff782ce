import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { faultsOfGuides, guidesPage, idsIn, pageOfGuides, specsOfGuides } from './guides.ts';
import { readText, workspace } from './workspace.ts';

const specs = specsOfGuides();

describe('the index of the guides', () => {
  it('has a row for each of the 49 ids, and each row is shown or says why not', () => {
    expect(faultsOfGuides(specs)).toEqual([]);
    expect(readText(guidesPage).match(/^\| G\d\d \|/gm)).toHaveLength(49);
  });

  it('names the tests whose titles have the id, as `npm run reference` writes them', () => {
    const wanted = pageOfGuides(specs);
    if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(join(workspace, guidesPage), wanted);
    expect(readText(guidesPage)).toBe(wanted);
  });

  it('is reported for a row that nothing shows, an unknown id and a missing row', () => {
    const rows = [
      { id: 'G01', about: 'Shown' },
      { id: 'G02', about: 'Forgotten' },
      { id: 'G04', about: 'Later', notYet: 'It needs a second machine.' },
    ];
    const found = new Map([
      ['G01', ['apps/log/src/a.spec.ts']],
      ['G09', ['test/guides/src/b.ci.spec.ts']],
    ]);

    expect(faultsOfGuides(found, rows)).toEqual([
      'G04 is not in its place',
      'nothing shows G02: name it in the title of a test, or say why not (notYet)',
      'test/guides/src/b.ci.spec.ts: G09 is no row of guide-rows.ts',
    ]);
    expect(pageOfGuides(found, rows)).toContain(
      '| G01 | Shown | [log: a](../../apps/log/src/a.spec.ts) |  |\n| G02 | Forgotten |  | Not shown yet. |\n' +
        '| G04 | Later |  | Not shown yet. It needs a second machine. |',
    );
  });

  it('takes ids from titles only', () => {
    const text = `it('T26 G21 G28 counts', f); describe("G30 fraud", f); it.each(x)(\`G31 O11 \${a}\`, f); run('G40');`;
    expect(idsIn(text)).toEqual(['G21', 'G28', 'G30', 'G31']);
  });
});

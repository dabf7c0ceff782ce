import { describe, expect, it } from '@jest/globals';
import { linesIn } from './lines.ts';
import { readText } from './workspace.ts';

const readme = readText('README.md');

interface Claim {
  /** What the README says was seen. */
  readonly seen: string;
  /** The page that the row links to. */
  readonly page: string;
}

/** The rows of the table of proof. */
const claimsOf = (text: string): readonly Claim[] =>
  [...text.matchAll(/^\| [^|]+ \| ([^|]+?) +\| \[[^\]]+\]\(([^)]+)\) +\|$/gm)].map(
    ([, seen = '', page = '']) => ({ seen, page }),
  );

/** Figures of a claim that do not stand in its page. */
function unfounded({ seen, page }: Claim, text: string): readonly string[] {
  const figures = seen.match(/\d[\d,.]*(?!\w)/g) ?? [];
  return figures
    .filter((figure) => !new RegExp(String.raw`(?<![\d.,])${figure}(?![\d]|[.,]\d)`).test(text))
    .map((figure) => `${page} does not say ${figure}`);
}

const promises = readText('docs/GUARANTEES.md').match(/^- [A-Z]\d+: /gm) ?? [];

describe('the README', () => {
  it('has in its table of proof only figures that the linked pages have', () => {
    const claims = claimsOf(readme);
    expect(claims.length).toBeGreaterThanOrEqual(8);
    const [guarantees, ...measured] = claims;
    expect(guarantees?.page).toBe('docs/GUARANTEES.md');
    expect(promises.length).toBeGreaterThanOrEqual(Number(/^\d+/.exec(guarantees?.seen ?? '')));
    expect(measured.flatMap((claim) => unfounded(claim, readText(claim.page)))).toEqual([]);
    for (const { seen } of measured) expect(seen).toMatch(/\d/);
  });

  it('reports a figure that the linked page does not have', () => {
    expect(unfounded({ seen: '1,234 of 12.5', page: 'x.md' }, 'It has 11,234 and 12.55.')).toEqual([
      'x.md does not say 1,234',
      'x.md does not say 12.5',
    ]);
    expect(unfounded({ seen: '1,234 of 12.5', page: 'x.md' }, 'It has 1,234, and 12.5.')).toEqual([]);
  });

  it('says how much code there is, within a tenth', () => {
    const all = linesIn(/^(apps|libs)\//);
    const [, stated = ''] = /the ([\d,]+) lines/.exec(readme) ?? [];
    expect(Math.abs(Number(stated.replace(',', '')) / all - 1)).toBeLessThan(0.1);
    const shares = [
      {
        stated: 1 / 2,
        lines: linesIn(
          /^(apps\/broker|libs\/(streaming-core|streams|schema-registry|connect|embedded-\w+))\//,
        ),
      },
      { stated: 1 / 4, lines: linesIn(/^(apps\/(stack|cli|console)|libs\/(operations|books|testing))\//) },
      {
        stated: 1 / 4,
        lines: linesIn(
          /^(apps\/(?!(?:broker|stack|cli|console)\/)[^/]+|libs\/(contracts|event-sourcing|personal-data|read-models|saga|service-chassis))\//,
        ),
      },
    ];
    for (const share of shares) expect(Math.abs(share.lines / all - share.stated)).toBeLessThan(0.05);
    expect(shares.reduce((lines, share) => lines + share.lines, 0)).toBe(all);
  });
});

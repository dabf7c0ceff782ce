import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { guideRows, type GuideRow } from './guide-rows.ts';
import { filesEndingIn, readText, workspace } from './workspace.ts';

export const guidesPage = 'test/guides/INDEX.md';

const linkTo = (path: string): string => relative(dirname(guidesPage), path);

/** Ids of rows in a title, which may stand behind those of promises: `T26 G21 G28 counts ...`. */
const titleWithIds = /(['"`])((?:[A-Z]\d\d )*G\d\d(?: [A-Z]\d\d)*) .+?(?<!\\)\1/g;

export const idsIn = (text: string): readonly string[] =>
  [...text.matchAll(titleWithIds)].flatMap(([, , ids = '']) =>
    ids.split(' ').filter((id) => id.startsWith('G')),
  );

/** The specs of each id, by the titles of their tests. */
export type SpecsById = ReadonlyMap<string, readonly string[]>;

export function specsOfGuides(): SpecsById {
  const found = new Map<string, Set<string>>();
  for (const path of filesEndingIn('.spec.ts')) {
    if (path.startsWith('test/architecture/')) continue;
    for (const id of idsIn(readText(path))) found.set(id, (found.get(id) ?? new Set()).add(path));
  }
  return new Map([...found].map(([id, paths]) => [id, [...paths]]));
}

const intro = `# The guides, line by line

Five public guides explain Kafka and event streaming. Each row is an example, an exercise or a claim of theirs, with the
tests and pages that show it here. \`npm run reference\` writes this page from the titles of the tests and from
\`test/architecture/src/guide-rows.ts\`; a test compares. [Where the guides leave something open or contradict
themselves](README.md#scenarios), the README of the scenarios says how we decided.

\`npm run test:guides -- G22\` runs the tests of a row that are in this folder. A name that ends in \`.ci\` takes minutes,
and one that ends in \`.kafka\` or \`.redis\` needs that server.
`;

/** The text of the page. */
export const pageOfGuides = (specs: SpecsById, rows: readonly GuideRow[] = guideRows): string =>
  [
    intro,
    '| | the guides describe | shown by | not shown |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => {
      const shown = [...(specs.get(row.id) ?? []).map(linkOfSpec), ...linksOfPages(row)];
      return `| ${row.id} | ${row.about} | ${shown.join(', ')} | ${whatIsMissing(row, shown.length > 0)} |`;
    }),
    '',
  ].join('\n');

/** A fork may have removed a page together with what it is about. */
const linksOfPages = ({ pages = {} }: GuideRow): readonly string[] =>
  Object.entries(pages)
    .filter(([, target]) => existsSync(join(workspace, 'docs', target.replace(/#.*/, ''))))
    .map(([words, target]) => `[${words}](${linkTo(`docs/${target}`)})`);

function linkOfSpec(path: string): string {
  const [, project = '', ...folders] = path.split('/');
  const name = (folders.at(-1) ?? '').replace(/\.spec\.ts$/, '');
  return `[${project === 'guides' ? name : `${project}: ${name}`}](${linkTo(path)})`;
}

const whatIsMissing = ({ without = '', notYet }: GuideRow, isShown: boolean): string =>
  isShown ? without : `Not shown yet. ${notYet ?? without}`.trim();

/** Rows that nothing shows without a reason, ids of no row, and rows out of order. */
export function faultsOfGuides(specs: SpecsById, rows: readonly GuideRow[] = guideRows): readonly string[] {
  const ids = rows.map(({ id }) => id);
  const expected = ids.map((_, index) => `G${String(index + 1).padStart(2, '0')}`);
  return [
    ...ids.filter((id, index) => id !== expected[index]).map((id) => `${id} is not in its place`),
    ...rows
      .filter((row) => !specs.has(row.id) && linksOfPages(row).length === 0)
      .filter(({ notYet, without }) => notYet === undefined && without === undefined)
      .map(({ id }) => `nothing shows ${id}: name it in the title of a test, or say why not (notYet)`),
    ...[...specs]
      .filter(([id]) => !ids.includes(id))
      .map(([id, [path = '']]) => `${path}: ${id} is no row of guide-rows.ts`),
  ];
}

import { filesEndingIn, readText } from './workspace.ts';

/** A title that begins with the ids of promises. Each test below it must pass for them to hold. */
export interface Proof {
  readonly file: string;
  readonly ids: readonly string[];
  readonly title: string;
}

/** Ids with a G are those of the guides' scenarios. */
const titleWithIds = /(['"`])([A-FH-Z]\d\d(?: [A-FH-Z]\d\d)*)(?: (.*?))?(?<!\\)\1/g;

export const proofsIn = (file: string, text: string): readonly Proof[] =>
  [...text.matchAll(titleWithIds)].map(([, , ids = '', title = '']) => ({
    file,
    ids: ids.split(' '),
    title,
  }));

/** Reads the titles of all tests, and of the runs that `npm run verify` records. */
export const readProofs = (): readonly Proof[] =>
  [...filesEndingIn('.spec.ts'), ...filesEndingIn('.suite.ts'), ...filesEndingIn('.ts', 'tools/verify')]
    .filter((file) => !/\/(guarantees|guides)\.spec\.ts$/.test(file))
    .flatMap((file) => proofsIn(file, readText(file)));

export interface Promised {
  readonly id: string;
  readonly sentence: string;
}

const entry = /^- ([A-Z]\d\d): (.+\.)(?: \(.*\))?$/gm;

export const guaranteesPage = 'docs/GUARANTEES.md';

/** The promises of the page, whose sentences are written by hand, each once and there. */
export const promisesOn = (page: string): readonly Promised[] =>
  [...page.matchAll(entry)].map(([, id = '', sentence = '']) => ({ id, sentence }));

/**
 * The page with the suites behind each promise, which `npm run reference` writes. Those of most of a
 * section's promises stand above them.
 */
export const withSuites = (page: string, proofs: readonly Proof[]): string =>
  page
    .split(/^(?=## )/m)
    .map((section) => {
      const suitesBy = new Map(promisesOn(section).map(({ id }) => [id, suitesOf(id, proofs)]));
      const most = mostFrequent([...suitesBy.values()]);
      return section
        .replace(/^Suite: .*$/m, () => `Suite: ${most}.`)
        .replaceAll(entry, (_, id: string, sentence: string) => {
          const suites = suitesBy.get(id);
          return `- ${id}: ${sentence}${suites === most ? '' : ` (${suites})`}`;
        });
    })
    .join('');

/** The suite with most of the promise's titles, and how many others there are. */
function suitesOf(id: string, proofs: readonly Proof[]): string {
  const suites = proofs.filter(({ ids }) => ids.includes(id)).map(({ file }) => file.split('/')[1]!);
  const others = new Set(suites).size - 1;
  return `${mostFrequent(suites)}${others > 0 ? ` +${others}` : ''}`;
}

const mostFrequent = (texts: readonly string[]): string | undefined =>
  Object.values(Object.groupBy(texts.toSorted(), (text) => text)).sort(
    (a = [], b = []) => b.length - a.length,
  )[0]?.[0];

/** Promises without a test, ids that several promises have, and titles with an id of no promise. */
export function faultsOf(page: string, proofs: readonly Proof[]): readonly string[] {
  const promised = promisesOn(page).map(({ id }) => id);
  const proven = new Set(proofs.flatMap(({ ids }) => ids));
  return [
    ...(promised.length === 0 ? [`${guaranteesPage} has no promise`] : []),
    ...promised.filter((id, index) => promised.indexOf(id) !== index).map((id) => `${id} stands twice`),
    ...promised.filter((id) => !proven.has(id)).map((id) => `no title of a test begins with ${id}`),
    ...proofs.flatMap(({ file, ids, title }) =>
      ids
        .filter((id) => !promised.includes(id))
        .map((id) => `${file}: "${id} ${title}": ${id} is no promise`),
    ),
  ];
}

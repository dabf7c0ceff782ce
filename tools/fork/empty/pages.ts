import { join } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { guaranteesPage, readProofs } from '../../../test/architecture/src/guarantees.ts';
import { withProvenPromises } from '../../generators/remove-service/promises.ts';
import { writeChartPrograms } from '../../generators/source/chart-programs.ts';
import { editFile } from '../../generators/source/edit-text.ts';
import { pluralOf, spellingsOf } from '../../generators/source/names.ts';
import { pagesOf, unlinkDeadTargets, withoutDeadTexts } from '../../generators/source/pages.ts';
import { writeTemplates } from '../../generators/source/write-templates.ts';
import { textsOnChanging } from './texts/changing.ts';
import { textsOnOperating } from './texts/operating.ts';

/** The service that the project has instead of the shop. */
export interface FirstService {
  readonly name: string;
  readonly entity: string;
  readonly port: number;
}

/** Pages about the project. Decisions keep the words of their time, and the libraries their examples. */
const own = /^([A-Z]+\.md|docs\/(?!adr\/).*)$/;

/**
 * Lets the pages and the help of the commands be about the first service instead of the shop. Some pages
 * are written anew, and from the others goes what is about the shop, with the promises that no test proves
 * now. What still links to a page or a heading that is gone goes too, or becomes plain text.
 */
export function editPages(tree: Tree, first: FirstService, commit: string): void {
  writeTemplates(tree, join(import.meta.dirname, 'files'), '', {
    'service-name': first.name,
    'entity-name': first.entity,
    port: String(first.port),
    route: pluralOf(first.entity),
    commit,
  });
  for (const [page, edits] of Object.entries({ ...textsOnChanging, ...textsOnOperating(first) }))
    editFile(tree, page, (text) => edits.reduce((changed, edit) => edit(changed), text));
  editFile(tree, 'docs/PATTERNS.md', (text) => withPatternsLeft(tree, withOwnExamples(text, first)));
  const proofs = readProofs().filter(({ file }) => tree.exists(file) && !file.endsWith('.helm.spec.ts'));
  editFile(tree, guaranteesPage, (text) => withProvenPromises(text, proofs));
  for (const page of pagesOf(tree))
    if (own.test(page))
      editFile(tree, page, (text) => withNamesOf(first, withoutDeadTexts(tree, page, text), code));
  unlinkDeadTargets(tree);
  writeChartPrograms(tree);
  visitNotIgnoredFiles(tree, 'apps/cli/src', (file) => {
    if (!/\.(spec|fixture)\.ts$/.test(file)) editFile(tree, file, (text) => withNamesOf(first, text, quoted));
  });
}

const quoted = /'[^'\n]*'|`[^`]*`/g;
const code = /^ *```[^]*?^ *```$|`[^`\n]*`/gm;
const excerpt = /^ *```(?!sh|text)/;

/** Names the first service where these parts of a text, such as the code on a page, name one of the shop. */
function withNamesOf({ name, entity }: FirstService, text: string, parts: RegExp): string {
  const { snake, upper } = spellingsOf(name);
  const stored = spellingsOf(entity);
  const key = `${stored.camel}Id`;
  const ofShop = '(?:order|inventory|payment|shipping|notification)';
  const before = 'stop|start|kill|pause|resume|retry|give-up|as|feed|sql|lag|logs|group|in|split|target';
  const renamed: ReadonlyArray<readonly [RegExp, string]> = [
    [new RegExp(String.raw`(@\w+/)${ofShop}\b`, 'g'), `$1${name}`],
    [new RegExp(String.raw`\bapps/${ofShop}\b`, 'g'), `apps/${name}`],
    [new RegExp(String.raw`\b${ofShop}-(events|commands|worker|relay|projector|\d)\b`, 'g'), `${name}-$1`],
    [new RegExp(String.raw`\b(\w+_)order(_read)?\b`, 'g'), `$1${snake}$2`],
    [/^`order`$/g, `\`${name}\``],
    [/\border (?=order_summary)/g, `${name} `],
    [/\border_summary\b/g, `${stored.snake}_summary`],
    [/\border-(?=ORDER\b|ID\b|[$'])/g, `${entity}-`],
    [/\bORDER\b(?! BY)/g, stored.upper],
    [/\bstock-teapot\b/g, `${entity}-${stored.upper}`],
    [/\bstock-(?=')/g, `${entity}-`],
    [/\b(?:OrderCreated|ReservationCommitted)\b/g, `${stored.pascal}Opened`],
    [/,"lines":\[\{"sku":"teapot","quantity":1\}\]/g, ''],
    [/\bORDER_/g, `${upper}_`],
    [new RegExp(String.raw`\b(${before}) ${ofShop}\b`, 'g'), `$1 ${name}`],
    [/\b(?:order|inventory)=/g, `${name}=`],
    [/\bAPP=order\b/g, `APP=${name}`],
    [/\bacme\/order\b/g, `acme/${name}`],
    [/\borderId\b/g, key],
    [/\bfulfillment\b/g, 'hire'],
  ];
  return text.replaceAll(parts, (part) =>
    excerpt.test(part) ? part : renamed.reduce((changed, [from, to]) => changed.replaceAll(from, to), part),
  );
}

/** The table of patterns, which the console shows, names files of the first service instead of the shop's. */
function withOwnExamples(page: string, { name, entity }: FirstService): string {
  const source = `apps/${name}/src`;
  return page
    .replace('`apps/order/src/domain/order.ts`', `\`${source}/domain/${entity}.ts\``)
    .replace('`apps/order/src/public-messages.ts`', `\`${source}/public-messages.ts\``)
    .replace('`apps/order/src/projections/order-summary.ts`', `\`${source}/projections.ts\``)
    .replace(
      '`apps/order/src/fulfillment/fulfillment.saga.ts`',
      '`libs/saga/src/decision/sample-repair.fixture.ts`',
    );
}

/** Leaves out the files that are gone, and the patterns that only they show. */
function withPatternsLeft(tree: Tree, page: string): string {
  const paths: string[] = [];
  visitNotIgnoredFiles(tree, '.', (path) => void paths.push(`/${path}`));
  const isLeft = (shown: string): boolean => {
    const [, file = ''] = /^`([^`]+)`/.exec(shown) ?? [];
    return paths.some((path) => path.endsWith(`/${file}`));
  };
  return page.replaceAll(/^- (.*): (`.*)\n/gm, (_, pattern: string, shown: string) => {
    const left = shown.split(', ').filter(isLeft);
    return left.length === 0 ? '' : `- ${pattern}: ${left.join(', ')}\n`;
  });
}

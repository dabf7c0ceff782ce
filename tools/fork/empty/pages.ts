import { join } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { guaranteesPage, readProofs } from '../../../test/architecture/src/guarantees.ts';
import { withProvenPromises } from '../../generators/remove-service/promises.ts';
import { editFile, withoutLines } from '../../generators/source/edit-text.ts';
import { withoutDeadLinks, withoutSections } from '../../generators/source/pages.ts';
import { writeTemplates } from '../../generators/source/write-templates.ts';

/**
 * Writes a README of its own, and leaves the other pages as they are, with examples from the shop.
 * Taken out are sections about commands and settings that are gone, and promises without a test; links
 * to what is gone become plain text.
 */
export function editPages(tree: Tree, values: Readonly<Record<string, string>>): void {
  writeTemplates(tree, join(import.meta.dirname, 'files'), '', values);
  editFile(tree, 'docs/README.md', (text) =>
    text.replace(
      '\n',
      '\n\nThe examples on these pages come from a sample shop, which this project does not contain.\n',
    ),
  );
  editFile(tree, 'docs/reference/settings.md', (text) =>
    withoutSections(text, 'Order|Choreographed orders|Shipping|Notification'),
  );
  editFile(tree, 'docs/FORKING.md', (text) =>
    withoutSections(
      text,
      'Begin without the shop|Remove the shop from the console|Remove the choreographed style',
    ),
  );
  editFile(tree, 'docs/HACKING.md', (text) =>
    withoutLines(withoutSections(text, 'Add a step to the saga'), /^npm run test:guides/)
      .replace('`npm run bench` and `npm run verify` never replay', '`npm run verify` never replays')
      .replace(/ with a story in\s+`test\/e2e\/src\/runbook`/, '')
      .replace(/A journey in `test\/console`, with the axe check in both themes\. /, ''),
  );
  editFile(tree, 'docs/operations/sizing.md', (text) => text.replace(/ `npm run bench -- [^.]*\./, ''));
  editFile(tree, 'docs/PATTERNS.md', (text) => withOwnExamples(text, values));
  const proofs = readProofs().filter(({ file }) => tree.exists(file));
  editFile(tree, guaranteesPage, (text) => withProvenPromises(text, proofs));
  visitNotIgnoredFiles(tree, '.', (path) => {
    if (path.endsWith('.md')) editFile(tree, path, (text) => withoutDeadLinks(tree, path, text));
  });
}

/** The table of patterns, which the console shows, names files of the first service instead of the shop's. */
const withOwnExamples = (page: string, values: Readonly<Record<string, string>>): string => {
  const source = `apps/${values['service-name']}/src`;
  return page
    .replace('`apps/order/src/domain/order.ts`', `\`${source}/domain/${values['entity-name']}.ts\``)
    .replace('`apps/order/src/public-messages.ts`', `\`${source}/public-messages.ts\``)
    .replace('`apps/order/src/projections/order-summary.ts`', `\`${source}/projections.ts\``)
    .replace(
      '`apps/order/src/fulfillment/fulfillment.saga.ts`',
      '`libs/saga/src/decision/sample-repair.fixture.ts`',
    );
};

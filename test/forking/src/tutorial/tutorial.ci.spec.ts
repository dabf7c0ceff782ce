import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { WorkspaceCopy, workspace } from '../workspace-copy.ts';
import { sectionsOf } from './page.ts';
import { Reader } from './reader.ts';

const sections = sectionsOf(readFileSync(join(workspace, 'docs/TUTORIAL.md'), 'utf8'));

/** Each section begins with what the one before it has left, so the first failure ends the reading. */
describe('a reader of docs/TUTORIAL.md', () => {
  let copy: WorkspaceCopy;
  let reader: Reader;
  let failed: string | undefined;
  beforeAll(async () => {
    copy = await WorkspaceCopy.make('tutorial');
    // A system that runs from bundles, as that of a reader does, has the page of the console.
    await copy.run('node', ['tools/build/page.ts', 'apps/console']);
    reader = await Reader.open(copy);
  });
  afterAll(async () => {
    await reader?.stop();
    await copy?.remove();
  });

  it.each(sections)('F10 writes and runs what "$title" says', async ({ title, acts }) => {
    if (failed !== undefined) throw new Error(`not tried, because "${failed}" failed`);
    failed = title;
    for (const act of acts) await reader.perform(act);
    failed = undefined;
  });
});

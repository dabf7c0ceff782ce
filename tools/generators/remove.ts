/**
 * `npm run remove -- KIND NAME [OPTIONS]` removes a part of the workspace with the Nx generator
 * `remove-KIND`, as `npx nx g @millrace/generators:remove-KIND NAME [OPTIONS]` does. Before that, it
 * refuses to delete files that are not committed.
 */
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';
import { choreographyFiles } from './remove-choreography/choreography-files.ts';
import { runGenerator } from './source/run-generator.ts';
import { refuseUncommitted } from './source/uncommitted.ts';

const usage = `npm run remove -- service NAME           removes a service
npm run remove -- service NAME --force   removes it although other files still use it, or it is not committed
npm run remove -- service NAME --dry-run shows what it would remove
npm run remove -- stream-app NAME        removes a stream application; --force although it is not committed
npm run remove -- console-shop           removes the sample shop from the console
npm run remove -- choreography           removes the choreographed style of orders; --force although it is not committed
docs/how-to/remove-a-part.md says how to remove a step of a saga, or a whole saga
npx nx g @millrace/generators:remove-KIND --help lists the options of a kind`;

const words = process.argv.slice(2);
const { values, positionals } = parseArgs({
  args: words,
  options: { force: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, name: { type: 'string' } },
  allowPositionals: true,
  strict: false,
});
const [kind, name = values.name] = positionals;

try {
  const deleted = deletedBy(kind, name);
  if (deleted.length > 0 && values.force !== true && values['dry-run'] !== true)
    refuseUncommitted(workspace, deleted);
  process.exitCode = runGenerator({ prefix: 'remove-', usage, words });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** What the removal deletes, as patterns of git. */
function deletedBy(kind?: string, name?: string | boolean): readonly string[] {
  if (kind === 'choreography') return ['apps/*/src/choreography/*', ...choreographyFiles];
  const isApp = (kind === 'service' || kind === 'stream-app') && name !== undefined;
  return isApp ? [`apps/${name}`, `libs/contracts/src/${name}.ts`] : [];
}

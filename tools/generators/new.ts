/**
 * `npm run new -- KIND NAME [OPTIONS]` adds a part to the workspace with the Nx generator of that
 * kind, as `npx nx g @millrace/generators:KIND NAME [OPTIONS]` does.
 */
import { spawnSync } from 'node:child_process';
import { workspace } from '../workspace.ts';

const usage = `npm run new -- service NAME    adds a service
npx nx g @millrace/generators:KIND --help lists the options of a kind`;

function main([kind = '', ...rest]: readonly string[]): number {
  if (kind === '' || kind === '--help') {
    console.log(usage);
    return kind === '' ? 1 : 0;
  }
  const { status } = spawnSync('nx', ['g', `@millrace/generators:${kind}`, ...rest], {
    cwd: workspace,
    stdio: 'inherit',
  });
  return status ?? 1;
}

process.exitCode = main(process.argv.slice(2));

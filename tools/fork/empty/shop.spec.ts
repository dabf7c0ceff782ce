import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { workspace } from '../../workspace.ts';
import { declarations, packages, paths } from './shop.ts';

const read = (path: string) => readFileSync(join(workspace, path), 'utf8');

/** Parts of the shop that some forks have taken out, with `npm run remove` or as docs/FORKING.md says. */
const removable =
  /choreograph|\/remove-notification\.patch$|^apps\/console\/src\/shop$|^test\/forking\/|^tools\/(fork\/patch|verify\/forking)\.ts$/;

describe('the list of what belongs to the shop', () => {
  it('names files and folders that exist', () => {
    expect(paths.filter((path) => !existsSync(join(workspace, path)) && !removable.test(path))).toEqual([]);
  });

  it('names fields that the contracts declare, and packages that are installed', () => {
    const contracts = ['fields', 'topics'].map((name) => read(`libs/contracts/src/${name}.ts`)).join('\n');
    expect(
      declarations.filter((name) => !contracts.includes(` ${name} = `) && !contracts.includes(` ${name}: `)),
    ).toEqual([]);
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    expect(packages.filter((name) => !(name in { ...dependencies, ...devDependencies }))).toEqual([]);
  });
});

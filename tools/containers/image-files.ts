/**
 * `node tools/containers/image-files.ts PROGRAM TARGET` copies exactly the files that a built
 * program needs at run time. The Dockerfile calls it after `npm ci` and `tsc -b`. PROGRAM is an app
 * (`order`) or a part of one that starts by itself (`stack/migrate`).
 *
 * TARGET/dependencies gets the npm packages and TARGET/program the workspace's own built code. Both
 * are found by following imports from the program's `main.js`, since the workspace lists the
 * dependencies of all apps together at its root.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { packageClosure } from './package-closure.ts';
import { followImports } from '../imports/follow-imports.ts';
import { workspace } from '../workspace.ts';

/**
 * The built entry of a program: `order` is in apps/order/dist, `stack/migrate` in
 * apps/stack/dist/migrate.
 */
function mainOf(program: string): string {
  const [app = '', ...part] = program.split('/');
  return join('apps', app, 'dist', ...part, 'main.js');
}

/** Programs that need the manifests and migrations of every service, such as the setup step. */
const readsEveryService: ReadonlySet<string> = new Set(['stack/migrate']);

/** False for type declarations, source maps and documents. Licences are kept. */
const neededToRun = (path: string): boolean =>
  !/\.(d\.[cm]?ts|map|md|markdown|tsbuildinfo)$/i.test(path) && !path.endsWith('/typeorm/browser');

function copyDependencies(names: ReadonlySet<string>, target: string): void {
  for (const folder of packageClosure(workspace, names))
    cpSync(join(workspace, folder), join(target, folder), {
      recursive: true,
      filter: (path) =>
        neededToRun(path) && (!path.endsWith('/node_modules') || path === join(workspace, folder)),
    });
}

function copyProject(folder: string, target: string): void {
  for (const part of ['package.json', 'dist', 'migrations', 'src/migrations'])
    if (existsSync(join(workspace, folder, part)))
      cpSync(join(workspace, folder, part), join(target, folder, part), {
        recursive: true,
        filter: neededToRun,
      });
}

function copyEveryService(target: string): void {
  for (const group of ['apps', 'libs'])
    for (const name of readdirSync(join(workspace, group)))
      for (const part of ['package.json', 'migrations', 'src/migrations'])
        if (existsSync(join(workspace, group, name, part)))
          cpSync(join(workspace, group, name, part), join(target, group, name, part), { recursive: true });
}

function linkProjects(folders: ReadonlyMap<string, string>, target: string): void {
  for (const [name, folder] of folders) {
    const link = join(target, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(target, folder)), link);
  }
}

function main([program = '', target = '', ...rest]: readonly string[]): void {
  if (!/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/.test(program) || target === '' || rest.length > 0)
    throw new Error('name a program and a target folder: node tools/containers/image-files.ts order /files');
  const entry = mainOf(program);
  if (!existsSync(join(workspace, entry)))
    throw new Error(`there is no ${entry}: build it first, or name an app of apps/`);
  const { projects, packages } = followImports(workspace, [entry], 'build');
  const own = join(target, 'program');
  copyDependencies(packages, join(target, 'dependencies'));
  for (const folder of projects.values()) copyProject(folder, own);
  if (readsEveryService.has(program)) copyEveryService(own);
  linkProjects(projects, own);
  writeFileSync(
    join(own, 'package.json'),
    `${JSON.stringify({ name: 'millrace', private: true, type: 'module' }, undefined, 2)}\n`,
  );
  writeFileSync(join(own, 'main.js'), `import './${entry}';\n`);
  const healthCheck = readFileSync(join(import.meta.dirname, 'health-check.ts'), 'utf8');
  writeFileSync(join(own, 'health-check.js'), stripTypeScriptTypes(healthCheck));
  console.log(`${program}: ${projects.size} projects, ${packages.size} npm packages and their dependencies`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`image-files: ${(error as Error).message}`);
  process.exitCode = 1;
}

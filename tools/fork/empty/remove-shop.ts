import { updateJson, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { removeStyleSettings } from '../../generators/remove-choreography/style-settings.ts';
import { contracts } from '../../generators/service/contracts-files.ts';
import { registrations, servicesOf } from '../../generators/service/registrations.ts';
import { composeFile, withoutBlocks } from '../../generators/source/compose-blocks.ts';
import { editFile, withoutLines } from '../../generators/source/edit-text.ts';
import { entriesOf, removePaths } from '../../generators/source/remove-paths.ts';
import { TypeScriptFile } from '../../generators/source/typescript-file.ts';
import { registrations as appRegistrations } from '../../generators/stream-app/registrations.ts';
import { declarations, packages, paths, services, streamApps } from './shop.ts';

/** Takes the sample shop out of the code of a workspace in which there is another service. */
export function removeShop(tree: Tree): void {
  const ports = servicesOf(tree);
  for (const name of services)
    for (const registration of registrations) registration.remove(tree, { name, port: ports.get(name) ?? 0 });
  for (const name of streamApps)
    for (const registration of appRegistrations) registration.remove(tree, { name, port: 0 });
  contracts.remove(tree, { name: 'choreography', port: 0 });
  const mutants = namesOfMutants(tree);
  editFile(tree, 'tools/generators/remove.ts', (text) => withoutLines(text, /choreograph|console-shop/));
  removePaths(tree, [
    ...services.flatMap((name) => [`apps/${name}`, `libs/contracts/src/${name}.ts`]),
    ...streamApps.map((name) => `apps/${name}`),
    ...paths,
  ]);
  for (const file of ['fields', 'index', 'topics'])
    removeDeclarations(new TypeScriptFile(tree, `libs/contracts/src/${file}.ts`));
  editFile(tree, 'tools/install/test-tools.ts', (text) =>
    withoutLines(text, /name: '(chromium|curl)'/).replace(/ {2}\{\n {4}name: 'python3',[^}]*\},\n/, ''),
  );
  editFile(tree, 'tools/generators/read-model/read-model.ts', (text) =>
    text.replace('docs/how-to/read-model.md', 'docs/OPERATIONS.md'),
  );
  editFile(tree, 'tools/generators/stream-app/stream-app.ts', (text) =>
    text.replace(
      'docs/how-to/stream-application.md explains each file',
      'libs/streams/README.md has what else a topology can do',
    ),
  );
  removeStyleSettings(tree);
  editFile(tree, 'test/reference/src/messages-page.ts', (text) =>
    text
      .replace('messages, and from records of a running system; tests', 'messages; tests')
      .replace(', ` +\n      `and [those of every record](#a-record).`', '.`'),
  );
  removeSamplesFromCompose(tree);
  // What only the shop used of another file is still exported there.
  editFile(tree, 'knip.jsonc', (text) => text.replace(/^{\n/m, '{\n  "ignoreExportsUsedInFile": true,\n'));
  removeCommands(tree);
  tree.write('test/records/verified.json', '[]\n');
  withoutTarget(tree, 'apps/connect', 'verify-redis'); // it runs a how-to page
  removeShopFromChart(tree);
  updateJson(tree, 'test/records/mutants-caught.json', ({ caught, ...others }: Caught) => ({
    ...others,
    caught: entriesOf(caught, (name) => !mutants.includes(name)),
  }));
}

interface Caught {
  readonly caught: Readonly<Record<string, string>>;
}

const namesOfMutants = (tree: Tree): readonly string[] =>
  [...(tree.read('test/mutants/src/shop-mutants.ts', 'utf8') ?? '').matchAll(/^ {4}name: '(.*)',$/gm)].map(
    ([, name = '']) => name,
  );

/** Removes what the file declares for the shop, and its exports of that. */
function removeDeclarations(file: TypeScriptFile): void {
  for (;;) {
    const found =
      file.syntax.statements.find((each) => declaredBy(each).some((name) => declarations.includes(name))) ??
      file.all(ts.isExportSpecifier).find(({ name }) => declarations.includes(name.text));
    if (found === undefined) return;
    file.remove(found);
  }
}

function declaredBy(statement: ts.Statement): readonly string[] {
  if (ts.isTypeAliasDeclaration(statement)) return [statement.name.text];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.map(({ name }) => name.getText());
}

/** Removes the program that places the samples, and the settings of the shop that every service gets. */
const removeSamplesFromCompose = (tree: Tree): void =>
  editFile(tree, composeFile, (text) =>
    withoutBlocks(text, 'samples')
      .replace('# - ORDER_READ_DATABASE_URL, ', '# - ')
      .replace(
        ', SAMPLES_WAIT_MS (120000): how long `migrate` and `samples` wait before they',
        ' (120000): how long `migrate` waits before it',
      )
      .replace(/^# {3}exit with 1/m, '#   exits with 1'),
  );

/**
 * Its values name a mail server, its run needs the sample orders, and its promises rest on records, of
 * which none is left.
 */
function removeShopFromChart(tree: Tree): void {
  const sets = tree.children('deploy/k8s/values').map((name) => `deploy/k8s/values/${name}`);
  for (const file of ['deploy/k8s/README.md', ...sets])
    editFile(tree, file, (text) =>
      withoutLines(text.replace("{ SMTP_URL: 'smtp://relay.mail.svc:25', ", '{ '), /SMTP_URL|chart-runs/),
    );
  editFile(tree, 'test/containers/src/chart/chart.helm.spec.ts', (text) => text.replaceAll(/R4\d /g, ''));
  withoutTarget(tree, 'test/containers', 'verify-play');
}

function withoutTarget(tree: Tree, project: string, target: string): void {
  updateJson(tree, `${project}/package.json`, ({ nx, ...others }: Project) => ({
    ...others,
    nx: { ...nx, targets: entriesOf(nx.targets, (name) => name !== target) },
  }));
}

interface Project {
  readonly nx: { readonly targets: Readonly<Record<string, object>> };
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Manifest>>;
}

interface Generators {
  readonly generators: Readonly<Record<string, { readonly factory: string }>>;
}

/** Removes the scripts and generators whose file is gone, and the packages that nothing needs now. */
function removeCommands(tree: Tree): void {
  const withoutPackages = <Each extends Pick<Manifest, 'dependencies' | 'devDependencies'>>(
    manifest: Each,
  ): Each => ({
    ...manifest,
    dependencies: entriesOf(manifest.dependencies, (name) => !packages.includes(name)),
    devDependencies: entriesOf(manifest.devDependencies, (name) => !packages.includes(name)),
  });
  updateJson(tree, 'package.json', (manifest: Manifest) => ({
    ...withoutPackages(manifest),
    scripts: entriesOf(manifest.scripts, (_, script) => {
      const file = /\b(?:apps|libs|test|tools)\/\S+\.ts\b/.exec(script)?.[0];
      return file === undefined || tree.exists(file);
    }),
  }));
  updateJson(tree, 'package-lock.json', (lock: Lock) => ({
    ...lock,
    packages: Object.fromEntries(
      Object.entries(lock.packages).map(([path, entry]) => [
        path,
        path === '' ? withoutPackages(entry) : entry,
      ]),
    ),
  }));
  updateJson(tree, 'tools/generators/generators.json', ({ generators }: Generators) => ({
    generators: entriesOf(generators, (_, { factory }) => tree.exists(`tools/generators/${factory}`)),
  }));
}

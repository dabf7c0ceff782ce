import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pages, type Page } from './markdown.ts';
import { filesEndingIn, projects, readText, workspace } from './workspace.ts';

export interface Command {
  readonly page: string;
  readonly line: string;
}

/** The commands in a page's `sh` blocks, one by one and without comments. */
const blocksOf = ({ path, text }: Page): readonly Command[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => quotedTogether(block).split('\n'))
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .flatMap((line) => line.split(' && '))
    .filter((line) => line !== '')
    .map((line) => ({ page: path, line }));

/** Joins a JSON body between single quotes that spans lines. */
const quotedTogether = (block: string): string =>
  block.replace(/'[^']*'/g, (quoted) => quoted.replace(/\n\s*/g, ' '));

/** Commands in running text, such as `npm run verify -- chaos`. */
const inlineCommandsOf = ({ path, text }: Page): readonly Command[] =>
  [...text.matchAll(/`((?:npm (?:run|start|test)|npx|node) [^`\n]+)`/g)].map(([, line = '']) => ({
    page: path,
    line,
  }));

export const commands: readonly Command[] = pages.flatMap((page) => [
  ...blocksOf(page),
  ...inlineCommandsOf(page),
]);

/** The services and stream applications that readers of the documents generate. */
const generated: readonly string[] = commands.flatMap(
  ({ line }) => /^npm run new -- (?:service|stream-app) ([a-z-]+)/.exec(line)?.[1] ?? [],
);

/** True for a file of a part that readers generate before a page names the file. */
export const isOfGeneratedPart = (path: string): boolean =>
  generated.some((name) => path.startsWith(`apps/${name}/`) || path === `libs/contracts/src/${name}.ts`);

/** Programs that are not ours. The documents say how to install them. */
const foreign: ReadonlySet<string> = new Set([
  'cd',
  'curl',
  'docker',
  'printf',
  'git',
  'kcat',
  'psql',
  'redis-cli',
  'kill',
  'mv',
  'sed',
]);

const { name: ofCommandLine, scripts } = JSON.parse(readText('package.json')) as {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
};
const nx = JSON.parse(readText('nx.json')) as { readonly targetDefaults: Readonly<Record<string, unknown>> };

/** A word in capitals, or a file in a folder that is one. */
const isPlaceholder = (word: string): boolean => word === '...' || /^[A-Z_.]+(\/|$)/.test(word);

/**
 * Why a user cannot run this command. Undefined when it exists and runs on any Node that the README
 * allows.
 */
export function problemOf(line: string): string | undefined {
  const words = line
    .replace(/^sudo env \S+ /, '')
    .replace(/^[A-Z_]+=\$\(/, '')
    .split(/\s+/);
  const [program = '', ...rest] = words.slice(words.findIndex((word) => !/^[A-Z][A-Z_]*=/.test(word)));
  if (foreign.has(program)) return undefined;
  if (program === 'npm') return problemOfNpm(rest);
  if (program === 'npx') return problemOfNpx(rest);
  if (program === 'node' && !/\.m?js$/.test(rest[0] ?? ''))
    return 'the Node on the PATH may be one that cannot run TypeScript: show an npm script instead';
  if (program === 'node') return undefined; // runs a build
  return existsSync(join(workspace, program)) ? undefined : `there is no ${program}`;
}

const allIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

/** The entries of a table in the code, which maps the names of runs or benches to what they do. */
const entriesOf = (path: string, table: string): readonly string[] =>
  allIn(readText(path).split(`const ${table}: `)[1]?.split('\n};')[0] ?? '', /^ {2}'?([a-z-]+)'?[,:]/gm);

const kinds = (): readonly string[] =>
  allIn(readText('tools/generators/generators.json'), /^ {4}"([a-z-]+)": \{/gm);

/** The words that a script takes as its first argument, of those that take a command, a kind or a name. */
const firstWords: Readonly<Record<string, () => readonly string[]>> = {
  new: () => [...kinds(), 'project'],
  remove: () => kinds().flatMap((kind) => (kind.startsWith('remove-') ? kind.slice('remove-'.length) : [])),
  verify: () => entriesOf('tools/verify/main.ts', 'runs'),
  bench: () => entriesOf('test/bench/src/main.ts', 'benches'),
  [ofCommandLine]: () =>
    filesEndingIn('.ts', 'apps/cli/src').flatMap((path) =>
      allIn(readText(path), /^ {2}name: '([a-z-]+)',$/gm),
    ),
};

function problemOfNpm([verb = '', ...rest]: readonly string[]): string | undefined {
  if (['ci', 'install'].includes(verb)) return undefined;
  if (verb !== 'run') return verb in scripts ? problemOfApps(rest) : `there is no npm ${verb}`;
  const [script = '', ...args] = rest.filter((word) => word !== '-s' && word !== '--silent');
  if (!(script in scripts)) return `package.json has no script ${script}`;
  const [separator, word = ''] = args;
  if (script === 'program' && separator !== '--') return 'the options of a program go after --';
  if (separator !== '--' || word === '' || word.startsWith('-') || isPlaceholder(word)) return undefined;
  if (script === 'program' || script === 'reference')
    return existsSync(join(workspace, word)) ? undefined : `there is no ${word}`;
  return firstWords[script]?.().includes(word) === false ? `${script} knows no ${word}` : undefined;
}

/** Options of `npm start` with the names of apps, such as `--replicas order=2,inventory=3`. */
const namingApps: ReadonlySet<string> = new Set(['--with', '--replicas', '--split']);

function problemOfApps(words: readonly string[]): string | undefined {
  const named = words.flatMap((word, index) =>
    namingApps.has(word) ? (words[index + 1] ?? '').split(',').map((each) => each.replace(/=.*/, '')) : [],
  );
  const missing = named.find(
    (name) =>
      name !== 'all' &&
      !isPlaceholder(name) &&
      !generated.includes(name) &&
      !existsSync(join(workspace, 'apps', name)),
  );
  return missing === undefined ? undefined : `there is no app ${missing}`;
}

function problemOfNpx([tool = '', ...rest]: readonly string[]): string | undefined {
  if (!existsSync(join(workspace, 'node_modules/.bin', tool))) return `npm ci does not install ${tool}`;
  const [verb, task = ''] = rest;
  if (tool !== 'nx' || verb !== 'run') return undefined;
  const [name = '', target = ''] = task.split(':');
  const plain = name.replace(/^@[a-z0-9]+\//, '');
  const isKnown =
    isPlaceholder(plain) ||
    generated.includes(plain) ||
    projects.some(({ manifest }) => manifest.name === name);
  if (!isKnown) return `there is no project ${name}`;
  return target in nx.targetDefaults ? undefined : `there is no target ${target}`;
}

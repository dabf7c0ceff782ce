import type { Tree } from '@nx/devkit';
import { addAppProject, removeAppProject } from '../source/app-projects.ts';
import { editFile, insertAfterLast, insertBeforeFirst, withoutLines } from '../source/edit-text.ts';
import { spellingsOf, workspaceName } from '../source/names.ts';

/** A service as the files outside its folder know it. */
export interface RegisteredService {
  /** Its folder below `apps`, such as `gift-card`. */
  readonly name: string;
  readonly port: number;
}

/** A place that lists every service. */
interface Registration {
  add(tree: Tree, service: RegisteredService): void;
  /** Leaves no trace of the service, also if its entries were edited. */
  remove(tree: Tree, service: RegisteredService): void;
}

const stackFile = 'apps/stack/src/stack.ts';
const composeFile = 'docker-compose.yml';
const prometheusFile = 'deploy/prometheus/prometheus.yml';
const topicsFile = 'libs/contracts/src/topics.ts';
const contractsFile = 'libs/contracts/src/index.ts';

const quoted = (name: string): string => (name.includes('-') ? `'${name}'` : name);

/** The services of the stack and their ports, as `stack.ts` lists them. */
export function servicesOf(tree: Tree): ReadonlyMap<string, number> {
  const text = tree.read(stackFile, 'utf8') ?? '';
  const services = /\n {2}services: \{\n(.*?)\n {2}\},\n/s.exec(text)?.[1];
  if (services === undefined) throw new Error(`${stackFile} has no "services: {"`);
  return new Map(
    [...services.matchAll(/^ {4}'?([a-z0-9-]+)'?: \{[^}]*?port: ([\d_]+)/gm)].map(
      ([, name = '', port = '']) => [name, Number(port.replaceAll('_', ''))],
    ),
  );
}

const stack: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, stackFile, (text) =>
      text.replace(/(\n {2}services: \{\n.*?)(\n {2}\},\n)/s, (_, services: string, end: string) => {
        const line = `    ${quoted(name)}: { app: '${name}', port: ${port} },`;
        return `${services}\n${line}${end}`;
      }),
    ),
  remove: (tree, { name }) =>
    editFile(tree, stackFile, (text) =>
      text.replace(new RegExp(`^ {4}'?${name}'?: \\{[^}]*\\},\\n`, 'm'), ''),
    ),
};

/** The topics with their dead letters, in the order in which they were added. */
const topics: Registration = {
  add: (tree, { name }) =>
    editFile(tree, topicsFile, (text) => {
      const { camel } = spellingsOf(name);
      const line = `import { ${camel}Commands, ${camel}Events } from './${name}.ts';\n`;
      return insertBeforeFirst(
        insertSorted(text, line, name),
        /^\] as const;$/,
        `  ${camel}Commands,\n  ${camel}Events,`,
      );
    }),
  remove: (tree, { name }) =>
    editFile(tree, topicsFile, (text) => {
      const [statement] = statementsOf(text, name);
      if (statement === undefined) return text;
      const names = /\{(.*)\}/s.exec(statement)?.[1]?.match(/\w+/g) ?? [];
      return withoutLines(text.replace(statement, ''), new RegExp(`^ {2}(${names.join('|')}),$`));
    }),
};

/** What other packages see of the messages. */
const contracts: Registration = {
  add: () => undefined, // `exportContracts` adds them, since they depend on what the file contains
  remove: (tree, { name }) =>
    editFile(tree, contractsFile, (text) =>
      statementsOf(text, name).reduce((shorter, statement) => shorter.replace(statement, ''), text),
    ),
};

export function exportContracts(
  tree: Tree,
  {
    name,
    values,
    types,
  }: Readonly<Record<'values' | 'types', readonly string[]>> & { readonly name: string },
): void {
  const statements =
    `export { ${values.join(', ')} } from './${name}.ts';\n` +
    `export type { ${types.join(', ')} } from './${name}.ts';\n`;
  editFile(tree, contractsFile, (text) => insertSorted(text, statements, name));
}

const fromFile = /^(?:import|export) [^;]*? from '\.\/([a-z0-9-]+)\.ts';\n/gm;

/** The imports from, or the exports of, one file of the contracts. */
const statementsOf = (text: string, name: string): readonly string[] =>
  [...text.matchAll(fromFile)].filter(([, file]) => file === name).map(([statement]) => statement);

/** Inserts a statement before the first of a file that comes later in the alphabet. */
function insertSorted(text: string, statement: string, name: string): string {
  const all = [...text.matchAll(fromFile)];
  const next = all.find(([whole, file = '']) => file > name && !whole.startsWith('export * '));
  const last = all.at(-1);
  if (last === undefined) throw new Error('has no statement with "from \'./NAME.ts\'"');
  const index = next?.index ?? last.index + last[0].length;
  return text.slice(0, index) + statement + text.slice(index);
}

const compose: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, composeFile, (text) => {
      const platform = workspaceName(tree);
      const setting = spellingsOf(platform).upper;
      const { upper, snake } = spellingsOf(name);
      const url = `${upper}_DATABASE_URL: postgres://${platform}:\${POSTGRES_PASSWORD:-${platform}}@postgres:5432/${platform}_${snake}`;
      const block = `  ${name}:
    <<: *service
    build: { <<: *build, args: { <<: *arguments, APP: ${name} } }
    image: ${platform}/${name}:\${${setting}_TAG:-local}
    environment:
      <<: *settings
      ${upper}_HOST: 0.0.0.0
      ${upper}_PORT: ${port}
      ${url}
`;
      const edits: ReadonlyArray<(before: string) => string> = [
        (before) => insertAfterLast(before, /^ {6}[A-Z_]+_DATABASE_URL: postgres:/, `      ${url}`),
        (before) => insertService(before, block),
        (before) => insertInList(before, /^ {6}[A-Z]+_SERVICES: &/m, `${name}=http://${name}:${port}`),
        (before) => insertInList(before, /^ {6}[A-Z]+_OPS: &/m, `${name}=http://${name}:3900`),
        (before) => insertInList(before, /^ {6}GATEWAY_ROUTES: /m, `${port}=${name}:${port}`),
        (before) =>
          insertBeforeFirst(
            before,
            /^ {6}- '127\.0\.0\.1:\$\{CONSOLE_PORT/,
            `      - '127.0.0.1:\${${upper}_PORT:-${port}}:${port}'`,
          ),
      ];
      return edits.reduce((before, edit) => edit(before), text);
    }),
  remove: (tree, { name }) =>
    editFile(tree, composeFile, (text) => {
      const { upper } = spellingsOf(name);
      const own = new RegExp(`^ {6}(- '127\\.0\\.0\\.1:\\$\\{${upper}_PORT|${upper}_(DATABASE_)?URL: )`);
      return withoutLines(withoutService(text, name), own)
        .replace(/^( {6}[A-Z]+_(?:SERVICES|OPS): &\w+ )(.*)$/gm, (_, start: string, list: string) =>
          start.concat(withoutItem(list, new RegExp(`^${name}=`))),
        )
        .replace(/^( {6}GATEWAY_ROUTES: )(.*)$/m, (_, start: string, list: string) =>
          start.concat(withoutItem(list, new RegExp(`^\\d+=${name}:`))),
        );
    }),
};

/** Inserts the block of a service after that of the last one. */
function insertService(text: string, block: string): string {
  const last = text.lastIndexOf('\n    <<: *service\n');
  const end = last < 0 ? -1 : text.indexOf('\n\n', last);
  if (end < 0) throw new Error('has no service with "<<: *service", after which to insert another');
  return `${text.slice(0, end + 2)}${block}\n${text.slice(end + 2)}`;
}

/** Removes the block of a service, up to the comment or the name of the next. */
function withoutService(text: string, name: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(`  ${name}:`);
  if (start < 0) return text;
  const length = lines.slice(start + 1).findIndex((line) => /^ {0,2}\S/.test(line)) + 1;
  return [...lines.slice(0, start), ...lines.slice(start + Math.max(length, 1))].join('\n');
}

/** Inserts an item into a list with commas, before that of the console, which is the last one. */
function insertInList(text: string, line: RegExp, item: string): string {
  const found = new RegExp(`(${line.source}.*)`, 'm').exec(text);
  if (found?.[1] === undefined)
    throw new Error(`has no line like ${line.source}, into which to insert ${item}`);
  const [before = ''] = found[1].split(/,\d+=console:/);
  const at = found.index + before.length;
  return `${text.slice(0, at)},${item}${text.slice(at)}`;
}

const withoutItem = (list: string, item: RegExp): string =>
  list
    .split(',')
    .filter((each) => !item.test(each))
    .join(',');

const prometheus: Registration = {
  add: (tree, { name, port }) =>
    editFile(tree, prometheusFile, (text) =>
      insertAfterLast(
        insertAfterLast(text, /^ {10}- '127\.0\.0\.1:3\d{3}'$/, `          - '127.0.0.1:${port}'`),
        /^ {2}# {5}- \{ names: /,
        `  #     - { names: [${name}], type: A, port: ${port} }`,
      ),
    ),
  remove: (tree, { name, port }) =>
    editFile(tree, prometheusFile, (text) =>
      withoutLines(
        withoutLines(text, new RegExp(`^ {10}- '127\\.0\\.0\\.1:${port}'$`)),
        new RegExp(`^ {2}# {5}- \\{ names: \\[${name}\\]`),
      ),
    ),
};

const project: Registration = {
  add: (tree, { name }) => addAppProject(tree, name),
  remove: (tree, { name }) => removeAppProject(tree, name),
};

/** Every place outside of its folder that names a service. */
export const registrations: readonly Registration[] = [
  topics,
  contracts,
  stack,
  compose,
  prometheus,
  project,
];

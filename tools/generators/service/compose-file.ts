import { composeFile, withoutBlocks } from '../source/compose-blocks.ts';
import { editFile, insertAfterLast, insertBeforeFirst, withoutLines } from '../source/edit-text.ts';
import { spellingsOf, workspaceName } from '../source/names.ts';
import type { Registration } from '../source/registration.ts';

export const compose: Registration = {
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
        (before) => insertForCommands(before, `      ${url}`),
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
      const own = new RegExp(
        `^ {6}(- '127\\.0\\.0\\.1:\\$\\{${upper}_PORT|${upper}_((READ_)?DATABASE_)?URL:)`,
      );
      return withoutLines(withoutBlocks(text, name), own)
        .replace(/^( {6}[A-Z]+_(?:SERVICES|OPS): &\w+ )(.*)$/gm, (_, start: string, list: string) =>
          start.concat(withoutItem(list, new RegExp(`^${name}=`))),
        )
        .replace(/^( {6}GATEWAY_ROUTES: )(.*)$/m, (_, start: string, list: string) =>
          start.concat(withoutItem(list, new RegExp(`^\\d+=${name}:`))),
        );
    }),
};

/** Inserts the URL of a database after the last one that the command line has. Optional apps come after it. */
function insertForCommands(text: string, line: string): string {
  const start = text.indexOf('\n  cli:\n');
  const end = start < 0 ? -1 : text.indexOf('\n\n', start);
  if (end < 0) throw new Error('has no service cli, which needs the URL of the database');
  const own = insertAfterLast(text.slice(start, end), /^ {6}[A-Z_]+_DATABASE_URL: postgres:/, line);
  return text.slice(0, start) + own + text.slice(end);
}

/** Inserts the block of a service after that of the last one. */
function insertService(text: string, block: string): string {
  const last = text.lastIndexOf('\n    <<: *service\n');
  const end = last < 0 ? -1 : text.indexOf('\n\n', last);
  if (end < 0) throw new Error('has no service with "<<: *service", after which to insert another');
  return `${text.slice(0, end + 2)}${block}\n${text.slice(end + 2)}`;
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

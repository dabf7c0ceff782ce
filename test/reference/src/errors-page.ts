import { join } from 'node:path';
import { catalogues } from './catalogues.ts';
import type { CatalogueNotes } from './remedies.ts';
import { filesOf, readText, workspace } from './workspace.ts';

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly retryAfterSeconds?: number;
}

type Catalogue = Readonly<Record<string, string | Problem>>;

const intro = `# Errors

\`npm run reference\` writes this page from the catalogues in the libraries, and a test compares it. An error has a \`code\`
for programs and a message for people, which names the field, the setting or the argument, and the remedy. Codes are
stable; messages are not.
`;

/** The text of docs/reference/errors.md. */
export async function errorsPage(): Promise<string> {
  const sections = [];
  for (const notes of catalogues) sections.push(await sectionOf(notes));
  return [intro, ...sections].join('\n');
}

async function sectionOf(notes: CatalogueNotes): Promise<string> {
  const { heading, source, about, remedies, part } = notes;
  const kinds = part === 'client' ? await clientKinds() : undefined;
  const codes = await codesOf(notes);
  const isHttp = Object.values(codes).some((meaning) => typeof meaning !== 'string');
  const extra = isHttp ? ['status'] : kinds === undefined ? [] : ['kind'];
  const columns = ['code', ...extra, 'meaning', 'what to do'];
  const rows = Object.entries(codes).map(([code, meaning]) =>
    rowOf([
      `\`${code}\``,
      ...extra.map(() => (typeof meaning === 'string' ? (kinds?.(code) ?? '') : statusOf(meaning))),
      `${typeof meaning === 'string' ? meaning : meaning.title}.`,
      remedies[code] ?? '',
    ]),
  );
  return [
    `## ${heading}`,
    '',
    `${about} Declared in \`${source}\`.`,
    '',
    rowOf(columns),
    rowOf(columns.map(() => '---')),
    ...rows,
    '',
  ].join('\n');
}

const rowOf = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const statusOf = ({ status, retryAfterSeconds }: Problem): string =>
  retryAfterSeconds === undefined ? String(status) : `${status}, after ${retryAfterSeconds} s`;

/** The codes of a catalogue, each with its meaning. */
export async function codesOf({ source, name, part }: CatalogueNotes): Promise<Catalogue> {
  const exported = (await import(join(workspace, source))) as Readonly<Record<string, unknown>>;
  const all = exported[name] as Readonly<Record<string, unknown>> | undefined;
  const codes = part === undefined ? all : (all?.[part] as Readonly<Record<string, unknown>> | undefined);
  if (codes === undefined) throw new Error(`${source} exports no ${[name, part].join('.')}`);
  return codes as Catalogue;
}

async function clientKinds(): Promise<(code: string) => string> {
  const path = 'libs/streaming-core/src/client/errors/error-catalogue.ts';
  const { kindOf } = (await import(join(workspace, path))) as {
    readonly kindOf: (code: string, name: undefined) => string;
  };
  return (code) => (code === 'broker_error' ? 'retriable or fatal' : kindOf(code, undefined));
}

/** The catalogues that the libraries declare: the source and the name of each. */
export const declaredCatalogues = (): readonly string[] =>
  filesOf('libs/*/src/**/*.ts')
    .filter((path) => !/\.(spec|suite|fixture|fake|bench|program)\.ts$/.test(path))
    .flatMap((path) =>
      [...readText(path).matchAll(/^export const (errors|problems|\w+Errors) = \{$/gm)].map(
        ([, name = '']) => `${path} ${name}`,
      ),
    );

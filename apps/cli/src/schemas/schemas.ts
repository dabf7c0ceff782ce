import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  changedLines,
  checkSchema,
  compatibilityOf,
  connectRest,
  InvalidInput,
  readableSchema,
  subjectPath,
  type RestClient,
  type SchemaVersion,
} from '@millrace/operations/client';
import { addressesOf } from '../addresses.ts';
import {
  firstOf,
  type ArgumentDefinition,
  type Call,
  type CommandDefinition,
  type CommandGroup,
  type ExitCode,
  type OptionDefinition,
} from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

const urlOption: OptionDefinition = {
  flags: '--url <url>',
  meaning: 'URL of a schema registry (default: SCHEMA_REGISTRY_URL, or that of the running stack)',
};

const subjectArgument: ArgumentDefinition = {
  name: '<subject>',
  meaning: 'the subject, such as user-events-value',
};

const registryOf = (call: Call): RestClient => connectRest('registry', addressesOf(call).rest('registry'));

const versionPath = (subject: string, version: string): string =>
  `${subjectPath(subject)}/versions/${encodeURIComponent(version)}`;

interface Subject {
  readonly subject: string;
  readonly versions: number;
  readonly latest: number;
  readonly id: number;
  readonly type: string;
  readonly compatibility: string;
}

const columns: Columns<Subject> = {
  SUBJECT: 'subject',
  VERSIONS: 'versions',
  LATEST: 'latest',
  ID: 'id',
  TYPE: 'type',
  COMPATIBILITY: 'compatibility',
};

/** So many subjects are asked for at once. */
const atOnce = 20;

const list: CommandDefinition = {
  name: 'list',
  summary: 'lists the subjects with their latest versions and compatibility levels',
  options: [urlOption],
  watchable: true,
  examples: ['schemas list'],
  async run(call) {
    const registry = registryOf(call);
    const subjects = await registry.get<readonly string[]>('/subjects');
    const rows: Subject[] = [];
    for (let from = 0; from < subjects.length; from += atOnce)
      rows.push(
        ...(await Promise.all(subjects.slice(from, from + atOnce).map((one) => describe(registry, one)))),
      );
    showRows(call, rows, { columns, none: emptyList('subjects') });
  },
};

async function describe(registry: RestClient, subject: string): Promise<Subject> {
  const [versions, latest, compatibility] = await Promise.all([
    registry.get<readonly number[]>(`${subjectPath(subject)}/versions`),
    registry.get<SchemaVersion>(versionPath(subject, 'latest')),
    compatibilityOf(registry, subject),
  ]);
  const { version, id, schemaType = 'AVRO' } = latest;
  return { subject, versions: versions.length, latest: version, id, type: schemaType, compatibility };
}

const show: CommandDefinition = {
  name: 'show',
  summary: 'shows a version of a subject, by default the latest',
  arguments: [subjectArgument, { name: '[version]', meaning: 'number of the version' }],
  options: [urlOption],
  examples: ['schemas show user-events-value', 'schemas show user-events-value 1'],
  async run(call) {
    const [subject = '', version = 'latest'] = call.args;
    const found = await registryOf(call).get<SchemaVersion>(versionPath(subject, version));
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf(found));
    const { schemaType = 'AVRO', id, references = [] } = found;
    terminal.out(`${subject} version ${found.version}, id ${id}, ${schemaType}`);
    for (const reference of references)
      terminal.out(`${reference.name} is version ${reference.version} of ${reference.subject}`);
    terminal.out(readableSchema(found));
  },
};

const diff: CommandDefinition = {
  name: 'diff',
  summary: 'shows the lines that differ between two versions of a subject',
  arguments: [
    subjectArgument,
    { name: '<from>', meaning: 'number of the earlier version' },
    { name: '[to]', meaning: 'number of the later version (default: the latest)' },
  ],
  options: [urlOption],
  examples: ['schemas diff user-events-value 1', 'schemas diff user-events-value 1 2'],
  async run(call) {
    const [subject = '', from = '', to = 'latest'] = call.args;
    const registry = registryOf(call);
    const [one, other] = await Promise.all([
      registry.get<SchemaVersion>(versionPath(subject, from)),
      registry.get<SchemaVersion>(versionPath(subject, to)),
    ]);
    const lines = changedLines(one, other);
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf({ from: one, to: other, lines }));
    if (lines.length === 0) return terminal.err(`versions ${one.version} and ${other.version} are equal`);
    terminal.out([`version ${one.version} -> version ${other.version}`, ...lines].join('\n'));
  },
};

const check: CommandDefinition = {
  name: 'check',
  summary: 'asks whether a subject accepts a schema, and ends with 1 and the reasons if it does not',
  arguments: [subjectArgument, { name: '<file>', meaning: 'the schema, as JSON' }],
  options: [
    urlOption,
    { flags: '--type <type>', meaning: 'type of the schema (default: avro)', choices: ['avro', 'json'] },
  ],
  examples: ['schemas check user-events-value user-event.avsc'],
  async run(call): Promise<ExitCode> {
    const subject = firstOf(call);
    const schemaType = call.options.text('type') === 'json' ? 'JSON' : 'AVRO';
    const schema = schemaIn(resolve(call.session.workspace, call.args[1] ?? ''));
    const answer = await checkSchema(registryOf(call), subject, { schema, schemaType });
    const { is_compatible: accepted, messages = [] } = answer;
    const { terminal } = call.session;
    if (call.options.flag('json')) terminal.out(jsonOf(answer));
    else if (accepted) terminal.out(`${subject} accepts the schema`);
    else terminal.out([`${subject} refuses the schema`, ...messages].join('\n'));
    return accepted ? 0 : 1;
  },
};

function schemaIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidInput(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

export const schemas: CommandGroup = {
  name: 'schemas',
  summary: 'look at the subjects of the schema registry, compare versions, and check a schema',
  commands: [list, show, diff, check],
};

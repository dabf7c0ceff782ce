import { isWell, readStatus, type Section, type Status } from '@millrace/operations/client';
import { addressesOf, bootstrapOption, serviceOption } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { jsonOf } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

export const status: CommandDefinition = {
  name: 'status',
  summary:
    'shows services, what they need, alarms, lag, dead letters and sagas; exits with 1 unless all is well',
  watchable: true,
  options: [serviceOption, bootstrapOption],
  examples: ['status', 'status --service order=http://127.0.0.1:3001 --bootstrap 127.0.0.1:9092'],
  async run(call) {
    const found = await readStatus(addressesOf(call));
    if (call.options.flag('json')) call.session.terminal.out(jsonOf(found));
    else print(call, found);
    return isWell(found) ? 0 : 1;
  },
};

const page = 'docs/operations/what-to-do.md';

/** Where the runbook has the entry of an alarm or a rule: in the console, or else in the document. */
const entryOf = (heading: string | undefined, { links }: Status): string | undefined => {
  if (heading === undefined) return undefined;
  return links.console === undefined
    ? `${page}#${heading.toLowerCase()}`
    : `${links.console}/runbook/${heading}`;
};

function print({ session }: Call, found: Status): void {
  const { terminal } = session;
  const width = terminal.columns === undefined ? undefined : terminal.columns - indent.length;
  const show = <Row>(title: string, section: Section<Row>, columns: Columns<Row>, none: string) => {
    terminal.out(`${title === 'Services' ? '' : '\n'}${title}`);
    if ('unknown' in section) terminal.out(`${indent}unknown: ${section.unknown}`);
    else
      terminal.out(
        section.rows.length === 0 ? `${indent}${none}` : indented(renderTable(columns, section.rows, width)),
      );
  };
  show(
    'Services',
    { rows: found.services },
    {
      PROCESS: 'process',
      STATUS: 'status',
      URL: 'url',
      FAILING: { freeText: ({ failing }) => failing.join('; ') },
    },
    'there are none',
  );
  show(
    'Log, databases, keys and disk',
    { rows: found.engines },
    { PART: 'part', STATE: 'state', PLACE: 'place', DETAIL: { freeText: 'detail' } },
    'there are none',
  );
  show(
    'Alarms of the services',
    { rows: found.alarms },
    {
      PROCESS: 'process',
      ALARM: 'alarm',
      PLACE: 'place',
      VALUE: 'value',
      LIMIT: 'threshold',
      SINCE: 'since',
      RUNBOOK: ({ runbook }) => entryOf(runbook, found),
    },
    'none is raised',
  );
  show(
    'Rules of Prometheus that page if this lasts',
    found.pages,
    { RULE: 'rule', PLACE: 'place', VALUE: 'value', RUNBOOK: ({ rule }) => entryOf(rule, found) },
    'none',
  );
  show(
    'Partitions that do not move',
    { rows: found.stalled },
    { PROCESS: 'process', PARTITION: 'partition', STATE: 'state', REASON: 'reason' },
    'none',
  );
  show(
    'Consumer groups',
    found.groups,
    { GROUP: 'group', STATE: 'state', MEMBERS: 'members', LAG: 'lag', SECONDS: 'lagSeconds' },
    'there are none',
  );
  show(
    'Dead letters',
    found.deadLetters,
    { TOPIC: 'topic', 'DEAD LETTERS': 'deadLetters' },
    'there are none',
  );
  show(
    'Sagas',
    found.sagas,
    { DEFINITION: 'definition', STATUS: 'status', SAGAS: 'sagas', 'NEED ATTENTION': 'needsAttention' },
    'there are none',
  );
  terminal.out('\nLinks');
  for (const [name, link] of Object.entries(found.links)) terminal.out(`${indent}${name}: ${link}`);
}

const indent = '  ';
const indented = (text: string): string => text.replace(/^/gm, indent);

import { isWell, readStatus, type Section, type Status } from '@millrace/operations/client';
import { addressesOf, bootstrapOption, serviceOption } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { jsonOf } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';

export const status: CommandDefinition = {
  name: 'status',
  summary: 'shows services, alarms, lag, dead letters and sagas; exits with 1 unless all is well',
  options: [serviceOption, bootstrapOption],
  examples: ['status', 'status --service order=http://127.0.0.1:3001 --bootstrap 127.0.0.1:9092'],
  async run(call) {
    const found = await readStatus(addressesOf(call));
    if (call.options.flag('json')) call.session.terminal.out(jsonOf(found));
    else print(call, found);
    return isWell(found) ? 0 : 1;
  },
};

function print({ session }: Call, { services, alarms, groups, deadLetters, sagas, links }: Status): void {
  const show = <Row>(title: string, section: Section<Row>, columns: Columns<Row>, none: string) => {
    session.terminal.out(`\n${title}`);
    if ('unknown' in section) session.terminal.out(`  unknown: ${section.unknown}`);
    else
      session.terminal.out(
        section.rows.length === 0 ? `  ${none}` : indented(renderTable(columns, section.rows)),
      );
  };
  session.terminal.out('Services');
  session.terminal.out(
    indented(
      renderTable(
        { PROCESS: 'process', STATUS: 'status', URL: 'url', FAILING: ({ failing }) => failing.join('; ') },
        services,
      ),
    ),
  );
  show(
    'Alarms (docs/OPERATIONS.md has an entry under the name in RUNBOOK)',
    { rows: alarms },
    {
      PROCESS: 'process',
      ALARM: 'alarm',
      PLACE: 'place',
      VALUE: 'value',
      LIMIT: 'threshold',
      RUNBOOK: 'runbook',
      SINCE: 'since',
    },
    'none is raised',
  );
  show(
    'Consumer groups',
    groups,
    { GROUP: 'group', STATE: 'state', MEMBERS: 'members', LAG: 'lag', SECONDS: 'lagSeconds' },
    'there are none',
  );
  show('Dead letters', deadLetters, { TOPIC: 'topic', 'DEAD LETTERS': 'deadLetters' }, 'there are none');
  show(
    'Sagas',
    sagas,
    { DEFINITION: 'definition', STATUS: 'status', SAGAS: 'sagas', 'NEED ATTENTION': 'needsAttention' },
    'there are none',
  );
  session.terminal.out('\nLinks');
  for (const [name, link] of Object.entries(links)) session.terminal.out(`  ${name}: ${link}`);
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

import { OperationFailed } from '@millrace/operations/client';
import type { SagaDefinitionsView, SagaPart } from '@millrace/operations/contract';
import { askAll, opsOption } from '../operators.ts';
import type { CommandDefinition } from '../command/command.ts';
import { emptyList, jsonOf } from '../terminal/show.ts';

type Definition = SagaDefinitionsView['items'][number];
type Message = Definition['starts'];
type Lines = readonly string[];
/** Returns how many sagas wait at a part, for the end of its line. */
type Waiting = (part: string, status: Definition['waiting'][number]['status']) => string;

export const showDefinition: CommandDefinition = {
  name: 'definition',
  summary: 'shows the parts of a saga with their replies, and how many sagas wait at each',
  arguments: [{ name: '[name]', meaning: 'name of a definition; without it, all definitions' }],
  options: [opsOption],
  watchable: true,
  examples: ['sagas definition', 'sagas definition fulfillment'],
  async run(call) {
    const [name] = call.args;
    const { terminal } = call.session;
    const known = await askAll(call, async (ops) =>
      (await ops.get<SagaDefinitionsView>('/ops/saga-definitions')).body.items.map((definition) => ({
        service: ops.service,
        ...definition,
      })),
    );
    const found = known.filter((definition) => name === undefined || definition.name === name);
    if (name !== undefined && found.length === 0) {
      const names = [...new Set(known.map((definition) => definition.name))].join(', ') || 'none';
      throw new OperationFailed(`no service has a definition ${name}: the definitions are ${names}`);
    }
    if (call.options.flag('json')) terminal.out(jsonOf(found));
    else if (found.length === 0) terminal.err(emptyList('definitions of sagas'));
    else terminal.out(found.map((definition) => linesOf(definition).join('\n')).join('\n\n'));
  },
};

function linesOf(definition: Definition & { readonly service: string }): Lines {
  const { name, version, service, startsNew, instances, starts, startsConditionally } = definition;
  const { deadline, cancelledBy, parts, closing } = definition;
  const waiting: Waiting = (part, status) => {
    const at = definition.waiting.find((each) => each.part === part && each.status === status);
    return at === undefined ? '' : ` [${at.instances} waiting]`;
  };
  const role = startsNew ? ', which new sagas start with' : '';
  return [
    `${name} version ${version} of ${service}${role}: ${instances} live`,
    `starts with ${named(starts)}${startsConditionally ? ', if its condition holds' : ''}`,
    ...indented(parts.flatMap((part) => linesOfPart(part, waiting))),
    ...(cancelledBy === null ? [] : [`cancelled by ${named(cancelledBy.message)}: ${cancelledBy.reason}`]),
    ...(deadline === null ? [] : [`deadline after ${seconds(deadline.afterMs)}: ${deadline.reason}`]),
    `closes -> ${named(closing.accepted)}${waiting('(closing)', 'closing')}`,
  ];
}

function linesOfPart(part: SagaPart, waiting: Waiting): Lines {
  const within = (parts: readonly SagaPart[]) =>
    indented(parts.flatMap((each) => linesOfPart(each, waiting)));
  switch (part.kind) {
    case 'parallel':
      return ['side by side', ...within(part.members)];
    case 'branch':
      return [
        `branch ${part.name}`,
        ...indented(['then', ...within(part.then)]),
        ...(part.otherwise.length === 0 ? [] : indented(['otherwise', ...within(part.otherwise)])),
      ];
    case 'delay':
      return [`delay ${part.name}: ${seconds(part.ms)}${waiting(part.name, 'running')}`];
    case 'wait': {
      const messages = [part.event, part.refused].flatMap((message) => message ?? []).map(named);
      const late = part.timedOut.length === 0 ? [] : indented(['not in time', ...within(part.timedOut)]);
      return [
        `wait ${part.name}: ${messages.join(' or ')}, for ${seconds(part.timeoutMs)}${waiting(part.name, 'running')}`,
        ...late,
      ];
    }
    case 'fail':
      return [`fail: ${part.reason}`];
    default:
      return linesOfStep(part, waiting);
  }
}

function linesOfStep(step: Extract<SagaPart, { local: boolean }>, waiting: Waiting): Lines {
  const { kind, name, accepted, rejected, compensation, timeoutMs, resendsMax, local } = step;
  const limits = [
    local ? ['decided by the service itself'] : [],
    timeoutMs === null ? [] : [`timeout ${seconds(timeoutMs)}`],
    resendsMax === null ? [] : [`resends ${resendsMax}`],
  ].flat();
  const replies = [accepted, rejected].flatMap((message) => message ?? []).map(named);
  const said = [`-> ${replies.join(' or ')}`, ...limits];
  return [
    `${kind} ${name} ${said.join(', ')}${waiting(name, 'running')}`,
    ...(compensation === null
      ? []
      : [`  undo -> ${named(compensation.accepted)}${waiting(name, 'compensating')}`]),
  ];
}

const named = ({ type, topic }: Message): string => `${type} (${topic})`;

const seconds = (ms: number): string => `${ms / 1_000} s`;

const indented = (lines: Lines): Lines => lines.map((line) => `  ${line}`);

import { messageUses } from './contract-topics.ts';
import type { Use } from './message-uses.ts';

/** What one instance of a saga took in and sent, as `golden-histories` of its service has it. */
export interface History {
  readonly name: string;
  readonly turns: ReadonlyArray<{
    readonly input: { readonly type: string; readonly message?: { readonly type: string } };
    readonly sends: ReadonlyArray<{ readonly type: string }>;
  }>;
  /** The status of the saga after the last input. */
  readonly ends: string;
}

/**
 * Draws a history as a Mermaid sequence diagram, with the service of the saga on the left. Solid arrows
 * are commands, dotted ones are events.
 */
export function sequenceDiagram({ turns, ends }: History, service: string): string {
  const others = new Set<string>();
  const arrows = turns.flatMap(({ input, sends }) => {
    const commands = sends.map(({ type }) => {
      if (servicesThat('decides', type).includes(service))
        return `${service}->>${service}: ${type}, decided without a message`;
      const receiver = soleOf('reads', type);
      others.add(receiver);
      return `${service}->>${receiver}: ${type}`;
    });
    return [arrowOf(input, service), ...commands];
  });
  others.delete(service);
  return [
    'sequenceDiagram',
    ...[service, ...others].map((each) => `participant ${each}`),
    ...arrows,
    `Note over ${service}: the saga is ${ends}`,
    '',
  ]
    .map((line, index) => (index === 0 || line === '' ? line : `  ${line}`))
    .join('\n');
}

function arrowOf({ type, message }: History['turns'][number]['input'], service: string): string {
  if (message !== undefined) return `${soleOf('writes', message.type)}-->>${service}: ${message.type}`;
  if (type === 'timer') return `Note over ${service}: no reply in time`;
  return `Note over ${service}: ${type}`;
}

const servicesThat = (use: Use, type: string): readonly string[] =>
  messageUses.filter((each) => each.use === use && each.type === type).map(({ service }) => service);

function soleOf(use: Use, type: string): string {
  const services = servicesThat(use, type);
  if (services[0] === undefined) throw new Error(`no service ${use} ${type}`);
  return services[0];
}

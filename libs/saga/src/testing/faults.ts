import { nodesOf, stepsOf, type SagaDefinition } from '../definition/definition.ts';
import type { TimerRole } from '../decision/decide.ts';
import { closingStep } from '../decision/state.ts';

/** A part of a definition that a fault can meet: a command, a wait or a delay. */
export interface Part {
  readonly role: Exclude<TimerRole, 'deadline'>;
  readonly name: string;
}

export type FaultKind =
  /** The participant refuses the command, or a message from outside refuses what the saga waits for. */
  | 'rejected'
  /** No answer comes until the saga has given up, or has sent the command five times. */
  | 'silent'
  /** The answer comes once the saga has given up. */
  | 'late'
  | 'late rejection'
  /** Commands, answers and timers come twice. */
  | 'duplicated'
  /** The message from outside comes before the saga waits for it. */
  | 'early'
  /** The saga's decision is lost, and its input arrives again. */
  | 'crash before commit'
  /** The input comes again, and the commands are published again. */
  | 'crash after commit'
  /** The participant takes nothing until three commands wait for it. */
  | 'participant down'
  | 'cancelled'
  | 'deadline'
  /** An operator pauses the saga until nothing else happens. */
  | 'paused';

export interface Fault {
  readonly part: Part;
  readonly kind: FaultKind;
}

export const titleOf = ({ part: { role, name }, kind }: Fault): string => `${kind} at the ${role} ${name}`;
export const isAt = (one: Part, other: Part): boolean => one.role === other.role && one.name === other.name;

/** Returns every fault that can meet this definition, part by part in reading order. */
export function faultsOf(definition: SagaDefinition): readonly Fault[] {
  const inputs: readonly FaultKind[] = ['crash before commit', 'crash after commit', 'paused'];
  const ending: readonly FaultKind[] = [
    ...(definition.cancelledBy === undefined ? [] : ['cancelled' as const]),
    ...(definition.deadline === undefined ? [] : ['deadline' as const]),
  ];
  const command: readonly FaultKind[] = ['silent', 'duplicated', 'participant down', ...inputs, ...ending];
  const at = (part: Part, kinds: readonly FaultKind[]) => kinds.map((kind): Fault => ({ part, kind }));
  const ofNodes = nodesOf(definition.flow).flatMap((node): readonly Fault[] => {
    switch (node.kind) {
      case 'compensatable':
        return at({ role: 'step', name: node.name }, ['rejected', 'late', 'late rejection', ...command]);
      case 'pivot':
        return at({ role: 'step', name: node.name }, ['rejected', 'late rejection', ...command]);
      case 'retriable':
        return at({ role: 'step', name: node.name }, command);
      case 'wait': {
        const refused = node.refused === undefined ? [] : (['rejected', 'late rejection'] as const);
        const kinds = ['silent', 'late', 'early', 'duplicated', ...refused, ...inputs, ...ending] as const;
        return at({ role: 'wait', name: node.name }, kinds);
      }
      case 'delay':
        return at({ role: 'delay', name: node.name }, ['duplicated', ...inputs, ...ending]);
      default:
        return [];
    }
  });
  const undone = stepsOf(definition).flatMap(({ kind, name }) =>
    kind === 'compensatable' ? at({ role: 'compensation', name }, command) : [],
  );
  return [...ofNodes, ...undone, ...at({ role: 'closing', name: closingStep }, command)];
}

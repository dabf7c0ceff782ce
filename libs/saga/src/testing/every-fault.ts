import type { Message } from '@millrace/streaming-core/contract';
import type { SagaDefinition } from '../definition/definition.ts';
import { faultsOf, titleOf, type Fault } from './faults.ts';
import { playFaults, type FaultySagaOptions } from './faulty-saga.ts';

/** A fault of a definition, alone and together with every other one. */
export interface FaultCase {
  readonly title: string;
  /**
   * Returns the titles of the faults that met the saga. Throws `AssertionError` with the story of the first
   * run in which an invariant does not hold.
   */
  play(): readonly string[];
}

interface EveryFaultOptions extends Omit<FaultySagaOptions, 'start' | 'order'> {
  /** Start messages that lead to different paths. Pairs of faults are played from the first one. */
  readonly starts: readonly Message[];
}

/**
 * Makes the faults of a definition: for each of its steps, compensations, waits and delays all that
 * participants, network, processes, customers and operators can do. Each case plays its fault alone from
 * each of the start messages, and with each other fault from the first one, with messages in both orders.
 * For faults that only meet a saga that is undone, its last step that can be rejected is rejected as well.
 */
export function everyFault(
  definition: SagaDefinition,
  { starts: [first, ...others], ...options }: EveryFaultOptions,
): readonly FaultCase[] {
  if (first === undefined) throw new TypeError('everyFault needs a start message');
  const faults = faultsOf(definition);
  const allUndone = faults.findLast(({ part, kind }) => part.role === 'step' && kind === 'rejected');
  const isOfUndoing = ({ part: { role } }: Fault) => role === 'compensation' || role === 'closing';
  const play = (start: Message, faulty: readonly Fault[]): readonly Fault[] => {
    const together = allUndone && faulty.every(isOfUndoing) ? [allUndone, ...faulty] : faulty;
    return (['oldest first', 'newest first'] as const).flatMap((order) => [
      ...playFaults(definition, { ...options, start, order }, together),
    ]);
  };
  return faults.map((fault, index) => ({
    title: titleOf(fault),
    play: () => [
      ...new Set(
        [
          ...play(first, [fault]),
          ...others.flatMap((start) => play(start, [fault])),
          ...faults.slice(index + 1).flatMap((other) => play(first, [fault, other])),
        ].map(titleOf),
      ),
    ],
  }));
}

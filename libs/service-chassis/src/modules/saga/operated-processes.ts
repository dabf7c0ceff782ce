import type { TimedProcessView } from '@millrace/operations/contract';
import type { SagaFigures } from '@millrace/saga';
import type { Queryable } from '@millrace/streaming-core/postgres';
import { token } from '../../ground/provide.ts';

/** An instance of a timed process, as operators see it. */
export type ProcessInstance = Omit<TimedProcessView, 'process'>;

/** Reads the instances of a timed process for operators, metrics and the alarm `saga_age`. */
export interface ProcessInstances {
  one(database: Queryable, id: string): Promise<ProcessInstance | undefined>;
  /** Returns those that have not ended, beginning with the one that has not changed for the longest. */
  open(database: Queryable, limit: number): Promise<readonly ProcessInstance[]>;
}

export interface OperatedProcess {
  readonly name: string;
  readonly instances: ProcessInstances;
}

/** The timed processes of the service whose instances operators can see. */
export const OPERATED_PROCESSES = token<readonly OperatedProcess[]>('OperatedProcesses');

/** The limit up to which the open instances of a process are counted. */
const countedMax = 1_000;

export type ProcessFigures = Pick<SagaFigures, 'live' | 'commands'>;

/** Reads the same figures about a process as about sagas. It waits for messages instead of replies. */
export async function processFigures(
  database: Queryable,
  { name: definition, instances }: OperatedProcess,
  now: number,
): Promise<ProcessFigures> {
  const open = await instances.open(database, countedMax);
  const oldestAgeMs = (begun: readonly string[]) => now - Math.min(...begun.map((at) => Date.parse(at)));
  const byStatus = Map.groupBy(open, ({ status }) => status);
  const byStep = Map.groupBy(
    open.flatMap(({ waitsFor }) => waitsFor),
    ({ step }) => step,
  );
  return {
    live: [...byStatus].map(([status, found]) => ({
      definition,
      status,
      instances: found.length,
      oldestAgeMs: oldestAgeMs(found.map(({ startedAt }) => startedAt)),
    })),
    commands: [...byStep].map(([step, found]) => ({
      definition,
      step,
      oldestAgeMs: oldestAgeMs(found.map(({ since }) => since)),
    })),
  };
}

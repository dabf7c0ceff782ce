import type { Absence } from '../faults.ts';
import type { Span } from './history.ts';

/** The parts whose absence concerns every timer, and not only those of one owner. */
const engines: ReadonlySet<string> = new Set(['broker', 'postgres', 'backend', 'stack', 'everything']);
/** Without a broker, no session of a group member ends. */
const withBroker: ReadonlySet<string> = new Set(['broker', 'stack', 'everything']);
/** A process that is paused for longer loses its partitions, since its session lasts 6 s. */
const keptPauseMs = 7_000;

/** Whether a process of the order service was absent. These processes own the timers. */
export const isOrderProcess = ({ part }: Absence): boolean => part.startsWith('order');

/**
 * The absences of the log and the database, and pauses after which a process may still own its
 * partitions: short ones, those during which the broker restarted, which renews every session, and
 * those during which another process was away that would have taken the partitions over.
 */
export function outagesOf(absences: readonly Absence[]): readonly Absence[] {
  const keeps = (pause: Absence) =>
    pause.toMs - pause.fromMs < keptPauseMs ||
    absences.some(
      (other) =>
        overlaps(other, pause) &&
        (withBroker.has(other.part) || (isOrderProcess(other) && other.part !== pause.part)),
    );
  return absences.filter(
    (absence) =>
      engines.has(absence.part) || (absence.kind === 'pause' && isOrderProcess(absence) && keeps(absence)),
  );
}

const overlaps = (one: Span, other: Span): boolean => one.fromMs < other.toMs && one.toMs > other.fromMs;

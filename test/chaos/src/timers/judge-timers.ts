import { query } from '@millrace/test-support/shop';
import type { StackPlaces } from '@millrace/test-support/stack';
import type { Absence } from '../faults.ts';
import type { ChaosOptions } from '../options.ts';
import { checkTimers, timerFigures, type TimerFigures, type TimerViolation } from './check-timers.ts';
import type { TimerHistory } from './history.ts';
import { isOrderProcess, outagesOf } from './outages.ts';
import { ORDER_STYLES, SAGA_VERSIONS } from './recorder.sql.ts';
import type { TimerRecorder } from './recorder.ts';

interface Judged {
  readonly figures: TimerFigures;
  readonly styles: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly violations: ReadonlyArray<
    | TimerViolation
    | {
        readonly kind: 'not_exercised' | 'not_judged';
        readonly subject: string;
        readonly detail: string;
      }
  >;
}

/**
 * Checks every timer of the run. A run without timers or without orders of a style, or an upgrade
 * without sagas of both versions, proves nothing, so it counts as a violation as well.
 */
export async function judgeTimers(
  stack: StackPlaces,
  recorder: TimerRecorder,
  absences: readonly Absence[],
  { upgrade, styles: wanted }: Pick<ChaosOptions, 'upgrade' | 'styles'>,
): Promise<Judged> {
  const history: TimerHistory = {
    ...(await recorder.recorded()),
    outages: outagesOf(absences),
    ownerFaultsMs: absences
      .filter(
        (absence) => isOrderProcess(absence) || absence.part === 'stack' || absence.part === 'everything',
      )
      .map(({ fromMs }) => fromMs)
      .sort((one, other) => one - other),
  };
  const endMs = Date.now();
  const [versionRows, styleRows] = await Promise.all([
    query(stack, 'order', SAGA_VERSIONS),
    query(stack, 'order', ORDER_STYLES),
  ]);
  const versions = Object.fromEntries(
    versionRows.map(({ version, count }) => [String(version), Number(count)]),
  );
  const styles = Object.fromEntries(styleRows.map(({ style, count }) => [String(style), Number(count)]));
  const figures = timerFigures(history, endMs);
  const idle = [
    ...(figures.fired === 0 ? ['no timer fired'] : []),
    ...wanted.filter((style) => !styles[style]).map((style) => `no order is ${style}`),
    ...(upgrade && !(versions['1'] && versions['2']) ? ['there are not sagas of both versions'] : []),
  ];
  return {
    figures,
    styles,
    versions,
    violations: [
      ...checkTimers(history, endMs),
      ...idle.map((detail) => ({ kind: 'not_exercised' as const, subject: 'the run', detail })),
    ],
  };
}

/** The verdict on a run whose records cannot be read because the stack did not recover. */
export const notJudged = (error: unknown): Judged => ({
  figures: { fired: 0, moved: 0, medianMs: 0, worstMs: 0, worstOnceReadyMs: 0 },
  styles: {},
  versions: {},
  violations: [{ kind: 'not_judged', subject: 'the timers', detail: (error as Error).message }],
});

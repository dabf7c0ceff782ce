import { systemClock, withDeadline } from '@millrace/streaming-core/runtime';
import { token } from '../../ground/provide.ts';

export interface CheckResult {
  readonly healthy: boolean;
  /** True if the process does its work, but something that it serves is stale or missing. */
  readonly degraded?: boolean;
  /** The findings of the check, shown on `/readyz`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

type Check = () => Promise<CheckResult> | CheckResult;

interface HealthReport {
  readonly healthy: boolean;
  readonly degraded: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** The checks that must pass for this service to accept work. */
export interface Health {
  add(name: string, check: Check): void;
  /**
   * Runs all checks at the same time. A check that throws or exceeds the time limit is reported as
   * unhealthy with the reason.
   */
  report(): Promise<HealthReport>;
}

/** The checks that `/readyz` runs. Add one for what the service cannot work without. */
export const HEALTH = token<Health>('Health');

export function createHealth({ checkMsMax = 2_000 } = {}): Health {
  const checks = new Map<string, Check>();
  const late = () => new Error(`no answer within ${checkMsMax} ms`);
  const run = async (check: Check): Promise<CheckResult> => {
    try {
      return await withDeadline(systemClock, checkMsMax, Promise.resolve().then(check), late);
    } catch (error) {
      return { healthy: false, details: { reason: error instanceof Error ? error.message : String(error) } };
    }
  };
  return {
    add: (name, check) => void checks.set(name, check),
    async report() {
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => [name, await run(check)] as const),
      );
      return {
        healthy: results.every(([, result]) => result.healthy),
        degraded: results.some(([, result]) => result.degraded === true),
        checks: Object.fromEntries(results),
      };
    },
  };
}

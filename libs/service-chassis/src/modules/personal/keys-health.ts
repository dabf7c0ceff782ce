import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { CheckResult } from '../../observability/health/health.ts';

/** A database that remembers how its last statement has ended. */
export interface ObservedDatabase {
  readonly database: SqlDatabase;
  /** Always healthy, because the service can do whatever needs no key. The details say the rest. */
  check(): CheckResult;
}

/**
 * Observes the statements that run anyway. A health check that sent its own would keep a connection
 * to the keys open for ever.
 */
export function observeKeys(
  database: SqlDatabase,
  { sealing }: { readonly sealing: 'on' | 'off' },
): ObservedDatabase {
  let failure: string | undefined;
  const observed = async <Result>(asking: Promise<Result>): Promise<Result> => {
    try {
      const result = await asking;
      failure = undefined;
      return result;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  return {
    database: {
      query: (text, values) => observed(database.query(text, values)),
      transaction: (work) => observed(database.transaction(work)),
    },
    check: () => ({
      healthy: true,
      details: {
        sealing,
        ...(sealing === 'off' && {
          warning: 'personal data is stored in plain text (PERSONAL_DATA_SEALING is off)',
        }),
        ...(failure === undefined ? { answers: true } : { answers: false, reason: failure }),
      },
    }),
  };
}

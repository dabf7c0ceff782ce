import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { KeyName, SubjectState } from '@millrace/streaming-core/personal';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { refuseName } from './key-names.ts';
import {
  answered,
  CHECKPOINT,
  CLOSE_SUBJECT,
  ERASE_KEY,
  FIND_ERASED_KEYS,
  FIND_KNOWN,
  FIND_SUBJECT,
  MARK_ERASED,
  REWRITE_KEYS,
  SWITCH_WAL,
} from './postgres/postgres-keys.ts';

export interface SubjectProgress {
  readonly state: SubjectState;
  /** The time since the subject was closed, by the clock of the database. 0 if it is active. */
  readonly closingForMs: DurationMs;
  readonly closingAt?: Date;
  readonly erasedAt?: Date;
  readonly holders: readonly ErasedHolder[];
  /** Whether any holder has, or ever had, a key of the subject. */
  readonly known: boolean;
}

/** A holder that has destroyed its key. */
export interface ErasedHolder {
  readonly holder: string;
  readonly erasedAt: Date;
  /** The time since then, by the clock of the database. */
  readonly erasedForMs: DurationMs;
}

/** The steps of an erasure. Each of them can be repeated. */
export interface Erasure {
  /** Marks the subject as closing. Keys still seal and open. */
  close(subject: string): Promise<SubjectProgress>;
  /**
   * Destroys a holder's key for good. From then on this process opens its data as `erased`, and
   * others do so after `cacheMs`. `hadKey` is false if the holder never had one.
   */
  erase(name: KeyName): Promise<{ readonly erasedAt: Date; readonly hadKey: boolean }>;
  progress(subject: string): Promise<SubjectProgress>;
  /**
   * Removes the bytes of destroyed keys from the files of the table, and the files of the
   * write-ahead log that contain them. Without the right to do the latter, `walRemoved` is false,
   * and the bytes disappear when the server reuses those files.
   */
  rewriteKeys(): Promise<{ readonly walRemoved: boolean }>;
}

type ErasedKeyRow = {
  readonly holder: string;
  readonly erased_at: Date;
  readonly erased_for_ms: number;
};

type SubjectRow = {
  readonly closing_at: Date;
  readonly closing_for_ms: number;
  readonly erased_at: Date | null;
};

/** The SQLSTATE of a user who may neither switch the write-ahead log nor ask for a checkpoint. */
const insufficientPrivilege = '42501';

export interface ErasureOptions {
  readonly database: SqlDatabase;
  readonly maintenance: SqlDatabase;
  readonly onErased: () => void;
}

export function createErasure({ database, maintenance, onErased }: ErasureOptions): Erasure {
  async function progress(subject: string): Promise<SubjectProgress> {
    refuseName({ holder: 'any', subject });
    const { rows: found } = await answered(database.query<SubjectRow>(FIND_SUBJECT, [subject]));
    const { rows: known } = await answered(database.query<{ known: boolean }>(FIND_KNOWN, [subject]));
    const { rows: keys } = await answered(database.query<ErasedKeyRow>(FIND_ERASED_KEYS, [subject]));
    return {
      ...progressIn(found[0]),
      known: known[0]?.known === true,
      holders: keys.map(({ holder, erased_at: erasedAt, erased_for_ms: erasedForMs }) => ({
        holder,
        erasedAt,
        erasedForMs,
      })),
    };
  }

  return {
    progress,
    async close(subject) {
      refuseName({ holder: 'any', subject });
      await answered(database.query(CLOSE_SUBJECT, [subject]));
      onErased();
      return progress(subject);
    },
    async erase(name) {
      refuseName(name);
      const { rows } = await answered(
        database.transaction(async (transaction) => {
          await transaction.query(MARK_ERASED, [name.subject]);
          return transaction.query<{ erased_at: Date; had_key: boolean }>(ERASE_KEY, [
            name.holder,
            name.subject,
          ]);
        }),
      );
      onErased();
      const [row] = rows;
      if (row === undefined) throw new RangeError('the statement that destroys a key returned no row');
      return { erasedAt: row.erased_at, hadKey: row.had_key };
    },
    async rewriteKeys() {
      await answered(maintenance.query(REWRITE_KEYS));
      try {
        await maintenance.query(SWITCH_WAL);
        await maintenance.query(CHECKPOINT);
        return { walRemoved: true };
      } catch (error) {
        if ((error as { readonly code?: unknown }).code !== insufficientPrivilege)
          await answered(Promise.reject(error as Error));
        return { walRemoved: false };
      }
    },
  };
}

function progressIn(row: SubjectRow | undefined): Omit<SubjectProgress, 'holders' | 'known'> {
  if (row === undefined) return { state: 'active', closingForMs: 0 };
  const { closing_at: closingAt, closing_for_ms: closingForMs, erased_at: erasedAt } = row;
  if (erasedAt === null) return { state: 'closing', closingForMs, closingAt };
  return { state: 'erased', closingForMs, closingAt, erasedAt };
}

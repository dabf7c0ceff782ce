/** A failure of SQLite itself, which `node:sqlite` reports with SQLite's result code. */
interface SqliteFailure extends Error {
  readonly errcode: number;
}

/** https://sqlite.org/rescode.html */
const corruptCodes: ReadonlySet<number> = new Set([11, 26]);
const primaryCode = 0xff;

/** Whether an error is one of the state file, and not the fault of the record being processed. */
export const isStateFailure = (error: unknown): error is SqliteFailure =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SQLITE_ERROR' &&
  'errcode' in error;

/** Whether the state has to be restored. Other failures, such as a full disk, may be temporary. */
export const isCorruption = (error: unknown): boolean =>
  isStateFailure(error) && corruptCodes.has(error.errcode & primaryCode);

/** SQLite has undone the writes since the last commit, so nothing can be committed. */
export class TransactionUndone extends Error {
  override readonly name = 'TransactionUndone';
  readonly code = 'ERR_SQLITE_ERROR';
  /** SQLITE_ABORT_ROLLBACK. */
  readonly errcode = 516;

  constructor() {
    super('SQLite has undone the open transaction');
  }
}

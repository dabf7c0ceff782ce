/** A failure of SQLite itself, which `node:sqlite` reports with SQLite's result code. */
interface SqliteFailure extends Error {
  readonly errcode: number;
}

/** https://sqlite.org/rescode.html */
const corruptCodes: ReadonlySet<number> = new Set([11, 26]);
const primaryCode = 0xff;

/** Returns true for an error of the state file, which is not the fault of the record in hand. */
export const isStateFailure = (error: unknown): error is SqliteFailure =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SQLITE_ERROR' &&
  'errcode' in error;

/** Returns true if the file has to be restored. Other failures, such as a full disk, may pass. */
export const isCorruption = (error: unknown): boolean =>
  isStateFailure(error) && corruptCodes.has(error.errcode & primaryCode);

/** SQLite has undone what was written since the last commit, so that nothing can be committed. */
export class TransactionUndone extends Error {
  override readonly name = 'TransactionUndone';
  readonly code = 'ERR_SQLITE_ERROR';
  /** SQLITE_ABORT_ROLLBACK. */
  readonly errcode = 516;

  constructor() {
    super('SQLite has undone the open transaction');
  }
}

/**
 * The broker cannot use the data folder and has changed nothing in it. The message says what to do.
 */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Wraps any other error in one that names the folder. */
export function orDataFolderError(folder: string, error: unknown): DataFolderError {
  if (error instanceof DataFolderError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFolderError(`data folder ${folder} cannot be opened: ${reason}`, { cause: error });
}

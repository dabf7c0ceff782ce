/** The data folder cannot be used. The message says what to do; nothing was changed. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** The error itself when it is one already, otherwise one that names the folder. */
export function orDataFolderError(folder: string, error: unknown): DataFolderError {
  if (error instanceof DataFolderError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFolderError(`data folder ${folder} cannot be opened: ${reason}`, { cause: error });
}

/** The data folder cannot be used. The message says what to do; nothing was changed. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** What the client says about itself; pino fits. */
export interface ClientLogger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

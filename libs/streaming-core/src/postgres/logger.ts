type Log = (fields: object, message: string) => void;

/** What pino and its like offer: fields first, then one sentence. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

const silent: Log = () => undefined;

export const silentLogger: Logger = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent });

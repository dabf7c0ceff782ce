import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import { ClientError } from '../errors/client-error.ts';

const names = new Map<number, ErrorName>(
  Object.entries(errorCodes).map(([name, code]) => [code, name as ErrorName]),
);

/** Throws a `ProtocolError` for every code but NONE. */
export function accept(errorCode: number, message: string | null = null): void {
  if (errorCode !== errorCodes.NONE) throw brokerError(errorCode, message);
}

/** Returns the error that a code in a response stands for. */
export function brokerError(errorCode: number, message: string | null = null): Error {
  const name = names.get(errorCode);
  const reason = message ? `: ${message}` : '';
  return name === undefined
    ? new ClientError('broker_error', `the broker answers with the unknown error ${errorCode}${reason}`)
    : new ProtocolError(name, `the broker answers ${name}${reason}`);
}

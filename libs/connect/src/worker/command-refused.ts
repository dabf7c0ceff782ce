import { ClientError } from '@millrace/streaming-core/client';

/** A command that the worker refuses, with the HTTP status for the answer. */
export class CommandRefused extends Error {
  override name = 'CommandRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const unknownConnector = (name: string): CommandRefused =>
  new CommandRefused(404, `Connector ${name} not found`);

const rebalancing =
  'Cannot complete request momentarily due to a rebalance of the workers, please try again later';

/** Translates a failed write to the log into the error for the caller. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  if (error.code === 'not_member' || error.kind === 'fenced') return new CommandRefused(409, rebalancing);
  if (error.code === 'queue_full') return new CommandRefused(503, error.message);
  return error;
}

import { cpus, totalmem } from 'node:os';

/** The machine to which the numbers of a bench belong. */
export const machine = (runsOnIt = 'one stack and this client'): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ` +
  `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${runsOnIt} on it`;

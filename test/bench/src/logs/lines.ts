import { crc32 } from 'node:zlib';

const lineBytes = 200;

const words =
  'reserved the stock of two lamps for an order and sent the next command to payment which answered within a few ' +
  'milliseconds so that shipping could schedule it';

/** A line as a service writes it, of 200 bytes with its end. */
export function lineOf(service: string, number: number, time: string): Buffer {
  const begin = `{"level":"info","time":"${time}","service":"${service}","msg":"line ${number} ${words}`;
  return Buffer.from(`${begin.slice(0, lineBytes - 3)}"}`);
}

export const needle = 'the needle of the bench broke';

/** The one line with an error. */
export const plantedLine = (service: string, time: string): Buffer =>
  Buffer.from(JSON.stringify({ level: 'error', time, service, msg: needle }));

/** Sums a hash of each line. PostgreSQL 18 has the same function. */
export const checksumOf = (lines: readonly Buffer[]): bigint =>
  BigInt(lines.reduce((sum, line) => sum + crc32(line), 0));

/**
 * `npm run ship-logs -- [--source NAME] [FILE...]` sends the lines of files, or of standard input until its end,
 * to the topic `logs`.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrapServersOf, connectProducer, readConnectionSecurity } from '@millrace/streaming-core/client';
import { LineSplitter } from './line-splitter.ts';
import { lineBatches, recordsOf } from './shipper.ts';

try {
  const { values, positionals: files } = parseArgs({
    options: { source: { type: 'string' } },
    allowPositionals: true,
  });
  const bootstrapServers = bootstrapServersOf(process.env.KAFKA_BOOTSTRAP_SERVERS ?? '127.0.0.1:9092');
  if (bootstrapServers === undefined)
    throw new Error('KAFKA_BOOTSTRAP_SERVERS must be HOST:PORT, several separated by commas');
  await using producer = connectProducer({
    ...lineBatches,
    bootstrapServers,
    security: readConnectionSecurity(process.env),
    clientId: 'millrace-ship-logs',
  });
  let shipped = 0;
  const inputs = files.map((file) => ({ source: basename(file, '.log'), bytes: createReadStream(file) }));
  for (const { source, bytes } of inputs.length > 0 ? inputs : [{ source: 'stdin', bytes: process.stdin }]) {
    const splitter = new LineSplitter();
    const send = async (lines: readonly Buffer[]) => {
      await producer.send(recordsOf(lines, values.source ?? source));
      shipped += lines.length;
    };
    for await (const chunk of bytes) await send(splitter.push(chunk as Buffer));
    await send(splitter.end());
  }
  process.stdout.write(`shipped ${shipped} lines\n`);
} catch (error) {
  process.stderr.write(`ship-logs: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

import { open } from 'node:fs/promises';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { SourceConnector } from '../../plugin/connector.ts';
import type { SourceContext, SourceTask } from '../../plugin/task.ts';
import type { ConnectSchema } from '../../record/connect-schema.ts';
import type { SourceRecord } from '../../record/records.ts';

/** Kafka's example source. It makes a record of each line of a file, which may grow meanwhile. */
export const fileStreamSource: SourceConnector = {
  kind: 'source',
  class: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  aliases: ['FileStreamSource', 'FileStreamSourceConnector'],
  version: '1.0.0',
  taskClass: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  settings: [
    { name: 'file', type: 'STRING', importance: 'HIGH', doc: 'The file to read. It may appear later.' },
    { name: 'topic', type: 'STRING', importance: 'HIGH', doc: 'The topic to write.' },
    {
      name: 'batch.size',
      type: 'INT',
      default: '2000',
      min: 1,
      max: 10_000,
      importance: 'LOW',
      doc: 'The most lines that are read at once.',
    },
  ],
  ignored: [],
  createTask: () => new FileStreamSource(),
};

const line: ConnectSchema = { type: 'string', optional: false };
const readBytesMax = 1_048_576;
const emptyPauseMs = 200;

class FileStreamSource implements SourceTask {
  #file = '';
  #topic = '';
  #linesMax = 0;
  #position = 0;

  async start({ connector, config, offsetOf }: SourceContext): Promise<void> {
    this.#file = config.file!;
    this.#topic = config.topic!;
    this.#linesMax = Number(config['batch.size']);
    const offset = await offsetOf({ filename: this.#file });
    const position = offset === undefined ? 0 : offset.position;
    if (!Number.isSafeInteger(position) || Number(position) < 0)
      throw new ConnectError(
        `the stored offset ${JSON.stringify(offset)} needs "position", a number of bytes: stop the connector ` +
          `and change it with PATCH /connectors/${connector}/offsets`,
      );
    this.#position = Number(position);
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const bytes = await this.#read();
    const records: SourceRecord[] = [];
    for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) {
      this.#position += end + 1 - start;
      records.push(this.#recordOf(bytes.toString('utf8', start, end).replace(/\r$/, '')));
      if (records.length === this.#linesMax) break;
    }
    if (records.length === 0 && bytes.length === readBytesMax)
      throw new ConnectError(
        `${this.#file} has a line of more than ${readBytesMax} bytes at position ${this.#position}: split it`,
      );
    if (records.length === 0) await pause(systemClock, emptyPauseMs, signal);
    return records;
  }

  async stop(): Promise<void> {}

  /** Reads the bytes after the position. The next poll reads a line again whose end is not written yet. */
  async #read(): Promise<Buffer> {
    try {
      await using file = await open(this.#file, 'r');
      const { size } = await file.stat();
      if (size < this.#position)
        throw new ConnectError(
          `${this.#file} has ${size} bytes, but ${this.#position} were read: it was replaced. Delete the ` +
            'offsets of the connector to read the new file',
        );
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(readBytesMax),
        0,
        readBytesMax,
        this.#position,
      );
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return Buffer.alloc(0);
      if (code === undefined) throw error;
      throw new RetriableConnectError(`${this.#file}: ${message}`, { cause: error });
    }
  }

  #recordOf(text: string): SourceRecord {
    return {
      topic: this.#topic,
      key: { value: null },
      value: { schema: line, value: text },
      headers: [],
      timestampMs: systemClock.now(),
      sourcePartition: { filename: this.#file },
      sourceOffset: { position: this.#position },
    };
  }
}

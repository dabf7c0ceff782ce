import { open, type FileHandle } from 'node:fs/promises';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { SinkConnector } from '../../plugin/connector.ts';
import type { SinkContext, SinkTask } from '../../plugin/task.ts';
import type { SinkRecord } from '../../record/records.ts';
import { textOf } from '../json-value.ts';

/** Kafka's example sink. It appends a line for each record, and after a kill it may append lines twice. */
export const fileStreamSink: SinkConnector = {
  kind: 'sink',
  class: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  aliases: ['FileStreamSink', 'FileStreamSinkConnector'],
  version: '1.0.0',
  taskClass: 'org.apache.kafka.connect.file.FileStreamSinkTask',
  settings: [{ name: 'file', type: 'STRING', importance: 'HIGH', doc: 'The file to append to.' }],
  ignored: [],
  createTask: () => new FileStreamSink(),
};

class FileStreamSink implements SinkTask {
  #path = '';
  #file: FileHandle | undefined;

  async start({ config }: SinkContext): Promise<void> {
    this.#path = config.file!;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    await this.#explained(async () => {
      this.#file ??= await open(this.#path, 'a');
      await this.#file.appendFile(records.map(({ value }) => `${textOf(value)}\n`).join(''));
    });
  }

  async flush(): Promise<undefined> {
    await this.#explained(async () => this.#file?.sync());
  }

  async stop(): Promise<void> {
    await this.#file?.close();
  }

  async #explained(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new ConnectError(
        `${this.#path}: ${(error as Error).message}. Correct the file or its disk, then restart the task`,
        { cause: error },
      );
    }
  }
}

import { isAbsolute } from 'node:path';
import type { SinkConnector } from '../../plugin/connector.ts';
import { CommittedFiles } from './committed-files.ts';
import { ParquetSink } from './parquet-sink.ts';

/** Writes topics as Parquet files, for batch jobs, notebooks and warehouses. */
export const parquetSink: SinkConnector = {
  kind: 'sink',
  class: 'millrace.parquet.sink',
  aliases: ['parquet-sink'],
  version: '1.0.0',
  settings: [
    {
      name: 'path',
      type: 'STRING',
      importance: 'HIGH',
      doc:
        'The folder for files TOPIC/date=YYYY-MM-DD/TOPIC-PARTITION-FIRST-LAST.parquet, by the UTC day ' +
        'of the records. Only one connector may use it.',
      check: (value) => (isAbsolute(value) ? undefined : 'write an absolute path'),
    },
    {
      name: 'roll.rows',
      type: 'INT',
      default: '100000',
      min: 1,
      max: 1_000_000,
      importance: 'MEDIUM',
      doc: 'The rows of a partition after which its files are closed. Offsets are committed only for closed files.',
    },
    {
      name: 'roll.bytes',
      type: 'LONG',
      default: '67108864',
      min: 1_024,
      max: 1_073_741_824,
      importance: 'MEDIUM',
      doc: 'The bytes in memory after which the files of a partition are closed.',
    },
    {
      name: 'buffer.bytes',
      type: 'LONG',
      default: '268435456',
      min: 1_024,
      max: 4_294_967_296,
      importance: 'MEDIUM',
      doc: 'The bytes that a task keeps in memory. Beyond them, the files of its largest partition are closed.',
    },
    {
      name: 'roll.ms',
      type: 'LONG',
      default: '300000',
      min: 1,
      max: 86_400_000,
      importance: 'MEDIUM',
      doc: 'The age of the oldest record in memory after which the files of its partition are closed.',
    },
    {
      name: 'header.columns',
      type: 'LIST',
      default: '',
      importance: 'MEDIUM',
      doc: 'Headers that become columns of the same name.',
    },
    {
      name: 'codec',
      type: 'STRING',
      default: 'SNAPPY',
      values: ['SNAPPY', 'UNCOMPRESSED'],
      importance: 'LOW',
      doc: 'The compression of the files.',
    },
  ],
  ignored: [],
  check: async ({ path }) => {
    try {
      await new CommittedFiles(path ?? '').prepare();
      return [];
    } catch (error) {
      return [{ setting: 'path', message: error instanceof Error ? error.message : String(error) }];
    }
  },
  createTask: () => new ParquetSink(),
};

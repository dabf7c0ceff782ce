import type { TransformKind } from '../plugin/transform.ts';
import { listOf } from '../plugin/setting.ts';
import { text } from './record-part.ts';

const kafka = 'org.apache.kafka.connect.transforms';

/** Adds a header with a fixed text. */
export const insertHeader: TransformKind = {
  class: `${kafka}.InsertHeader`,
  settings: [
    text('header', 'The name of the header.', { importance: 'HIGH' }),
    text('value.literal', 'Its value.', { importance: 'HIGH' }),
  ],
  create: ({ header: key = '', 'value.literal': value }) => ({
    apply: (record) => ({
      ...record,
      headers: [...record.headers, { key, schema: { type: 'string', optional: false }, value }],
    }),
  }),
};

/** Removes headers. */
export const dropHeaders: TransformKind = {
  class: `${kafka}.DropHeaders`,
  settings: [text('headers', 'The names of the headers.', { type: 'LIST', importance: 'HIGH' })],
  create(config) {
    const names = new Set(listOf(config['headers']));
    return {
      apply: (record) => ({ ...record, headers: record.headers.filter(({ key }) => !names.has(key)) }),
    };
  },
};

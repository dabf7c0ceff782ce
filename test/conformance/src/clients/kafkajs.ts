import { createRequire } from 'node:module';
import type { ForeignClient } from '../conformance-case.ts';
import { kafkajsAdminCases } from './kafkajs-admin.ts';
import { kafkajsRecordCases } from './kafkajs-records.ts';

export const kafkajs: ForeignClient = {
  name: 'kafkajs',
  title: 'the client of most Node programs, from npm',
  quick: true,
  prepare: () => {
    const { version } = createRequire(import.meta.url)('kafkajs/package.json') as {
      readonly version: string;
    };
    return Promise.resolve({ version, cases: [...kafkajsRecordCases, ...kafkajsAdminCases] });
  },
};

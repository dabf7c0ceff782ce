import { spawnSync } from 'node:child_process';
import type { ForeignClient } from '../conformance-case.ts';
import { kcatGroupCases } from './kcat-groups.ts';
import { kcatRecordCases } from './kcat-records.ts';
import { kcatTransactionCases } from './kcat-transactions.ts';

export const kcat: ForeignClient = {
  name: 'kcat',
  title: "Debian's kcat, with its librdkafka",
  quick: true,
  prepare: () => {
    const { status, stdout = '' } = spawnSync('kcat', ['-V'], { encoding: 'utf8' });
    if (status !== 0)
      return Promise.reject(new Error('kcat is not installed: npm run program -- tools/install/kcat.ts'));
    const [, version = '?', library = '?'] = /Version (\S+) .*librdkafka (\S+)/.exec(stdout) ?? [];
    return Promise.resolve({
      version: `${version}, librdkafka ${library}`,
      cases: [...kcatRecordCases, ...kcatGroupCases, ...kcatTransactionCases],
    });
  },
};

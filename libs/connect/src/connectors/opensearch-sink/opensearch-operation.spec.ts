import { describe, expect, it } from '@jest/globals';
import { RecordError } from '../refused-record.ts';
import { jsonRecord } from '../sink-task.fixture.ts';
import { operationOf } from './opensearch-operation.ts';

describe('a record whose key is the id of its document', () => {
  it('is refused alone if the key is empty, for which OpenSearch would refuse the whole bulk', () => {
    const record = jsonRecord(0, '', { n: 1 });
    expect(() => operationOf(record, {})).toThrow(RecordError);
    expect(operationOf(record, { 'key.ignore': 'true' })).toContain('user-events+0+0');
  });
});

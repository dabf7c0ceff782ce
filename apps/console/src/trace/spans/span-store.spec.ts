import { describe, expect, it } from '@jest/globals';
import { span } from './span.fixture.ts';
import { SpanStore } from './span-store.ts';

const limits = { tracesMax: 2, spansPerTraceMax: 2 };
const ofSaga = (traceId: string) => span(traceId, { traceId, attributes: { 'millrace.saga.id': '42' } });

describe('the store of spans', () => {
  it('keeps a limited number of traces, and first forgets those without a saga, then the oldest', () => {
    const store = new SpanStore(limits);
    store.add([ofSaga('one'), span('asks', { traceId: 'two' }), ofSaga('three')]);
    expect(['one', 'two', 'three'].map((id) => store.trace(id).length)).toEqual([1, 0, 1]);

    store.add([ofSaga('four')]);
    expect(['one', 'three', 'four'].map((id) => store.trace(id).length)).toEqual([0, 1, 1]);
  });

  it('drops the spans of a trace beyond its limit', () => {
    const store = new SpanStore(limits);
    store.add(['a', 'b', 'c'].map((id) => span(id)));

    expect(store.trace('trace').map(({ spanId }) => spanId)).toEqual(['a', 'b']);
  });
});

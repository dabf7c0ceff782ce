import { describe, expect, it } from '@jest/globals';
import { span } from './received-span.fixture.ts';
import { TraceStore, type EndedSaga } from './trace-store.ts';

const limits = { tracesMax: 2, spansPerTraceMax: 2 };
const ofSaga = (traceId: string, sagaId: string, status = 'running') =>
  span(`${traceId}-${status}`, {
    traceId,
    attributes: { 'millrace.saga.id': sagaId, 'millrace.saga.status': status },
  });

describe('the store of traces', () => {
  it('keeps a limited number of traces, and first forgets those without a saga, then the oldest', () => {
    const store = new TraceStore(undefined, limits);
    store.add([ofSaga('one', 'o1'), span('asks', { traceId: 'two' }), ofSaga('three', 'o3')]);
    expect(['one', 'two', 'three'].map((id) => store.trace(id).length)).toEqual([1, 0, 1]);

    store.add([ofSaga('four', 'o4')]);
    expect(['one', 'three', 'four'].map((id) => store.trace(id).length)).toEqual([0, 1, 1]);
    expect(store.traceIdOf('o1')).toBeUndefined();
    expect(store.traceIdOf('o4')).toEqual('four');
  });

  it('drops the spans of a trace beyond its limit', () => {
    const store = new TraceStore(undefined, limits);
    store.add(['a', 'b', 'c'].map((id) => span(id)));

    expect(store.trace('trace').map(({ spanId }) => spanId)).toEqual(['a', 'b']);
  });

  it('reports when a saga has ended', () => {
    const ended: EndedSaga[] = [];
    const store = new TraceStore((saga) => ended.push(saga));
    store.add([ofSaga('one', 'o1'), ofSaga('one', 'o1', 'compensating'), ofSaga('one', 'o1', 'compensated')]);

    expect(ended).toEqual([{ sagaId: 'o1', traceId: 'one', status: 'compensated' }]);
  });
});

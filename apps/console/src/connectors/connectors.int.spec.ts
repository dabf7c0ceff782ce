import { describe, expect, it } from '@jest/globals';
import type { ConnectorList } from '../api/connectors.ts';
import { testConsole } from '../console.fixture.ts';

const worker = '127.0.0.1:8083';
const sink = {
  info: { config: { 'connector.class': 'JdbcSinkConnector', topics: 'user-events' } },
  status: {
    name: 'rows',
    type: 'sink',
    connector: { state: 'RUNNING', worker_id: worker },
    tasks: [{ id: 0, state: 'FAILED', worker_id: worker, trace: 'the table is not there\n  at task.ts' }],
  },
};
const signed = { actor: 'ada', reason: 'INC-7' };

describe('the connectors of the console', () => {
  const console = testConsole();

  it('are shown with their tasks, and the first line of why one failed', async () => {
    console.answers(({ path }) =>
      path === '/connectors?expand=status&expand=info' ? { body: { rows: sink } } : undefined,
    );

    const { connectors } = await console.first<ConnectorList>('/api/connectors/live');
    expect(connectors).toEqual([
      {
        name: 'rows',
        kind: 'sink',
        connectorClass: 'JdbcSinkConnector',
        state: 'running',
        worker,
        config: sink.info.config,
        tasks: [{ id: 0, state: 'failed', worker, failure: 'the table is not there' }],
        failure: 'the table is not there',
        lag: null,
      },
    ]);
  });

  it.each([
    ['restart-failed', 'POST', '/connectors/rows/restart?includeTasks=true&onlyFailed=true'],
    ['restart', 'POST', '/connectors/rows/restart?includeTasks=true&onlyFailed=false'],
    ['pause', 'PUT', '/connectors/rows/pause'],
  ])('are told to %s', async (act, method, path) => {
    console.answers(() => ({ status: 202, body: {} }));

    expect(await console.post(`/api/connectors/rows/${act}`, signed)).toMatchObject({ status: 204 });
    expect(console.acts()).toMatchObject([{ method, path }]);
  });

  it('pass on what Connect refuses', async () => {
    console.answers(() => ({ status: 404, body: { error_code: 404, message: 'Connector rows not found' } }));

    expect(await console.post('/api/connectors/rows/pause', signed)).toMatchObject({
      status: 404,
      body: { title: 'connect: Connector rows not found' },
    });
  });
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectorOfOutbox } from './outbox-connector.ts';

const plugin = '/connector-plugins/io.debezium.connector.postgresql.PostgresConnector';

/** A worker that answers as Kafka's does, with the given answers by method and path. */
describe('the control of the connector of an outbox', () => {
  const answers = new Map<string, { readonly status: number; readonly body: unknown }>();
  const asked: Array<{ readonly what: string; readonly body: unknown }> = [];
  let server: Server;
  const control = () =>
    connectorOfOutbox({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      name: 'outbox-order',
      databaseUrl: 'postgres://order:secret@db:5433/order',
    });

  beforeEach(async () => {
    answers.clear();
    asked.length = 0;
    server = createServer(async (request: IncomingMessage, response) => {
      const what = `${request.method} ${request.url}`;
      const body = request.method === 'PUT' ? await json(request) : undefined;
      asked.push({ what, body });
      const answer = answers.get(what) ?? { status: 404, body: { error_code: 404 } };
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const setting = (name: string, ...errors: string[]) => ({ definition: { name }, value: { name, errors } });

  it('checks the whole configuration of a slot without creating the connector', async () => {
    answers.set(`PUT ${plugin}/config/validate`, {
      status: 200,
      body: { error_count: 0, configs: [setting('name'), setting('slot.name')] },
    });

    await control().check('millrace_outbox_1');
    expect(asked).toEqual([
      {
        what: `PUT ${plugin}/config/validate`,
        body: expect.objectContaining({
          name: 'outbox-order',
          'database.port': '5433',
          'slot.name': 'millrace_outbox_1',
          'publication.name': 'millrace_outbox_1',
        }),
      },
    ]);
  });

  it('names each setting that the worker refuses, and the remedy', async () => {
    const body = {
      error_count: 1,
      configs: [setting('name'), setting('database.hostname', 'not found: db')],
    };
    answers.set(`PUT ${plugin}/config/validate`, { status: 200, body });

    await expect(control().check('millrace_outbox_1')).rejects.toThrow(
      /cannot publish the outbox: database\.hostname: not found: db\. Correct this, or set RELAY=poll/,
    );
  });

  it('says that a worker does not have the connector', async () => {
    await expect(control().check('millrace_outbox_1')).rejects.toThrow('it has no io.debezium');
  });

  it('counts a connector that does not exist as removed', async () => {
    await control().remove();

    expect(asked).toEqual([{ what: 'DELETE /connectors/outbox-order', body: undefined }]);
  });
});

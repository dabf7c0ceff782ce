import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';

/** Serves an empty page of somebody else, on a port of its own of every name of this machine. */
export function foreignPage(): (host: string) => string {
  let server: Server;
  beforeAll(async () => {
    server = createServer((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/html' });
      reply.end('<!doctype html><html lang="en"><title>a foreign page</title><body></body></html>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (host) => `http://${host}:${(server.address() as AddressInfo).port}/`;
}

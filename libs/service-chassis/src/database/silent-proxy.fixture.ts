import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy before a server that can drop what its connections send, as a broken network does. */
export interface SilentProxy {
  /** The URL of the server, with the proxy's port. */
  readonly url: string;
  /** Drops all later bytes of the connections that are open now. Later connections work. */
  silence(): void;
  close(): void;
}

export async function startSilentProxy(serverUrl: string): Promise<SilentProxy> {
  const { hostname, port, href } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(Number(port), hostname);
    client.pipe(behind).pipe(client);
    for (const socket of [client, behind]) sockets.add(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(href);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence() {
      for (const socket of sockets) socket.unpipe().resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

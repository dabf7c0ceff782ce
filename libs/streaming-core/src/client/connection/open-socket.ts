import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { BrokerAddress } from './broker-address.ts';
import { AccessRefused, ConnectionLost } from '../errors/connection-errors.ts';
import type { ConnectionSecurity } from './security.ts';

export interface SocketSettings {
  readonly clock: Clock;
  readonly connectTimeoutMs: DurationMs;
  readonly security: ConnectionSecurity;
}

/** A socket that reads into memory of its reader, so that Node.js allocates none. */
export interface BrokerSocket {
  readonly socket: Socket;
  /** Sets the reader. Call this in the turn of the event loop in which the socket was opened. */
  readInto(reader: SocketReader): void;
}

interface SocketReader {
  /** Called before each read. Returns memory for it. */
  space(): Buffer;
  /** Called after each read with the part of the memory that was filled. */
  receive(chunk: Buffer): void;
}

/** The size of the first read, for which Node.js requests memory before the socket is open. */
const firstReadBytes = 4_096;

/**
 * Connects to a broker, with TLS if the settings say so. Rejects with `ConnectionLost` if the
 * broker cannot be reached in time.
 */
export function openSocket(address: BrokerAddress, settings: SocketSettings): Promise<BrokerSocket> {
  const { clock, connectTimeoutMs, security } = settings;
  const { tls } = security;
  let reader: SocketReader | undefined;
  let space: Buffer = Buffer.allocUnsafe(0);
  const onread: OnReadOpts = {
    buffer: () => (space = reader?.space() ?? Buffer.allocUnsafe(firstReadBytes)),
    callback: (bytes: number) => {
      reader?.receive(space.subarray(0, bytes));
      return true;
    },
  };
  return new Promise((resolve, reject) => {
    const socket = tls
      ? connectTls(tlsOptions(address, tls, onread))
      : connectTcp({ ...address, noDelay: true, onread });
    let hasReached = false;
    const secured = tls ? 'secureConnect' : 'connect';
    const settle = () => {
      cancel();
      socket.off('connect', onReached).off('error', onError).off(secured, onSecured);
    };
    const fail = (error: Error) => {
      settle();
      socket.on('error', () => undefined); // the failure is known
      socket.destroy();
      reject(error);
    };
    const onReached = () => (hasReached = true);
    const onError = (cause: NodeJS.ErrnoException) => {
      const isAborted = tls !== undefined && hasReached && cause.code === 'ECONNRESET';
      fail(
        isAborted
          ? abortedHandshake(cause)
          : new ConnectionLost(address, `could not be opened: ${reasonOf(cause)}`, { cause }),
      );
    };
    const onSecured = () => {
      settle();
      resolve({ socket, readInto: (one) => (reader = one) });
    };
    const cancel = clock.after(connectTimeoutMs, () =>
      fail(new ConnectionLost(address, `could not be opened within ${connectTimeoutMs} ms`)),
    );
    socket.on('connect', onReached).on('error', onError).on(secured, onSecured);
  });
}

/**
 * Sends a host name as the server name (SNI), which brokers behind a shared address need. TLS
 * allows no server name for an IP address.
 */
function tlsOptions(
  { host, port }: BrokerAddress,
  secureContext: NonNullable<ConnectionSecurity['tls']>,
  onread: OnReadOpts,
) {
  return { host, port, secureContext, onread, ...(isIP(host) === 0 && { servername: host }) };
}

const abortedHandshake = (cause: Error) =>
  new AccessRefused(
    'the broker aborted the TLS handshake: if this port does not use TLS, ' +
      'set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT',
    { cause },
  );

/** Node.js reports the failures of all addresses of a host in one error without a message. */
const reasonOf = (error: NodeJS.ErrnoException): string => error.message || (error.code ?? error.name);

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * The connection to a broker could not be opened, or ended before the response arrived. The broker
 * may have carried out the request.
 */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost';
  readonly address: Address;

  constructor(address: Address, reason: string, options?: ErrorOptions) {
    super(`the connection to ${address.host}:${address.port} ${reason}`, options);
    this.address = address;
  }
}

/** The broker did not answer in time. Its connection is closed. */
export class RequestTimedOut extends ConnectionLost {
  override readonly name = 'RequestTimedOut';
}

/** The broker and the client do not agree on TLS or on credentials. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
}

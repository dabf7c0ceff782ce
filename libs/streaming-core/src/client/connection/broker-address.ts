export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** Parses `host:port`. The host may be an IPv6 address in brackets. */
export function brokerAddress(server: string): BrokerAddress {
  const colon = server.lastIndexOf(':');
  return { host: server.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(server.slice(colon + 1)) };
}

export const addressName = ({ host, port }: BrokerAddress): string => `${host}:${port}`;

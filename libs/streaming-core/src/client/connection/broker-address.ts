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

const serversMax = 20;

/**
 * Parses `host:port` of one or more brokers, separated by commas. Returns undefined for any other
 * text.
 */
export function bootstrapServersOf(text: string): readonly string[] | undefined {
  const servers = text.split(',').map((part) => part.trim());
  return servers.length <= serversMax && servers.every((server) => /^[^\s:]+:\d{1,5}$/.test(server))
    ? servers
    : undefined;
}

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

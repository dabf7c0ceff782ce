/** The servers that one Jest project has started, kept between its global setup and teardown. */
export interface ProjectServers {
  stop(): Promise<void>;
}

declare global {
  var millraceProjectServers: ProjectServers | undefined;
}

/** Keeps the servers in a global, because Jest loads setup and teardown separately. */
export function keepUntilTeardown(servers: ProjectServers): void {
  globalThis.millraceProjectServers = servers;
}

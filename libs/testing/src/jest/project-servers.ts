/** What one Jest project started, kept between its global setup and teardown. */
export interface ProjectServers {
  stop(): Promise<void>;
}

declare global {
  var millraceProjectServers: ProjectServers | undefined;
}

/** Jest loads setup and teardown apart from each other, so what one hands to the other is global. */
export function keepUntilTeardown(servers: ProjectServers): void {
  globalThis.millraceProjectServers = servers;
}

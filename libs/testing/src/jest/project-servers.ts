/** What one Jest project started, kept between its global setup and teardown. */
export interface ProjectServers {
  stop(): Promise<void>;
}

declare global {
  var millraceProjectServers: ProjectServers | undefined;
}

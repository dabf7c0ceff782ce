import './project-servers.ts';

export default async function tearDownProject(): Promise<void> {
  await globalThis.millraceProjectServers?.stop();
}

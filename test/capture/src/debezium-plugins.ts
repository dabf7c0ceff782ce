import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installJars } from '@millrace/embedded-kafka';

const pomFile = join(import.meta.dirname, 'pom.xml');

/** The version of Debezium that `pom.xml` names, such as `3.5.0.Final`. */
export const debeziumVersion = (): string =>
  /<debezium\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** Returns a `plugin.path` with Debezium's connectors, which are fetched if they are missing. */
export async function debeziumPlugins(print?: (line: string) => void): Promise<string> {
  const version = debeziumVersion();
  const jars = {
    name: `Debezium ${version}`,
    folder: `debezium-connectors-${version}`,
    pomFile,
    megabytes: 70,
  };
  return dirname(await installJars(jars, { print }));
}

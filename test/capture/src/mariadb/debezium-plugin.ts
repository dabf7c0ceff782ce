import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installJars } from '@millrace/embedded-kafka';

const pomFile = join(import.meta.dirname, 'pom.xml');

/** Returns a `plugin.path` with Debezium's connector for MariaDB, which is fetched if it is missing. */
export async function debeziumPlugin(): Promise<string> {
  const version = /<debezium\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';
  const jars = await installJars({
    name: `Debezium ${version} for MariaDB`,
    folder: `debezium-mariadb-${version}`,
    pomFile,
    megabytes: 20,
  });
  return dirname(jars);
}

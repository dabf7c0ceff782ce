import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import type { NodePlace } from '@millrace/testing/kafka';

/** Network namespaces on one switch, whose cables can be pulled: packets vanish, and nobody is told. */
export interface CuttableNetwork {
  /** Where this process, and whoever else is in no namespace, is reached from inside. */
  readonly outside: NodePlace;
  /** One namespace for each broker, by its number from 1 on. */
  place(node: number): NodePlace;
  /** Nobody reaches this one, and it reaches nobody. */
  cutOff(node: number): void;
  /** The namespaces no longer reach one another; each of them and the outside still do. */
  cutBetween(): void;
  /** Every cable is in again. */
  heal(): void;
  remove(): void;
}

const remedy =
  'brokers can be cut off from each other only by root on Linux, with `ip` (sudo apt-get install iproute2) and network namespaces';

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr ?? error?.message}: ${remedy}`);
  return stdout;
}

/** `10.213.X.` with an X that no interface has. */
function freeSubnet(): string {
  const taken = ip('-o', '-4', 'addr');
  for (;;) {
    const subnet = `10.213.${randomInt(1, 255)}.`;
    if (!taken.includes(subnet)) return subnet;
  }
}

/**
 * `mr-PID-switch` has a bridge; `mr-PID-1`... hang on it, and so does this machine. The bridge has a namespace of its own, so that no firewall rule
 * of the machine (Docker's, for one) drops what crosses it.
 */
export function openNetwork(nodes: number): CuttableNetwork {
  removeLeftovers();
  const subnet = freeSubnet();
  const prefix = `mr-${process.pid}`;
  const hub = `${prefix}-switch`;
  const cable = `mr${process.pid}`;
  const numbers = Array.from({ length: nodes }, (_, index) => index + 1);
  const port = (node: number) => `port${node}`;
  const inHub = (...args: readonly string[]) => ip('-n', hub, ...args);
  const remove = () => [hub, ...numbers.map((node) => `${prefix}-${node}`)].forEach(removeNamespace);
  try {
    ip('netns', 'add', hub);
    inHub('link', 'add', 'bridge', 'type', 'bridge');
    inHub('link', 'set', 'bridge', 'up');
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', port(0), 'netns', hub);
    ip('addr', 'add', `${subnet}254/24`, 'dev', cable);
    ip('link', 'set', cable, 'up');
    inHub('link', 'set', port(0), 'master', 'bridge', 'up');
    for (const node of numbers) {
      const space = `${prefix}-${node}`;
      ip('netns', 'add', space);
      ip('-n', space, 'link', 'set', 'lo', 'up');
      ip('-n', space, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port(node), 'netns', hub);
      ip('-n', space, 'addr', 'add', `${subnet}${node}/24`, 'dev', 'eth0');
      ip('-n', space, 'link', 'set', 'eth0', 'up');
      inHub('link', 'set', port(node), 'master', 'bridge', 'up');
    }
  } catch (error) {
    remove();
    throw error;
  }
  const isolate = (on: 'on' | 'off') =>
    numbers.forEach((node) => inHub('link', 'set', port(node), 'type', 'bridge_slave', 'isolated', on));
  return {
    outside: { host: `${subnet}254` },
    place: (node) => ({ host: `${subnet}${node}`, launcher: ['ip', 'netns', 'exec', `${prefix}-${node}`] }),
    cutOff: (node) => void inHub('link', 'set', port(node), 'down'),
    cutBetween: () => isolate('on'),
    heal() {
      isolate('off');
      numbers.forEach((node) => inHub('link', 'set', port(node), 'up'));
    },
    remove,
  };
}

function removeNamespace(name: string): void {
  spawnSync('ip', ['netns', 'delete', name]);
}

/** What a killed process of these tests has left. */
function removeLeftovers(): void {
  for (const [name, pid] of ip('netns', 'list').matchAll(/^mr-(\d+)-\w+/gm))
    if (!isAlive(Number(pid))) removeNamespace(name);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import type { NodePlace } from '@millrace/testing/kafka';

/** Network namespaces on one switch whose cables can be pulled: packets vanish without an error. */
export interface CuttableNetwork {
  /** The address of this process, and of any other outside the namespaces, as seen from inside. */
  readonly outside: NodePlace;
  /** The namespace of a broker, by its number from 1 on. */
  place(node: number): NodePlace;
  /** Pulls the cable of one namespace, which then reaches nothing and cannot be reached. */
  cutOff(node: number): void;
  /** Cuts the namespaces off from one another. Each of them can still reach the outside. */
  cutBetween(): void;
  /** Plugs every cable in again. */
  heal(): void;
  remove(): void;
}

const remedy =
  'brokers can be cut off from each other only by root on Linux, with `ip` (sudo apt-get install ' +
  'iproute2) and network namespaces';

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr ?? error?.message}: ${remedy}`);
  return stdout;
}

/** Finds a prefix `10.213.X.` that no network interface uses. */
function freeSubnet(): string {
  const taken = ip('-o', '-4', 'addr');
  for (;;) {
    const subnet = `10.213.${randomInt(1, 255)}.`;
    if (!taken.includes(subnet)) return subnet;
  }
}

/**
 * The namespace `mr-PID-switch` has a bridge, to which `mr-PID-1` and the others and this machine
 * are connected. The bridge has its own namespace, so that no firewall rule of the machine
 * (Docker's, for example) drops the packets that cross it.
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

/** Removes what a killed process of these tests left behind. */
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

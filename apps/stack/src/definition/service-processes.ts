export interface Listening {
  /** 0 means any free port. */
  readonly port: number;
  /** The name of the part in printed lines, unique in the stack. */
  readonly label: string;
  readonly portSetting: string;
  /**
   * Whether the part moves to a free port if its own is taken. It never does if the environment
   * sets the port.
   */
  readonly orAnyFree?: boolean;
}

/**
 * One process of a service. The first has the service's name, and the n-th is `order-n`. The n-th
 * process of a role is `order-worker-n`.
 */
export interface ServiceProcess extends Listening {
  /** Its operator API, on a port of its own. */
  readonly ops: Listening;
  /**
   * The name that the process keeps across restarts, for its partitions and its relay's lease:
   * `order-1`, `order-2`.
   */
  readonly instance: string;
  /** The role of the process. Without one, it does all of its service's work. */
  readonly role?: Role;
}

/**
 * The roles that a service can be split into; the first process of a split service answers HTTP.
 */
type Role = 'api' | 'worker' | 'relay' | 'projector';

/** The processes of a service, at least one. */
export type Processes = readonly [ServiceProcess, ...ServiceProcess[]];

/** Prefix of a service's own environment variables. */
export const settingPrefix = (name: string): string => name.toUpperCase().replaceAll('-', '_');

const portStep = 100;
const rolePortStep = 10;
/** The distance from the port of a process to that of its operator API. */
const opsPortStep = 900;
const portMax = 65_535;

interface Named {
  readonly name: string;
  readonly port: number;
  readonly role?: Role;
}

export const firstOf = ({ name, port, role }: Named): ServiceProcess => ({
  port,
  label: name,
  portSetting: `${settingPrefix(name)}_PORT`,
  instance: `${name}-1`,
  ops: opsOf(name, port),
  ...(role && { role }),
});

/** It moves to a free port if its own is taken: only operators look for it, with the command line. */
const opsOf = (name: string, port: number): Listening => ({
  port: port === 0 || port + opsPortStep > portMax ? 0 : port + opsPortStep,
  label: `operators of ${name}`,
  portSetting: `${settingPrefix(name)}_OPS_PORT`,
  orAnyFree: true,
});

/**
 * The n-th process listens 100 (n - 1) above the first, unless its own setting `NAME_n_PORT` says
 * otherwise. If the first gets a free port, so do the others.
 */
export function processesOf(named: Named, count: number): Processes {
  const { name, port, role } = named;
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const label = `${name}-${index + 2}`;
    const own = port === 0 ? 0 : port + portStep * (index + 1);
    return { ...firstOf({ name: label, port: own, ...(role && { role }) }), instance: label };
  });
  return [firstOf(named), ...others];
}

/**
 * Returns `count` processes for each role that the service has work for. The ports of each role are
 * 10 above those of the role before.
 */
export function splitProcessesOf({ name, port }: Named, count: number, readModels: boolean): Processes {
  const further: readonly Role[] = readModels ? ['worker', 'relay', 'projector'] : ['worker', 'relay'];
  const others = further.flatMap((role, index) => {
    const own = port === 0 ? 0 : port + rolePortStep * (index + 1);
    return processesOf({ name: `${name}-${role}`, port: own, role }, count);
  });
  const [first, ...replicas] = processesOf({ name, port, role: 'api' }, count);
  return [first, ...replicas, ...others];
}

import {
  alterConfigs,
  incrementalAlterConfigs,
  type IncrementalAlterConfigsRequest,
} from '../../protocol/apis/configs.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import {
  type ConfigChange,
  type ConfigsToChange,
  itemsOf,
  configResourceTypes,
} from '../configs/config-kinds.ts';
import { NamedItems, eachInTurn } from '../items-of-request.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';
import type { TopicConfigChanges } from '../configs/topic-configs.ts';

interface ResourceToAlter {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: ReadonlyArray<{ readonly name: string; readonly value: string | null }>;
}

interface Context {
  readonly changes: TopicConfigChanges;
  readonly services: BrokerServices;
  readonly validateOnly: boolean;
}

/** AlterConfigs: the given configs replace all that were set for the resource. */
export const alterConfigsHandler = (services: BrokerServices, changes: TopicConfigChanges) =>
  serve(alterConfigs, async ({ resources, validateOnly }) => ({
    responses: await alterAll(
      resources,
      ({ configs }) =>
        () =>
          new Map(configs.map(({ name, value }) => [name, given(name, value)])),
      {
        changes,
        services,
        validateOnly,
      },
    ),
  }));

type Operation = IncrementalAlterConfigsRequest['resources'][number]['configs'][number];

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/**
 * IncrementalAlterConfigs (KIP-339): changes each config by its operation, and for each resource
 * all configs or none. The changes are in force when it answers.
 */
export const incrementalAlterConfigsHandler = (services: BrokerServices, changes: TopicConfigChanges) =>
  serve(incrementalAlterConfigs, async ({ resources, validateOnly }) => ({
    responses: await alterAll(resources, (resource) => (target) => changed(target, resource.configs), {
      changes,
      services,
      validateOnly,
    }),
  }));

async function alterAll<Resource extends ResourceToAlter>(
  resources: readonly Resource[],
  changeOf: (resource: Resource) => ConfigChange,
  context: Context,
) {
  const named = new NamedItems<ResourceToAlter>(
    resources,
    ({ resourceType, resourceName }) => `${resourceType} ${resourceName}`,
  );
  return eachInTurn(resources, context.services, (resource) =>
    alter(resource, { named, change: changeOf(resource), context }),
  );
}

interface Alteration {
  readonly named: NamedItems<ResourceToAlter>;
  readonly change: ConfigChange;
  readonly context: Context;
}

async function alter(resource: ResourceToAlter, { named, change, context }: Alteration) {
  const { resourceType, resourceName } = resource;
  try {
    if (named.isRepeated(resource))
      throw new ProtocolError('INVALID_REQUEST', 'each resource may be named only once in a request');
    checkAlterable(resource);
    const changes = resourceType === configResourceTypes.broker ? context.services.configs : context.changes;
    await changes.apply(resourceName, change, context);
    return { errorCode: errorCodes.NONE, errorMessage: null, resourceType, resourceName };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      context.services.logger.error(
        { err: error, resourceType, resourceName },
        'configs could not be changed',
      );
    return { errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error), resourceType, resourceName };
  }
}

function checkAlterable({ resourceType, configs }: ResourceToAlter): void {
  if (new Set(configs.map(({ name }) => name)).size < configs.length)
    throw new ProtocolError('INVALID_REQUEST', 'each config may be named only once for a resource');
  if (resourceType === configResourceTypes.topic || resourceType === configResourceTypes.broker) return;
  const known = Object.entries(configResourceTypes).find(([, type]) => type === resourceType)?.[0];
  if (known === undefined)
    throw new ProtocolError('INVALID_REQUEST', `resource type ${resourceType} is unknown`);
  throw new ProtocolError('INVALID_REQUEST', `this broker has no configs of type ${known}`);
}

function given(name: string, value: string | null): string {
  if (value === null) throw new ProtocolError('INVALID_REQUEST', `${name} has no value: give one`);
  return value;
}

function changed(
  target: ConfigsToChange,
  operationsGiven: readonly Operation[],
): ReadonlyMap<string, string> {
  checkOperations(operationsGiven, target);
  const wanted = new Map(target.configs);
  for (const operation of operationsGiven) {
    const { name, configOperation } = operation;
    if (configOperation === operations.delete) wanted.delete(name);
    else wanted.set(name, valueAfter(operation, wanted.get(name) ?? target.defaultOf(name)));
  }
  return wanted;
}

const ofLists: readonly number[] = [operations.append, operations.subtract];

/**
 * Checks in the order of Apache Kafka: the values of all operations, then lists, then operation
 * codes.
 */
function checkOperations(all: readonly Operation[], { kindOf }: ConfigsToChange): void {
  for (const { name, configOperation, value } of all)
    if (configOperation !== operations.delete) given(name, value);
  for (const { name, configOperation } of all)
    if (ofLists.includes(configOperation) && kindOf(name)?.type !== 'list')
      throw new ProtocolError(
        'INVALID_CONFIG',
        `${name} is not a list: set it instead of appending or subtracting`,
      );
  for (const { configOperation } of all)
    if (!Object.values<number>(operations).includes(configOperation))
      throw new ProtocolError('INVALID_REQUEST', `operation ${configOperation} is unknown: give 0 to 3`);
}

function valueAfter({ name, configOperation, value }: Operation, current: string): string {
  const text = given(name, value);
  if (configOperation === operations.set) return text;
  const items = itemsOf(current);
  const named = itemsOf(text);
  if (configOperation === operations.subtract) return items.filter((item) => !named.includes(item)).join(',');
  // As in Apache Kafka, an empty text is an item too, which a list with other items rejects.
  const added = text === '' ? [text] : named;
  return [...items, ...added.filter((item) => !items.includes(item))].join(',');
}

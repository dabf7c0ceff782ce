/** The topic that a store is restored from. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

/** The name on the broker of a topic that belongs to the topology. */
export const internalTopic = (applicationId: string, name: string): string => `${applicationId}-${name}`;

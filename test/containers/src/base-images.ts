import { succeeds } from './run-command.ts';

/** The settings from which compose learns which base images to use. */
export type ImageSettings = Readonly<Record<'NODE_IMAGE' | 'POSTGRES_IMAGE' | 'KAFKA_IMAGE', string>>;

/** The defaults of docker-compose.yml. */
export const exactImages: ImageSettings = {
  NODE_IMAGE: 'docker.io/library/node:24.21.0-bookworm-slim',
  POSTGRES_IMAGE: 'docker.io/library/postgres:18.4',
  KAFKA_IMAGE: 'docker.io/apache/kafka:4.3.1',
};

/** Stand-ins on machines that cannot pull images. */
export const floatingImages: Partial<ImageSettings> = {
  NODE_IMAGE: 'docker.io/library/node:24-bookworm-slim',
  POSTGRES_IMAGE: 'docker.io/library/postgres:18',
};

/**
 * Uses the exact images, which the engine pulls, or a stand-in if the engine has only that.
 * Settings in the environment take precedence.
 */
export async function baseImages(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ImageSettings> {
  const has = (image: string) => succeeds('docker', ['image', 'inspect', image], { environment });
  const chosen = await Promise.all(
    Object.entries(exactImages).map(async ([name, exact]) => {
      const standIn = floatingImages[name as keyof ImageSettings];
      if (environment[name]) return [name, environment[name]];
      return [name, standIn !== undefined && !(await has(exact)) && (await has(standIn)) ? standIn : exact];
    }),
  );
  return Object.fromEntries(chosen) as ImageSettings;
}
